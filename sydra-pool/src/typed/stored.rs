//! What an owning pointer can lead to, and how its room comes back.
//!
//! The type of a value tells everything (`Typed`), or has been forgotten for a trait object, and then
//! the address tells whose the room is (`Unknown`).
//!
//! # Invariants
//! - `STO-1`: a trait object in a pooled pointer was made of one of a sized type by
//!   [`coerce!`](crate::coerce), which called `forget`: so its room can be given back by
//!   address alone. `Stored` is implemented by this crate and its macros only.
//! - `HED-1`: a value that is counted lies `head_room` of its alignment behind the start of its block,
//!   and right before it a [`Head`], written when the value is and never changed but for the count.

use super::Pooled;
use crate::home::{Home, forget_type, give, give_empty, give_unknown};
use crate::pool::{CountRoom, Door, Head, Route, head_room};
use crate::space::SPACE;
use core::alloc::Layout;
use core::cell::UnsafeCell;
use core::marker::PhantomData;
use core::ptr::NonNull;

/// What a [`PoolBox`](crate::PoolBox) or a [`PoolArc`](crate::PoolArc) can own: any [`Pooled`] type,
/// slices, `str`, and trait objects that [`pooled_dyn!`](crate::pooled_dyn) names.
///
/// # Safety
/// Not to be implemented by hand, but by [`pooled_dyn!`](crate::pooled_dyn).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot live in a pool",
    label = "neither `Pooled` nor named by `pooled_dyn!`",
    note = "write `#[derive(Pooled)]` on the type, or on one of yours around it; for a trait object of a trait of yours, write \
            `sydra_pool::pooled_dyn!(dyn Trait);` beside the trait"
)]
pub unsafe trait Stored {
    /// How rooms come back.
    #[doc(hidden)]
    type __Rooms: Rooms;

    /// The pointer as the room was got, if it may have been narrowed.
    #[doc(hidden)]
    fn __rederive(start: NonNull<Self>) -> NonNull<Self> {
        start
    }

    /// The last item of an iterator, which is moved out of its room; `None` if it has no size that
    /// is known and stays where it is.
    ///
    /// # Safety
    /// The iterator is in a room that `__Rooms` takes back, and is the caller's to give up.
    #[doc(hidden)]
    #[inline]
    unsafe fn __last(_: NonNull<Self>) -> Option<Option<Self::Item>>
    where
        Self: Iterator,
    {
        None
    }
}

/// The layout of a value, which is not looked at: one that refers to itself, as futures do, has references
/// into it that no other may meet, not even a shared one. One to a cell claims nothing of its contents.
///
/// # Safety
/// The value was not freed yet, and if it is a trait object, the pointer's table is its type's.
#[inline(always)]
pub(super) unsafe fn layout_of<T: ?Sized>(start: NonNull<T>) -> Layout {
    let unseen = start.as_ptr() as *const UnsafeCell<T>;
    // SAFETY: STO-1; passed on to the caller; a cell has the layout of what is in it.
    Layout::for_value(unsafe { &*unseen })
}

/// How rooms come back, with and without a counter in front.
///
/// # Safety
/// Rooms go where they came from.
pub unsafe trait Rooms {
    /// Whether they go by address, for a type that was forgotten.
    const BY_ADDRESS: bool;
    /// Gives the room of one value back.
    ///
    /// # Safety
    /// It was got for a value of this layout by the same rules, and is not used again.
    unsafe fn give(start: NonNull<u8>, layout: Layout);
    /// The same for a room with a head in front of the value.
    ///
    /// # Safety
    /// As for [`give`](Self::give).
    unsafe fn give_counted(start: NonNull<u8>, layout: Layout);
    /// The type of the value is forgotten from now on.
    fn forget(start: NonNull<u8>);
}

/// Rooms of one value, not of a slice. A `PoolBox` of a value is an iterator if the value is; of a slice it
/// is none, whatever `core` may do, so that it can be turned into one.
pub trait OneValue: Rooms {}
impl<T: Pooled> OneValue for Typed<T> {}
impl OneValue for Unknown {}

/// By type.
#[derive(Debug)]
pub struct Typed<T>(PhantomData<fn() -> T>);

// SAFETY: PLD-1; the homes of the type.
unsafe impl<T: Pooled> Rooms for Typed<T> {
    const BY_ADDRESS: bool = false;
    #[inline(always)]
    unsafe fn give(start: NonNull<u8>, _: Layout) {
        // SAFETY: PLD-1; passed on to the caller.
        unsafe { give::<T::__Home>(start) }
    }
    #[inline(always)]
    unsafe fn give_counted(start: NonNull<u8>, _: Layout) {
        // SAFETY: HED-1; the block begins so far before its value.
        let block = unsafe { start.sub(head_room(align_of::<T>())) };
        // SAFETY: PLD-1; passed on to the caller.
        unsafe { give::<T::__CountedHome>(block) }
    }
    #[inline]
    fn forget(start: NonNull<u8>) {
        forget_type::<T::__Home>(start);
    }
}

// SAFETY: STO-1; a type with homes.
#[diagnostic::do_not_recommend]
unsafe impl<T: Pooled> Stored for T {
    type __Rooms = Typed<T>;

    #[inline(always)]
    fn __rederive(start: NonNull<T>) -> NonNull<T> {
        // The block will serve other owners.
        if const { matches!(<T::__Home as Home>::PLAN.route, Route::Pool) } {
            SPACE.window.rederive(start.cast()).cast()
        } else {
            start
        }
    }

    #[inline]
    unsafe fn __last(start: NonNull<T>) -> Option<Option<T::Item>>
    where
        T: Iterator,
    {
        // SAFETY: STO-1; passed on to the caller.
        let iterator = unsafe { start.read() };
        // SAFETY: PLD-1; the iterator has moved out.
        unsafe { give::<T::__Home>(start.cast()) };
        Some(iterator.last())
    }
}

/// By address.
#[derive(Debug)]
pub struct Unknown;

// SAFETY: STO-1; the slab or the book tells whose the room is.
unsafe impl Rooms for Unknown {
    const BY_ADDRESS: bool = true;
    #[inline]
    unsafe fn give(start: NonNull<u8>, layout: Layout) {
        if layout.size() == 0 {
            // SAFETY: STO-1; passed on to the caller.
            unsafe { give_empty(start) }
        } else {
            // SAFETY: STO-1; passed on to the caller.
            unsafe { give_unknown(start) }
        }
    }
    #[inline]
    unsafe fn give_counted(start: NonNull<u8>, layout: Layout) {
        // SAFETY: HED-1; the head lies right before the value.
        let head = unsafe { start.cast::<Head<CountRoom>>().sub(1) };
        // SAFETY: HED-1; written with the value; the door comes first.
        let door = unsafe { head.cast::<Door>().read() };
        // SAFETY: HED-1; the block begins so far before its value.
        let block = unsafe { start.sub(head_room(layout.align())) };
        // SAFETY: HED-1, PLD-1; the door of the home that the block came from.
        unsafe { door(block) }
    }
    fn forget(_: NonNull<u8>) {}
}
