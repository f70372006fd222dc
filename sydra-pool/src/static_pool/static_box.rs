//! `StaticBox`: an owning pointer to a block of a fixed pool.

use super::slot::{Alignment, BlockAlignment, Slot};
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::ptr::NonNull;

/// A value in a block of a [`StaticPool`](crate::StaticPool), owned like a `Box`.
///
/// One word wide, with a niche, `Send` and `Sync` if `T` is. Dropping it, in any thread, gives the block back to the pool it is
/// from, also when the value's `drop` panics. `ALIGN` is the pool's: with it and the type, the way from a block to its pool is a
/// constant.
///
/// Like `Box`'s, the functions that could clash with methods of `T` are associated functions.
///
/// ```
/// use sydra_pool::{StaticBox, StaticPool};
///
/// static LINES: StaticPool<[u64; 4], 32, 64> = StaticPool::new();
///
/// let line: StaticBox<[u64; 4], 64> = LINES.try_box([1, 2, 3, 4]).expect("the first of 32");
/// assert_eq!(StaticBox::as_ptr(&line).addr() % 64, 0);
/// assert_eq!(size_of::<Option<StaticBox<[u64; 4], 64>>>(), size_of::<usize>());
/// assert_eq!(StaticBox::into_inner(line), [1, 2, 3, 4]);
/// ```
///
/// # Invariants
/// - `STB-1`: `start` came from `take` of a pool with this `T` and `ALIGN`, may be used for all of that pool, holds an
///   initialised `T`, and this value alone owns it.
#[repr(transparent)]
pub struct StaticBox<T, const ALIGN: usize = 1>
where
    Alignment<ALIGN>: BlockAlignment,
{
    start: NonNull<T>,
    owns: PhantomData<T>,
}

// SAFETY: STB-1; the value is owned, as in a `Box`, and blocks may be given back by any thread.
unsafe impl<T: Send, const ALIGN: usize> Send for StaticBox<T, ALIGN> where
    Alignment<ALIGN>: BlockAlignment
{
}
// SAFETY: STB-1; shared access reaches the value only, as in a `Box`.
unsafe impl<T: Sync, const ALIGN: usize> Sync for StaticBox<T, ALIGN> where
    Alignment<ALIGN>: BlockAlignment
{
}

/// Gives the block back when dropped, also when the value's own `drop` panics.
pub(super) struct Room<T, const ALIGN: usize>(pub(super) NonNull<T>)
where
    Alignment<ALIGN>: BlockAlignment;

impl<T, const ALIGN: usize> Drop for Room<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: STB-1; taken from such a pool, and whoever made this guard gave it up.
        unsafe { Slot::<T, ALIGN>::give(self.0) };
    }
}

impl<T, const ALIGN: usize> Drop for StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    #[inline(always)]
    fn drop(&mut self) {
        let room = Room::<T, ALIGN>(self.start);
        // SAFETY: STB-1; the value is initialised and ours; it is dropped once, here.
        unsafe { room.0.drop_in_place() };
    }
}

impl<T, const ALIGN: usize> StaticBox<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    /// Makes a box of a room that holds an initialised value.
    #[inline(always)]
    pub(super) fn of(room: Room<T, ALIGN>) -> Self {
        let start = ManuallyDrop::new(room).0;
        Self {
            start,
            owns: PhantomData,
        }
    }

    /// Moves the value out and gives the block back.
    #[inline]
    pub fn into_inner(this: Self) -> T {
        let room = Room::<T, ALIGN>(ManuallyDrop::new(this).start);
        // SAFETY: STB-1; initialised and ours; the room is given back without dropping it.
        unsafe { room.0.read() }
    }

    /// Pins a box.
    pub fn into_pin(this: Self) -> Pin<Self> {
        // SAFETY: STB-1; the value moves only when the box is taken apart, which `Pin` forbids; moving the box moves the
        // pointer alone.
        unsafe { Pin::new_unchecked(this) }
    }

    /// Gives the pointer out; the block stays in use unless [`from_raw`](Self::from_raw) takes it back.
    #[inline]
    pub fn into_raw(this: Self) -> *mut T {
        Self::into_non_null(this).as_ptr()
    }

    /// Takes back what [`into_raw`](Self::into_raw) gave out, in any thread.
    ///
    /// # Safety
    /// `raw` is what `into_raw` (or [`into_non_null`](Self::into_non_null)) of a `StaticBox` with this `T` and `ALIGN` returned,
    /// or a copy of it, and nobody else takes it back. A pointer made of a reference to the value will not do, nor one from
    /// [`leak`](Self::leak): it may be used for the value only, and the way from a block to its pool leads out of the value.
    #[inline]
    pub unsafe fn from_raw(raw: *mut T) -> Self {
        // SAFETY: STB-1; promised by the caller, and boxes are never null.
        let start = unsafe { NonNull::new_unchecked(raw) };
        // SAFETY: STB-1; passed on to the caller.
        unsafe { Self::from_non_null(start) }
    }

    /// As [`into_raw`](Self::into_raw), with a pointer that is known not to be null.
    #[inline]
    pub fn into_non_null(this: Self) -> NonNull<T> {
        ManuallyDrop::new(this).start
    }

    /// As [`from_raw`](Self::from_raw).
    ///
    /// # Safety
    /// As for [`from_raw`](Self::from_raw).
    #[inline]
    pub unsafe fn from_non_null(start: NonNull<T>) -> Self {
        Self {
            start,
            owns: PhantomData,
        }
    }

    /// Gives the value up for good and returns a reference to it. The block stays in use for ever: unlike a `Box`'s, the
    /// reference cannot be turned back, see [`from_raw`](Self::from_raw).
    #[inline]
    pub fn leak<'a>(this: Self) -> &'a mut T
    where
        T: 'a,
    {
        let mut start = ManuallyDrop::new(this).start;
        // SAFETY: STB-1; initialised, and nobody gives it back any more.
        unsafe { start.as_mut() }
    }

    /// A pointer to the value, valid as long as the box is not moved out of or dropped.
    #[inline]
    pub fn as_ptr(this: &Self) -> *const T {
        this.start.as_ptr()
    }

    /// A pointer to the value that may be written through.
    #[inline]
    pub fn as_mut_ptr(this: &mut Self) -> *mut T {
        this.start.as_ptr()
    }

    #[inline(always)]
    pub(super) fn value(&self) -> &T {
        // SAFETY: STB-1; initialised and ours, borrowed as long as the box is.
        unsafe { self.start.as_ref() }
    }

    #[inline(always)]
    pub(super) fn value_mut(&mut self) -> &mut T {
        // SAFETY: STB-1; initialised and ours, borrowed mutably as long as the box is.
        unsafe { self.start.as_mut() }
    }
}
