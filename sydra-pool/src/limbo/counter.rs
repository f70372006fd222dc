//! The epoch: a number that only grows, and what is handed on when it does.
//!
//! # Concurrency
//! Moved by exchange, read by everyone; on a line of its own.

use crate::base::CachePadded;
use crate::sync::{AtomicU64, Ordering, Ordering::Relaxed};

/// A global epoch.
pub(crate) struct Epoch(CachePadded<AtomicU64>);

impl Epoch {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self(CachePadded::new(AtomicU64::new(0)))
    }

    #[cfg(loom)]
    pub(super) fn new() -> Self {
        Self(CachePadded::new(AtomicU64::new(0)))
    }

    /// The epoch. Who has read it knows what those knew who moved it there, and what those had
    /// unlinked who sealed before.
    #[inline(always)]
    pub(crate) fn now(&self) -> u64 {
        // ORDERING: Acquire pairs with the Release in `seal` and in `step`.
        self.0.load(Ordering::Acquire)
    }

    /// The epoch to seal a bag with, after everything in it was unlinked.
    pub(super) fn seal(&self) -> u64 {
        // ORDERING: Release pairs with the Acquire in `now`: who reads a later epoch sees what was
        // unlinked before, as all changes are read-modify-writes and so go on with this release. And
        // being one, it reads the latest epoch.
        self.0.fetch_add(0, Ordering::Release)
    }

    /// Whether what was sealed at `epoch` is out of every reader's sight.
    pub(super) fn has_passed(&self, epoch: u64) -> bool {
        self.now() >= epoch + 2
    }

    /// Moves from `epoch` to the next; `false` if somebody else did.
    pub(super) fn step(&self, epoch: u64) -> bool {
        // ORDERING: Release pairs with the Acquire in `now`: who finds that a bag's time has come, or
        // pins, knows that the readers who were looked at before are done.
        self.0
            .compare_exchange(epoch, epoch + 1, Ordering::Release, Relaxed)
            .is_ok()
    }
}
