//! The room of a value that is counted.

use super::super::Pooled;
use super::super::stored::{Rooms, Stored, layout_of};
use crate::error::Refusal;
use crate::home::{take, take_or_abort, take_slow};
use crate::pool::head_room;
use core::alloc::Layout;
use core::ptr::NonNull;

/// The room of a counted value: gives it back when dropped, also when the value's `drop` panics.
pub(super) struct CountedRoom<T: ?Sized + Stored> {
    /// Where the value is, or is to be.
    pub(super) start: NonNull<T>,
    /// Of the value.
    layout: Layout,
}

impl<T: Pooled> CountedRoom<T> {
    #[inline(always)]
    fn of(block: NonNull<u8>) -> Self {
        // SAFETY: HED-1, PLD-1; the block has room for a value this far from its start.
        let start = unsafe { block.add(head_room(align_of::<T>())) };
        Self {
            start: start.cast(),
            layout: Layout::new::<T>(),
        }
    }

    /// Room for one value; aborts without memory.
    #[inline(always)]
    pub(super) fn take() -> Self {
        Self::of(match take::<T::__CountedHome>() {
            Some(block) => block,
            None => take_or_abort::<T::__CountedHome>(),
        })
    }

    #[inline(always)]
    pub(super) fn try_take() -> Result<Self, Refusal> {
        Ok(Self::of(match take::<T::__CountedHome>() {
            Some(block) => block,
            None => take_slow::<T::__CountedHome>()?,
        }))
    }
}

impl<T: ?Sized + Stored> CountedRoom<T> {
    /// The room around a value.
    ///
    /// # Safety
    /// ARC-1; the value was not dropped yet.
    #[inline(always)]
    pub(super) unsafe fn around(start: NonNull<T>) -> Self {
        // SAFETY: ARC-1; passed on to the caller.
        let layout = unsafe { layout_of(start) };
        Self { start, layout }
    }
}

impl<T: ?Sized + Stored> Drop for CountedRoom<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: ARC-1; the room of a value that is gone, by whoever made this guard.
        unsafe { <T::__Rooms as Rooms>::give_counted(self.start.cast(), self.layout) };
    }
}
