//! Slices and strings in the pools of the size classes.
//!
//! A slice has no type of its own to make a pool for, and its length is known when the program runs: so
//! its blocks are those of the class that serves its layout, and runs of units beyond 32 KiB.
//! The pointer carries the length and with it the layout, so both ends work out the same route (`slice_room`).
//! Here is what a `PoolBox` of a slice does, and what any pointer does.

use super::pool_box::PoolBox;
use super::slice_room::{ByLayout, undropped};
use super::stored::Stored;
use crate::error::AllocError;
use core::mem::MaybeUninit;
use core::ptr::NonNull;
use std::string::String;
use std::vec::Vec;

pub(super) use super::slice_room::{SliceRoom, as_str};

// SAFETY: SLC-1; the layout tells the route, at both ends.
unsafe impl<T> Stored for [T] {
    type __Rooms = ByLayout;
}

// SAFETY: SLC-1; as for slices of bytes.
unsafe impl Stored for str {
    type __Rooms = ByLayout;
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
    /// [`Refusal::TooLarge`](crate::Refusal::TooLarge) if the slice would be larger than an address space,
    /// [`Refusal::OutOfMemory`](crate::Refusal::OutOfMemory) without memory.
    #[inline]
    pub fn try_new_uninit_slice(length: usize) -> Result<PoolBox<[MaybeUninit<T>]>, AllocError> {
        SliceRoom::<MaybeUninit<T>>::try_take(length, false)
            .map(|room| PoolBox::from_start(room.into_slice()))
            .map_err(|reason| AllocError::new((), reason))
    }

    /// Moves the elements to a vector and frees the room.
    pub fn into_vec(self) -> Vec<T> {
        let mut vector = Vec::<T>::with_capacity((*self).len());
        let elements = undropped(self);
        let from = elements.as_ptr().cast();
        // SAFETY: SLC-1; two allocations, each with room for so many elements.
        unsafe {
            vector
                .as_mut_ptr()
                .copy_from_nonoverlapping(from, elements.len())
        };
        // SAFETY: SLC-1; just moved there.
        unsafe { vector.set_len(elements.len()) };
        vector
    }
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
