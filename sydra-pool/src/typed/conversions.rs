//! Slices and strings from one owner to another: what `std`'s owning pointers convert among themselves.
//!
//! Of what has its elements elsewhere on the heap only these move; what has only a view is cloned.
//!
//! # Not here
//! How a room is got and filled (`slices`).

use super::Pooled;
use super::counting::{PoolArc, PoolRc};
use super::pool_box::PoolBox;
use super::slices::SliceRoom;
use core::mem::MaybeUninit;
use core::slice::{Iter, IterMut};
use std::borrow::Cow;
use std::boxed::Box;
use std::string::String;
use std::vec::{IntoIter, Vec};

macro_rules! conversions {
    ($($name:ident)*) => {$(
        impl<T: Pooled> From<Box<T>> for $name<T> {
            /// Moves the value into its pool; the box's memory goes back to the heap.
            #[inline]
            fn from(boxed: Box<T>) -> Self {
                Self::new(*boxed)
            }
        }

        impl<T> From<Box<[T]>> for $name<[T]> {
            /// Moves the elements; the box's memory goes back to the heap.
            fn from(slice: Box<[T]>) -> Self {
                Self::from(slice.into_vec())
            }
        }

        impl From<Box<str>> for $name<str> {
            fn from(text: Box<str>) -> Self {
                Self::from(&*text)
            }
        }

        impl<T: Clone> From<Cow<'_, [T]>> for $name<[T]> {
            /// Clones what is borrowed and moves what is owned.
            fn from(slice: Cow<'_, [T]>) -> Self {
                match slice {
                    Cow::Borrowed(slice) => Self::from(slice),
                    Cow::Owned(vector) => Self::from(vector),
                }
            }
        }

        impl From<Cow<'_, str>> for $name<str> {
            fn from(text: Cow<'_, str>) -> Self {
                Self::from(&*text)
            }
        }

        impl<T: Clone> From<&mut [T]> for $name<[T]> {
            fn from(slice: &mut [T]) -> Self {
                Self::from(&*slice)
            }
        }

        impl From<&mut str> for $name<str> {
            fn from(text: &mut str) -> Self {
                Self::from(&*text)
            }
        }

        conversions!(@pieces $name: &'a char, String, Box<str>, Cow<'a, str>);
    )*};
    (@pieces $name:ident: $($piece:ty),*) => {$(
        impl<'a> FromIterator<$piece> for $name<str> {
            fn from_iter<I: IntoIterator<Item = $piece>>(pieces: I) -> Self {
                Self::from(pieces.into_iter().collect::<String>())
            }
        }
    )*};
}
conversions!(PoolBox PoolArc PoolRc);

macro_rules! from_boxes {
    ($($name:ident)*) => {$(
        impl<T> From<PoolBox<[T]>> for $name<[T]> {
            /// Moves the elements to a room with a counter.
            fn from(slice: PoolBox<[T]>) -> Self {
                Self::from_slice(SliceRoom::of_box(slice, true))
            }
        }

        impl From<PoolBox<str>> for $name<str> {
            /// Copies the text to a room with a counter.
            fn from(text: PoolBox<str>) -> Self {
                Self::from(&*text)
            }
        }
    )*};
}
from_boxes!(PoolArc PoolRc);

impl PoolBox<str> {
    /// Copies the text to a string and frees the room.
    pub fn into_string(self) -> String {
        String::from(self)
    }
}

impl<T> PoolBox<[T]> {
    /// A slice of so many elements, every byte of which is zero.
    ///
    /// ```
    /// use sydra_pool::PoolBox;
    ///
    /// // SAFETY: zero is a number.
    /// let zeros = unsafe { PoolBox::<[u64]>::new_zeroed_slice(3).assume_init() };
    /// assert_eq!(*zeros, [0; 3]);
    /// ```
    ///
    /// Time: a pass over the slice, always.
    ///
    /// # Panics
    /// As [`new_uninit_slice`](Self::new_uninit_slice).
    pub fn new_zeroed_slice(length: usize) -> PoolBox<[MaybeUninit<T>]> {
        let mut slice = Self::new_uninit_slice(length);
        // Not as values, which lose what is between their fields.
        // SAFETY: SLC-1; the room is so long, and ours.
        unsafe { slice.as_mut_ptr().write_bytes(0, length) };
        slice
    }
}

impl<'a, T> IntoIterator for &'a PoolBox<[T]> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut PoolBox<[T]> {
    type Item = &'a mut T;
    type IntoIter = IterMut<'a, T>;
    fn into_iter(self) -> IterMut<'a, T> {
        self.iter_mut()
    }
}

impl<T> IntoIterator for PoolBox<[T]> {
    type Item = T;
    type IntoIter = IntoIter<T>;
    /// Moves the elements to a vector first.
    fn into_iter(self) -> IntoIter<T> {
        Vec::from(self).into_iter()
    }
}
