//! A pointer to a complete value that is replaced as a whole, while others look at it.
//!
//! # Invariants
//! - `SWP-1`: the pointee is fully written before it is given to `new`, `swap` or `exchange`; whoever
//!   takes it out keeps it alive as long as others may have loaded it.

use super::{AtomicPtr, Ordering, Ordering::Relaxed};

/// A pointer that is replaced as a whole.
pub(crate) struct Swapped<T>(AtomicPtr<T>);

impl<T> Swapped<T> {
    pub(crate) fn new(first: *mut T) -> Self {
        Self(AtomicPtr::new(first))
    }

    /// The pointer now; what it leads to is seen complete.
    #[inline]
    pub(crate) fn load(&self) -> *mut T {
        // ORDERING: Acquire pairs with the Release in `swap` and `exchange`.
        self.0.load(Ordering::Acquire)
    }

    /// Puts another one in and takes the old one out.
    pub(crate) fn swap(&self, new: *mut T) -> *mut T {
        // ORDERING: Release pairs with the Acquire in `load`; Acquire pairs with the Release of whoever
        // put the old one in: who takes it out sees it complete.
        self.0.swap(new, Ordering::AcqRel)
    }

    /// Puts `new` in if `old`, which was loaded, is still there; whether it was.
    pub(crate) fn exchange(&self, old: *mut T, new: *mut T) -> bool {
        // ORDERING: Release pairs with the Acquire in `load`, which has acquired the old one as well.
        self.0
            .compare_exchange(old, new, Ordering::Release, Relaxed)
            .is_ok()
    }

    /// The pointer, for the one who has it to himself.
    #[cfg(not(loom))]
    pub(crate) fn get_mut(&mut self) -> *mut T {
        *self.0.get_mut()
    }
}
