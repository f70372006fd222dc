//! A pointer that is set once and then read by everybody without a lock.
//!
//! The value behind it is made under somebody's lock, published, and lives for ever. Readers that
//! come too early see nothing and take the slow way.
//!
//! # Invariants
//! - `PUB-1`: the pointee is fully written before `publish` and never freed or moved afterwards.
//!   Made by the one caller of `publish`; used by `get`.

use super::{AtomicPtr, Ordering};
use core::ptr::NonNull;

/// A write-once shared pointer.
pub(crate) struct Published<T> {
    place: AtomicPtr<T>,
}

impl<T> Published<T> {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self {
            place: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self {
            place: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    /// The pointee, if it has been published.
    #[inline]
    pub(crate) fn get(&self) -> Option<NonNull<T>> {
        // ORDERING: Acquire pairs with the Release in `publish`: the pointee's fields are seen.
        NonNull::new(self.place.load(Ordering::Acquire))
    }

    /// Publishes `value`. Called at most once, under the owner's lock.
    pub(crate) fn publish(&self, value: NonNull<T>) {
        // ORDERING: Release pairs with the Acquire in `get`.
        self.place.store(value.as_ptr(), Ordering::Release);
    }
}
