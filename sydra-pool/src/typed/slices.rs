//! Slices and strings in the pools of the size classes.
//!
//! A slice has no type of its own to make a pool for, and its length is known when the program runs: so
//! its blocks are those of the class that serves its layout, and the backing allocator's beyond 32 KiB.
//! The pointer carries the length and with it the layout, so both ends work out the same route.
//!
//! # Invariants
//! - `SLC-1`: a pooled slice without bytes has no room; any other has one that the class route gave for
//!   exactly its layout. A counted slice has one for its layout with a head in front. The length of a
//!   slice never changes.

use super::pool_box::PoolBox;
use super::stored::{Rooms, Stored};
use crate::base::breach::breach;
use crate::class_route::{ClassRoute, Source};
use crate::config::DefaultConfig;
use crate::error::{AllocError, Refusal};
use crate::pool::{CountRoom, Head, head_room};
use core::alloc::Layout;
use core::mem::{ManuallyDrop, MaybeUninit};
use core::ptr::NonNull;
use std::string::String;
use std::vec::Vec;

type Route = ClassRoute<DefaultConfig>;

/// By layout.
#[derive(Debug)]
pub struct ByLayout;

// SAFETY: SLC-1; the layout tells the route, at both ends.
unsafe impl<T> Stored for [T] {
    type __Rooms = ByLayout;
}

// SAFETY: SLC-1; as for slices of bytes.
unsafe impl Stored for str {
    type __Rooms = ByLayout;
}

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
        let mut room = self;
        debug_assert_eq!(vector.len(), room.length);
        let from = vector.as_ptr();
        // SAFETY: SLC-1; the vector does not drop what has moved.
        unsafe { vector.set_len(0) };
        // SAFETY: SLC-1; two allocations, each with room for so many elements.
        unsafe {
            room.start
                .as_ptr()
                .copy_from_nonoverlapping(from, room.length)
        };
        room.filled = room.length;
        room.into_slice()
    }

    /// The elements of a box, moved; its room goes back.
    pub(super) fn of_box(slice: PoolBox<[T]>, counted: bool) -> NonNull<[T]> {
        let mut room = Self::take(slice.len(), counted);
        let from = PoolBox::into_non_null(slice);
        // The room goes, its elements do not.
        // SAFETY: SLC-1; `MaybeUninit` has the same layout and drops nothing.
        let _emptied = unsafe { PoolBox::from_non_null(uninit(from)) };
        let from = from.cast::<T>().as_ptr();
        // SAFETY: SLC-1; two rooms, each for so many elements.
        unsafe {
            room.start
                .as_ptr()
                .copy_from_nonoverlapping(from, room.length)
        };
        room.filled = room.length;
        room.into_slice()
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

impl<T> PoolBox<[T]> {
    /// A slice of so many elements that are not initialised yet.
    ///
    /// ```
    /// use sydra_pool::PoolBox;
    ///
    /// let mut squares = PoolBox::<[u64]>::new_uninit_slice(10);
    /// for (n, place) in squares.iter_mut().enumerate() {
    ///     place.write(n as u64 * n as u64);
    /// }
    /// // SAFETY: all of them have just been written.
    /// let squares = unsafe { squares.assume_init() };
    /// assert_eq!(squares[9], 81);
    /// ```
    ///
    /// Time: as for [`PoolBox::new`], in the pool of the class that serves the layout.
    ///
    /// # Panics
    /// If the slice would be larger than an address space. Out of memory aborts.
    #[inline]
    pub fn new_uninit_slice(length: usize) -> PoolBox<[MaybeUninit<T>]> {
        PoolBox::from_start(SliceRoom::<MaybeUninit<T>>::take(length, false).into_slice())
    }

    /// The same, or the reason why there is no room.
    ///
    /// # Errors
    /// [`Refusal::TooLarge`] if the slice would be larger than an address space,
    /// [`Refusal::OutOfMemory`] without memory.
    #[inline]
    pub fn try_new_uninit_slice(length: usize) -> Result<PoolBox<[MaybeUninit<T>]>, AllocError> {
        SliceRoom::<MaybeUninit<T>>::try_take(length, false)
            .map(|room| PoolBox::from_start(room.into_slice()))
            .map_err(|reason| AllocError::new((), reason))
    }

    /// Moves the elements to a vector and frees the room.
    pub fn into_vec(self) -> Vec<T> {
        let mut vector = Vec::<T>::with_capacity((*self).len());
        let slice = PoolBox::into_non_null(self);
        let elements = slice.cast::<T>().as_ptr();
        // The room goes, its elements do not.
        // SAFETY: SLC-1; `MaybeUninit` has the same layout and drops nothing.
        let room = unsafe { PoolBox::from_non_null(uninit(slice)) };
        // SAFETY: SLC-1; two allocations, each with room for so many elements.
        unsafe {
            vector
                .as_mut_ptr()
                .copy_from_nonoverlapping(elements, room.len())
        };
        // SAFETY: SLC-1; just moved there.
        unsafe { vector.set_len(room.len()) };
        vector
    }
}

fn uninit<T>(slice: NonNull<[T]>) -> NonNull<[MaybeUninit<T>]> {
    NonNull::slice_from_raw_parts(slice.cast(), slice.len())
}

impl<T> PoolBox<[MaybeUninit<T>]> {
    /// Makes the slice one of `T`.
    ///
    /// # Safety
    /// All elements are initialised.
    #[inline]
    pub unsafe fn assume_init(self) -> PoolBox<[T]> {
        let slice = PoolBox::into_non_null(self);
        PoolBox::from_start(NonNull::slice_from_raw_parts(slice.cast(), slice.len()))
    }
}

impl<T: Clone> Clone for PoolBox<[T]> {
    fn clone(&self) -> Self {
        Self::from(&**self)
    }
}

impl Clone for PoolBox<str> {
    fn clone(&self) -> Self {
        Self::from(&**self)
    }
}

impl<T> From<PoolBox<[T]>> for Vec<T> {
    fn from(slice: PoolBox<[T]>) -> Self {
        slice.into_vec()
    }
}

impl From<PoolBox<str>> for PoolBox<[u8]> {
    /// The bytes of a string, in its room.
    fn from(text: PoolBox<str>) -> Self {
        let bytes = PoolBox::into_raw(text) as *mut [u8];
        // SAFETY: SLC-1; the same room, of the same layout.
        unsafe { PoolBox::from_raw(bytes) }
    }
}

impl From<PoolBox<str>> for String {
    fn from(text: PoolBox<str>) -> Self {
        Self::from(&*text)
    }
}

/// Slices and strings for a pointer, made by `$make` of what a `SliceRoom` gave out.
macro_rules! slices {
    ($name:ident, counted: $counted:expr, $make:path) => {
        impl<T: Clone> From<&[T]> for $name<[T]> {
            /// Clones the elements into a room of the class that serves the slice.
            fn from(slice: &[T]) -> Self {
                $make(SliceRoom::of_slice(slice, $counted))
            }
        }

        impl<T, const N: usize> From<[T; N]> for $name<[T]> {
            fn from(array: [T; N]) -> Self {
                $make(SliceRoom::of_array(array, $counted))
            }
        }

        impl<T> From<std::vec::Vec<T>> for $name<[T]> {
            /// Moves the elements; the vector's memory goes back to the heap.
            fn from(vector: std::vec::Vec<T>) -> Self {
                $make(SliceRoom::of_vec(vector, $counted))
            }
        }

        impl<T> FromIterator<T> for $name<[T]> {
            /// Gathers the elements in a vector first, as their number is not known before.
            fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
                Self::from(elements.into_iter().collect::<std::vec::Vec<T>>())
            }
        }

        impl<T> Default for $name<[T]> {
            /// An empty slice.
            fn default() -> Self {
                Self::from([])
            }
        }

        impl From<&str> for $name<str> {
            fn from(text: &str) -> Self {
                let bytes = SliceRoom::of_slice(text.as_bytes(), $counted);
                // SAFETY: SLC-1; the bytes of a string.
                $make(unsafe { as_str(bytes) })
            }
        }

        impl From<std::string::String> for $name<str> {
            fn from(text: std::string::String) -> Self {
                Self::from(text.as_str())
            }
        }

        impl Default for $name<str> {
            /// An empty string.
            fn default() -> Self {
                Self::from("")
            }
        }

        impl FromIterator<char> for $name<str> {
            fn from_iter<I: IntoIterator<Item = char>>(characters: I) -> Self {
                let text: std::string::String = characters.into_iter().collect();
                Self::from(text)
            }
        }

        impl<'a> FromIterator<&'a str> for $name<str> {
            fn from_iter<I: IntoIterator<Item = &'a str>>(pieces: I) -> Self {
                let text: std::string::String = pieces.into_iter().collect();
                Self::from(text)
            }
        }
    };
}
pub(super) use slices;

/// The same for those who must not abort: what is read from outside.
#[cfg(feature = "serde")]
macro_rules! fallible_slices {
    ($name:ident, counted: $counted:expr, $make:path) => {
        impl<T> $name<[T]> {
            /// The elements of a vector, moved, or the vector back.
            pub(crate) fn try_from_vec(
                vector: std::vec::Vec<T>,
            ) -> Result<Self, AllocError<std::vec::Vec<T>>> {
                match SliceRoom::try_take(vector.len(), $counted) {
                    Ok(room) => Ok($make(room.fill_from(vector))),
                    Err(reason) => Err(AllocError::new(vector, reason)),
                }
            }
        }

        impl $name<str> {
            /// A copy of a string.
            pub(crate) fn try_from_str(text: &str) -> Result<Self, AllocError> {
                let room = SliceRoom::try_take(text.len(), $counted)
                    .map_err(|reason| AllocError::new((), reason))?;
                let bytes = room.fill(text.bytes()).into_slice();
                // SAFETY: SLC-1; the bytes of a string.
                Ok($make(unsafe { as_str(bytes) }))
            }
        }
    };
}
#[cfg(feature = "serde")]
pub(super) use fallible_slices;

slices!(PoolBox, counted: false, PoolBox::from_start);
#[cfg(feature = "serde")]
fallible_slices!(PoolBox, counted: false, PoolBox::from_start);
