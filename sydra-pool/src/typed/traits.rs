//! What a `PoolBox` does as `Box` does: the traits it passes on to its value, and those that take a block.

use super::stored::{OneValue, Stored};
use super::{PoolBox, Pooled};
use crate::forwarding::forward_owned;
use core::mem::ManuallyDrop;
use core::ops::{Deref, DerefMut};

impl<T: ?Sized + Stored> Deref for PoolBox<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        self.value()
    }
}

impl<T: ?Sized + Stored> DerefMut for PoolBox<T> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut T {
        self.value_mut()
    }
}

forward_owned!(
    PoolBox<T>, T: [?Sized + Stored], iterators: [?Sized + Stored<__Rooms: OneValue>],
    and [] where []
);

impl<T: ?Sized + Stored<__Rooms: OneValue> + Iterator> PoolBox<T> {
    /// [`Iterator::last`], by the value's own if its type is known.
    fn last_of(this: Self) -> Option<T::Item> {
        let this = ManuallyDrop::new(this);
        // SAFETY: BOX-1; given up, unless it was not taken.
        match unsafe { T::__last(Self::start_of(&this)) } {
            Some(last) => last,
            None => ManuallyDrop::into_inner(this).fold(None, |_, item| Some(item)),
        }
    }
}

impl<T: Pooled + Clone> Clone for PoolBox<T> {
    /// Clones the value into a block of its own.
    #[inline]
    fn clone(&self) -> Self {
        Self::new_with(|| self.value().clone())
    }

    /// Clones into the block that is already there.
    #[inline]
    fn clone_from(&mut self, source: &Self) {
        self.value_mut().clone_from(source.value());
    }
}

impl<T: Pooled + Default> Default for PoolBox<T> {
    #[inline]
    fn default() -> Self {
        Self::new_with(T::default)
    }
}

impl<T: Pooled> From<T> for PoolBox<T> {
    #[inline]
    fn from(value: T) -> Self {
        Self::new(value)
    }
}

impl<T: Pooled> From<PoolBox<T>> for std::rc::Rc<T> {
    /// Moves the value to the heap and frees the block.
    fn from(boxed: PoolBox<T>) -> Self {
        Self::new(PoolBox::into_inner(boxed))
    }
}

impl<T: Pooled> From<PoolBox<T>> for std::sync::Arc<T> {
    /// Moves the value to the heap and frees the block.
    fn from(boxed: PoolBox<T>) -> Self {
        Self::new(PoolBox::into_inner(boxed))
    }
}
