//! Room for a slice: taken and given back by its layout, and filled.
//!
//! # Invariants
//! - `SLC-1`: a pooled slice without bytes has no room; any other has one that the class route gave for
//!   exactly its layout. A counted slice has one for its layout with a head in front. The length of a
//!   slice never changes.

use super::pool_box::PoolBox;
use super::stored::Rooms;
use crate::base::breach::breach;
use crate::class_route::{ClassRoute, Source};
use crate::config::DefaultConfig;
use crate::error::Refusal;
use crate::pool::{CountRoom, Head, head_room};
use core::alloc::Layout;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr::NonNull;
use std::vec::Vec;

type Route = ClassRoute<DefaultConfig>;

/// By layout.
#[derive(Debug)]
pub struct ByLayout;

/// The layout of a room for a slice of this layout, with a head in front or not.
///
/// `None` if it were larger than an address space.
fn room_layout(slice: Layout, counted: bool) -> Option<Layout> {
    if !counted {
        return Some(slice);
    }
    let align = slice.align().max(align_of::<Head<CountRoom>>());
    let size = slice.size().checked_add(head_room(slice.align()))?;
    Layout::from_size_align(size, align).ok()
}

// SAFETY: SLC-1; the class route takes back what it gave for the layout.
unsafe impl Rooms for ByLayout {
    const BY_ADDRESS: bool = false;

    #[inline]
    unsafe fn give(start: NonNull<u8>, layout: Layout) {
        if layout.size() != 0 {
            // SAFETY: RTE-1, SLC-1; passed on to the caller.
            unsafe { Route::give(start.as_ptr(), layout) };
        }
    }

    #[inline]
    unsafe fn give_counted(start: NonNull<u8>, layout: Layout) {
        let Some(room) = room_layout(layout, true) else {
            breach!("a slice larger than an address space");
        };
        // SAFETY: HED-1; the room begins so far before the slice.
        let start = unsafe { start.sub(head_room(layout.align())) };
        // SAFETY: RTE-1, SLC-1; passed on to the caller.
        unsafe { Route::give(start.as_ptr(), room) };
    }

    fn forget(_: NonNull<u8>) {}
}

/// Room for a slice, of which the first `filled` elements are there. When dropped, these are dropped
/// and the room is given back.
pub(super) struct SliceRoom<T> {
    start: NonNull<T>,
    length: usize,
    filled: usize,
    counted: bool,
}

impl<T> SliceRoom<T> {
    /// Room for `length` elements, with a head in front or not.
    pub(super) fn try_take(length: usize, counted: bool) -> Result<Self, Refusal> {
        let layout = Layout::array::<T>(length).map_err(|_| Refusal::TooLarge)?;
        let room = room_layout(layout, counted).ok_or(Refusal::TooLarge)?;
        let start = if room.size() == 0 {
            NonNull::dangling()
        } else {
            let block = NonNull::new(Route::take(room)).ok_or(Refusal::OutOfMemory)?;
            let ahead = if counted {
                head_room(layout.align())
            } else {
                0
            };
            // SAFETY: SLC-1; the room is so much larger than the slice.
            unsafe { block.add(ahead) }.cast()
        };
        Ok(Self {
            start,
            length,
            filled: 0,
            counted,
        })
    }

    /// The same, or the end.
    ///
    /// # Panics
    /// If the slice would be larger than an address space.
    pub(super) fn take(length: usize, counted: bool) -> Self {
        match Self::try_take(length, counted) {
            Ok(room) => room,
            Err(Refusal::TooLarge) => panic!("capacity overflow: {length} elements"),
            Err(_) => std::alloc::handle_alloc_error(
                Layout::array::<T>(length).unwrap_or(Layout::new::<T>()),
            ),
        }
    }

    /// Fills the room with as many elements as it is for.
    ///
    /// # Panics
    /// If there are fewer.
    pub(super) fn fill(mut self, elements: impl Iterator<Item = T>) -> Self {
        for element in elements.take(self.length) {
            // SAFETY: SLC-1; below the length.
            let place = unsafe { self.start.add(self.filled) };
            // SAFETY: SLC-1; within the room, and nothing is there yet.
            unsafe { place.write(element) };
            self.filled += 1;
        }
        assert_eq!(self.filled, self.length, "an iterator of another length");
        self
    }

    /// The elements of a vector, moved.
    pub(super) fn of_vec(vector: Vec<T>, counted: bool) -> NonNull<[T]> {
        Self::take(vector.len(), counted).fill_from(vector)
    }

    /// Moves the elements of a vector of the room's length.
    pub(super) fn fill_from(self, mut vector: Vec<T>) -> NonNull<[T]> {
        debug_assert_eq!(vector.len(), self.length);
        // SAFETY: SLC-1; the vector does not drop what moves.
        unsafe { vector.set_len(0) };
        // SAFETY: SLC-1; so many elements are there, and nobody's any more.
        unsafe { self.move_from(vector.as_ptr()) }
    }

    /// The elements of a box, moved; its room goes back.
    pub(super) fn of_box(slice: PoolBox<[T]>, counted: bool) -> NonNull<[T]> {
        let room = Self::take(slice.len(), counted);
        let elements = undropped(slice);
        // SAFETY: SLC-1; so many elements are there, and nobody's any more.
        unsafe { room.move_from(elements.as_ptr().cast()) }
    }

    /// Moves as many elements as the room is for.
    ///
    /// # Safety
    /// So many are there, in an allocation apart from this one, and nobody else uses or drops them.
    unsafe fn move_from(mut self, from: *const T) -> NonNull<[T]> {
        let to = self.start.as_ptr();
        // SAFETY: SLC-1; two allocations, each with room for so many elements.
        unsafe { to.copy_from_nonoverlapping(from, self.length) };
        self.filled = self.length;
        self.into_slice()
    }

    /// The elements of a slice, cloned.
    pub(super) fn of_slice(slice: &[T], counted: bool) -> NonNull<[T]>
    where
        T: Clone,
    {
        let room = Self::take(slice.len(), counted);
        room.fill(slice.iter().cloned()).into_slice()
    }

    /// The elements of an array, moved.
    pub(super) fn of_array<const N: usize>(array: [T; N], counted: bool) -> NonNull<[T]> {
        Self::take(N, counted).fill(array.into_iter()).into_slice()
    }

    /// Gives the slice out; the room is the caller's to give back.
    pub(super) fn into_slice(self) -> NonNull<[T]> {
        let this = ManuallyDrop::new(self);
        NonNull::slice_from_raw_parts(this.start, this.length)
    }
}

impl<T> Drop for SliceRoom<T> {
    fn drop(&mut self) {
        let slice = NonNull::slice_from_raw_parts(self.start, self.filled);
        // SAFETY: SLC-1; so many elements are there, and nobody else has them.
        unsafe { slice.drop_in_place() };
        let Ok(layout) = Layout::array::<T>(self.length) else {
            return;
        };
        let start = self.start.cast();
        if self.counted {
            // SAFETY: SLC-1; taken for this layout.
            unsafe { ByLayout::give_counted(start, layout) };
        } else {
            // SAFETY: SLC-1; taken for this layout.
            unsafe { ByLayout::give(start, layout) };
        }
    }
}

/// A string as its bytes, and back.
///
/// # Safety
/// The bytes are UTF-8.
pub(super) unsafe fn as_str(bytes: NonNull<[u8]>) -> NonNull<str> {
    // SAFETY: SLC-1; the same address, which is not null.
    unsafe { NonNull::new_unchecked(bytes.as_ptr() as *mut str) }
}

/// The elements of a slice as nobody's to drop; the room goes with what is returned.
pub(super) fn undropped<T>(slice: PoolBox<[T]>) -> PoolBox<[MaybeUninit<T>]> {
    let start = PoolBox::into_non_null(slice);
    // SAFETY: SLC-1; `MaybeUninit` has the same layout and drops nothing.
    unsafe { PoolBox::from_non_null(NonNull::slice_from_raw_parts(start.cast(), start.len())) }
}
