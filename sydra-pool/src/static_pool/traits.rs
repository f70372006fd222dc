//! The traits a `StaticBox` passes on to its value, as `Box` does.

use super::slot::{Alignment, BlockAlignment};
use super::static_box::StaticBox;
use crate::forwarding::forward_owned;
use core::ops::{Deref, DerefMut};

impl<T, const ALIGN: usize> Deref for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        self.value()
    }
}

impl<T, const ALIGN: usize> DerefMut for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        self.value_mut()
    }
}

forward_owned!(
    StaticBox<T, ALIGN>, T: [Sized], iterators: [Sized],
    and [const ALIGN: usize] where [Alignment<ALIGN>: BlockAlignment]
);

impl<T: Iterator, const ALIGN: usize> StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    /// [`Iterator::last`], of the value taken out.
    fn last_of(this: Self) -> Option<T::Item> {
        Self::into_inner(this).last()
    }
}
