//! `PoolBox`: an owning pointer, like `Box`, whose memory comes from the type's pool.

use super::Pooled;
use super::stored::{Rooms, Stored, layout_of};
use crate::error::AllocError;
use crate::home::{take, take_or_abort, take_slow};
use core::alloc::Layout;
use core::marker::PhantomData;
use core::mem::ManuallyDrop;
use core::pin::Pin;
use core::ptr::NonNull;

/// A value in its type's pool, owned like a `Box`.
///
/// One word wide, with a niche (`Option<PoolBox<T>>` is one word too), `Send` and `Sync` if `T` is.
/// Dropping it in any thread gives the block to that thread's magazine, whichever thread allocated
/// it; a full magazine passes half of its blocks on to the thread's shard, under a lock.
///
/// Like `Box`'s, the functions that could clash with methods of `T` are associated functions. `T` may
/// also be a slice or `str` (made by `from` and `collect`), or a trait object (made by
/// [`coerce!`](crate::coerce)); see [`Stored`]. What only the compiler can give to a `Box` is missing:
/// coercion without a macro, moving out by `*boxed` (see [`into_inner`](Self::into_inner)), and the drop
/// check that lets a value outlive what it borrows.
///
/// ```
/// use sydra_pool::{PoolBox, Pooled};
///
/// #[derive(Pooled, Debug, PartialEq)]
/// struct Order {
///     id: u64,
///     price: i64,
/// }
/// let mut order = PoolBox::new(Order { id: 7, price: 100 });
/// order.price += 5;
/// assert_eq!(*order, Order { id: 7, price: 105 });
/// assert_eq!(PoolBox::into_inner(order).price, 105);
/// ```
///
/// # Invariants
/// - `BOX-1`: `start` came from `take::<T>()` or its slow forms, and this value alone owns it;
///   except in a `PoolBox<MaybeUninit<_>>`, it holds an initialised `T`.
#[repr(transparent)]
pub struct PoolBox<T: ?Sized + Stored> {
    start: NonNull<T>,
    owns: PhantomData<T>,
}

// SAFETY: BOX-1; the value is owned, as in a `Box`, and blocks may be freed by any thread.
unsafe impl<T: ?Sized + Stored + Send> Send for PoolBox<T> {}
// SAFETY: BOX-1; shared access reaches the value only, as in a `Box`.
unsafe impl<T: ?Sized + Stored + Sync> Sync for PoolBox<T> {}

/// Gives the block back when dropped, also when the value's own `drop` panics.
pub(super) struct Room<T: ?Sized + Stored> {
    pub(super) start: NonNull<T>,
    /// Of the value.
    layout: Layout,
}

impl<T: Pooled> Room<T> {
    #[inline(always)]
    pub(super) fn new(start: NonNull<T>) -> Self {
        let layout = Layout::new::<T>();
        Self { start, layout }
    }

    /// Room for one value; aborts without memory.
    #[inline(always)]
    fn take() -> Self {
        let start = match take::<T::__Home>() {
            Some(start) => start,
            None => take_or_abort::<T::__Home>(),
        };
        Self::new(start.cast())
    }
}

impl<T: ?Sized + Stored> Drop for Room<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: BOX-1; the room was taken for a `T`, and whoever made this guard gave it up.
        unsafe { <T::__Rooms as Rooms>::give(self.start.cast(), self.layout) };
    }
}

impl<T: ?Sized + Stored> Drop for PoolBox<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: BOX-1; the value is there.
        let layout = unsafe { layout_of(self.start) };
        let room = Room {
            start: self.start,
            layout,
        };
        // SAFETY: BOX-1; the value is initialised and ours; it is dropped once, here.
        unsafe { room.start.drop_in_place() };
    }
}

impl<T: Pooled> PoolBox<T> {
    /// Makes a box of a room that holds an initialised value.
    #[inline(always)]
    pub(super) fn of(room: Room<T>) -> Self {
        let start = ManuallyDrop::new(room).start;
        Self {
            start,
            owns: PhantomData,
        }
    }

    /// Moves `value` into the pool.
    ///
    /// Pops a block from the thread's magazine, in constant time. An empty magazine first fetches a
    /// batch: time in proportion to the batch, under a lock, at worst with system calls.
    ///
    /// # Panics
    /// Never. If there is no memory (or the pool has none, and the type says `fallback = "none"`),
    /// it calls [`std::alloc::handle_alloc_error`], which aborts; if all blocks of a type with `capacity`
    /// are in use, it aborts with a message; see [`try_new`](Self::try_new).
    #[inline(always)]
    pub fn new(value: T) -> Self {
        let start = match take::<T::__Home>() {
            Some(start) => start.cast::<T>(),
            None => take_or_abort::<T::__Home>().cast(),
        };
        // SAFETY: BOX-1; room for a `T` that is ours.
        unsafe { start.write(value) };
        Self {
            start,
            owns: PhantomData,
        }
    }

    /// Moves `value` into the pool, or gives it back with the reason.
    ///
    /// # Errors
    /// [`AllocError`] when there is no memory, or none for the pool and the fallback is off, or when all
    /// blocks of a type with `capacity` are in use. (A type
    /// that does not fit a pool lives in the backing allocator; `fallback = "none"` on it is a
    /// compile error.)
    #[inline(always)]
    pub fn try_new(value: T) -> Result<Self, AllocError<T>> {
        let start = match take::<T::__Home>() {
            Some(start) => start.cast::<T>(),
            None => match take_slow::<T::__Home>() {
                Ok(start) => start.cast(),
                Err(reason) => return Err(AllocError::new(value, reason)),
            },
        };
        // SAFETY: BOX-1; room for a `T` that is ours.
        unsafe { start.write(value) };
        Ok(Self {
            start,
            owns: PhantomData,
        })
    }

    /// Makes the value in its place: the block is taken first, then `make` is called, and its
    /// result is written without a detour if the optimiser sees through the call. If `make` panics
    /// the block goes back. Out of memory aborts, as in [`new`](Self::new).
    #[inline]
    pub fn new_with(make: impl FnOnce() -> T) -> Self {
        let room = Room::<T>::take();
        // SAFETY: BOX-1; room for a `T` that is ours.
        unsafe { room.start.write(make()) };
        Self::of(room)
    }

    /// As [`new_with`](Self::new_with); gives `make` back, uncalled, if there is no memory.
    ///
    /// # Errors
    /// As for [`try_new`](Self::try_new).
    #[inline]
    pub fn try_new_with<F: FnOnce() -> T>(make: F) -> Result<Self, AllocError<F>> {
        let room = Room::<T>::new(match take::<T::__Home>() {
            Some(start) => start.cast(),
            None => match take_slow::<T::__Home>() {
                Ok(start) => start.cast(),
                Err(reason) => return Err(AllocError::new(make, reason)),
            },
        });
        // SAFETY: BOX-1; room for a `T` that is ours.
        unsafe { room.start.write(make()) };
        Ok(Self::of(room))
    }

    /// Moves `value` into the pool and pins it there.
    #[inline(always)]
    pub fn pin(value: T) -> Pin<Self> {
        Self::into_pin(Self::new(value))
    }

    /// As [`pin`](Self::pin), or the value back with the reason.
    ///
    /// # Errors
    /// As for [`try_new`](Self::try_new).
    #[inline(always)]
    pub fn try_pin(value: T) -> Result<Pin<Self>, AllocError<T>> {
        Self::try_new(value).map(Self::into_pin)
    }

    /// Moves the value out and frees the block.
    #[inline]
    pub fn into_inner(this: Self) -> T {
        let room = Room::new(ManuallyDrop::new(this).start);
        // SAFETY: BOX-1; initialised and ours; the room is given back without dropping it.
        unsafe { room.start.read() }
    }
}

impl<T: ?Sized + Stored> PoolBox<T> {
    /// Pins a box.
    pub fn into_pin(this: Self) -> Pin<Self> {
        // SAFETY: BOX-1; the value moves only when the box is taken apart, which `Pin` forbids;
        // moving the box moves the pointer alone.
        unsafe { Pin::new_unchecked(this) }
    }

    /// Gives the pointer out; the value leaks unless [`from_raw`](Self::from_raw) takes it back.
    #[inline]
    pub fn into_raw(this: Self) -> *mut T {
        Self::into_non_null(this).as_ptr()
    }

    /// Takes back what [`into_raw`](Self::into_raw) gave out, in any thread.
    ///
    /// # Safety
    /// `raw` came from `into_raw` (or [`into_non_null`](Self::into_non_null), [`leak`](Self::leak))
    /// of a `PoolBox<T>` of this very type, and nobody else takes it back.
    #[inline]
    pub unsafe fn from_raw(raw: *mut T) -> Self {
        // SAFETY: BOX-1; promised by the caller, and boxes are never null.
        let start = unsafe { NonNull::new_unchecked(raw) };
        // SAFETY: BOX-1; passed on to the caller.
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
        // It may have gone through a reference (`leak`), which narrows what it may be used for.
        let start = T::__rederive(start);
        Self {
            start,
            owns: PhantomData,
        }
    }

    /// Gives the value up for good and returns a reference to it.
    #[inline]
    pub fn leak<'a>(this: Self) -> &'a mut T
    where
        T: 'a,
    {
        let mut start = ManuallyDrop::new(this).start;
        // SAFETY: BOX-1; initialised, and nobody frees it any more.
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

    /// The box of a value whose room is given up to it (BOX-1).
    #[inline(always)]
    pub(super) fn from_start(start: NonNull<T>) -> Self {
        Self {
            start,
            owns: PhantomData,
        }
    }

    #[inline(always)]
    pub(super) fn start_of(this: &Self) -> NonNull<T> {
        this.start
    }

    #[inline(always)]
    pub(super) fn value(&self) -> &T {
        // SAFETY: BOX-1; initialised and ours, borrowed as long as the box is.
        unsafe { self.start.as_ref() }
    }

    #[inline(always)]
    pub(super) fn value_mut(&mut self) -> &mut T {
        // SAFETY: BOX-1; initialised and ours, borrowed mutably as long as the box is.
        unsafe { self.start.as_mut() }
    }
}
