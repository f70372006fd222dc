//! Pointers to shared values: what a reader holds while it is pinned.
//!
//! # Invariants
//! - `SHR-1`: without its tag bits, the word of an `Atomic` or a `Shared` is null or came out of a
//!   `PoolBox<T>`. The tag lies in the bits that the alignment of `T` leaves zero.

use super::guard::Guard;
use crate::typed::{PoolBox, Pooled};
use core::cmp::Ordering;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::ptr::{NonNull, null_mut};

/// The bits of a pointer to `T` that are free for a tag.
pub(super) const fn tag_bits<T>() -> usize {
    align_of::<T>() - 1
}

/// A word with another tag.
pub(super) fn tagged<T>(word: *mut T, tag: usize) -> *mut T {
    let bits = tag_bits::<T>();
    word.map_addr(|address| address & !bits | tag & bits)
}

mod sealed {
    pub trait Sealed {}
}

/// What can be stored in an [`Atomic`](super::Atomic): a [`PoolBox`], or a [`Shared`].
pub trait Pointer<T: Pooled>: sealed::Sealed {
    #[doc(hidden)]
    fn __into_word(self) -> *mut T;

    /// # Safety
    /// The word came from `__into_word` of this very type, and is taken back once.
    #[doc(hidden)]
    unsafe fn __from_word(word: *mut T) -> Self;
}

impl<T: Pooled> sealed::Sealed for PoolBox<T> {}
impl<T: Pooled> sealed::Sealed for Shared<'_, T> {}

impl<T: Pooled> Pointer<T> for PoolBox<T> {
    #[inline]
    fn __into_word(self) -> *mut T {
        Self::into_raw(self)
    }

    #[inline]
    unsafe fn __from_word(word: *mut T) -> Self {
        // SAFETY: BOX-1; passed on to the caller.
        unsafe { Self::from_raw(word) }
    }
}

impl<T: Pooled> Pointer<T> for Shared<'_, T> {
    #[inline]
    fn __into_word(self) -> *mut T {
        self.word
    }

    #[inline]
    unsafe fn __from_word(word: *mut T) -> Self {
        Self::of(word)
    }
}

/// A pointer that was loaded while pinned, with a tag: null, or a value that stays at least as long
/// as the guard.
///
/// A number to those who compare or print it: nothing here but [`deref`](Self::deref),
/// [`as_ref`](Self::as_ref) and [`into_box`](Self::into_box) follows it.
pub struct Shared<'g, T: Pooled> {
    word: *mut T,
    guard: PhantomData<(&'g Guard, *const T)>,
}

impl<'g, T: Pooled> Shared<'g, T> {
    /// The null pointer, with tag 0.
    pub const fn null() -> Self {
        Self::of(null_mut())
    }

    pub(super) const fn of(word: *mut T) -> Self {
        Self {
            word,
            guard: PhantomData,
        }
    }

    pub(super) fn word(self) -> *mut T {
        self.word
    }

    /// Gives a box up to be shared. Unless it is stored somewhere, and retired one day, it leaks.
    #[inline]
    pub fn from_box(value: PoolBox<T>, _guard: &'g Guard) -> Self {
        Self::of(PoolBox::into_raw(value))
    }

    /// Whether it is null, whatever its tag.
    #[inline]
    pub fn is_null(self) -> bool {
        self.as_raw().is_null()
    }

    /// The pointer without its tag.
    #[inline]
    pub fn as_raw(self) -> *const T {
        tagged(self.word, 0)
    }

    /// The tag: the low bits that the alignment of `T` leaves free.
    #[inline]
    pub fn tag(self) -> usize {
        self.word.addr() & tag_bits::<T>()
    }

    /// The same pointer with another tag, of which the bits that fit are used.
    #[inline]
    pub fn with_tag(self, tag: usize) -> Self {
        Self::of(tagged(self.word, tag))
    }

    /// The value.
    ///
    /// # Safety
    /// - It is not null, and it was loaded, or given up by `from_box`, under the guard that `'g` is.
    /// - Nobody has a `&mut` to the value as long as the reference lives; and what was written to it
    ///   before it was published happens before this, as it does if it was stored with `Release`
    ///   and loaded with `Acquire`.
    #[inline]
    pub unsafe fn deref(self) -> &'g T {
        // SAFETY: SHR-1; not null, and protected by the guard; promised by the caller.
        unsafe { &*self.as_raw() }
    }

    /// The value, or `None` if it is null.
    ///
    /// # Safety
    /// As for [`deref`](Self::deref), but for null.
    #[inline]
    pub unsafe fn as_ref(self) -> Option<&'g T> {
        // SAFETY: SHR-1; passed on to the caller.
        unsafe { self.as_raw().as_ref() }
    }

    /// Takes the value back at once, for those who know that no reader can see it.
    ///
    /// # Safety
    /// It is not null, nobody else can reach it, now or later, and it is neither retired nor taken
    /// back by anybody else.
    #[inline]
    pub unsafe fn into_box(self) -> PoolBox<T> {
        // SAFETY: SHR-1, BOX-1; promised by the caller.
        unsafe { PoolBox::from_raw(self.as_raw().cast_mut()) }
    }

    pub(super) fn as_non_null(self) -> Option<NonNull<T>> {
        NonNull::new(self.as_raw().cast_mut())
    }
}

impl<T: Pooled> Clone for Shared<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Pooled> Copy for Shared<'_, T> {}

impl<T: Pooled> Default for Shared<'_, T> {
    fn default() -> Self {
        Self::null()
    }
}

impl<T: Pooled> PartialEq for Shared<'_, T> {
    /// Whether address and tag are the same.
    fn eq(&self, other: &Self) -> bool {
        core::ptr::eq(self.word, other.word)
    }
}

impl<T: Pooled> Eq for Shared<'_, T> {}

impl<T: Pooled> PartialOrd for Shared<'_, T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Pooled> Ord for Shared<'_, T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.word.cmp(&other.word)
    }
}

impl<T: Pooled> Hash for Shared<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.word.hash(state);
    }
}

impl<T: Pooled> fmt::Debug for Shared<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("raw", &self.as_raw())
            .field("tag", &self.tag())
            .finish()
    }
}

impl<T: Pooled> fmt::Pointer for Shared<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Pointer::fmt(&self.as_raw(), f)
    }
}
