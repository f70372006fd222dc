//! A count of owners: who lets go last frees.
//!
//! ```text
//! [ count : 32 | shared : 32 ]
//! ```
//!
//! `shared` tells whether there has ever been a second owner. Most values never have one, and then the owner
//! who goes need not say so to anybody: no read-modify-write. The count itself would tell as well, but whoever
//! reads what he has just changed by a read-modify-write waits for it; `shared` is a word of its own (a clone and
//! its drop take 3.8 ns instead of 4.0 on Zen, and 3.9 without any look).
//!
//! # Invariants
//! - `OWN-1`: the count is the number of owners. Each lets go once; the one who is told that it was
//!   the last has what is owned to itself, with everything that the others did before they let go.
//! - `OWN-2`: every owner sees `shared` set if there was ever another. An owner made by this one comes after
//!   the store in `join`; and whoever made one through a reference had given it back before this one goes.
//!
//! # Concurrency
//! `count`: read-modify-writes by everybody who owns. `shared`: set by whoever joins, relaxed; its order is that
//! of OWN-2. Nobody who does not own touches either.

use super::{AtomicU32, Ordering, Ordering::Relaxed};

/// Above this the process stops: the owners of this many were lost, not dropped, and a count that
/// wrapped around would free what is still owned.
pub(crate) const OWNERS_MOST: u32 = i32::MAX as u32;

/// How many owners there are.
#[derive(Debug)]
#[repr(C)]
pub(crate) struct Owners {
    count: AtomicU32,
    shared: AtomicU32,
}

impl Owners {
    /// One owner.
    #[inline(always)]
    pub(crate) fn one() -> Self {
        Self {
            count: AtomicU32::new(1),
            shared: AtomicU32::new(0),
        }
    }

    /// One more, by an owner. `false` when there are too many; then there is no going on.
    #[inline(always)]
    #[must_use]
    pub(crate) fn join(&self) -> bool {
        // An owner made this one, so the new owner has seen what it has seen: nothing to order.
        let before = self.count.fetch_add(1, Relaxed);
        self.shared.store(1, Relaxed);
        before <= OWNERS_MOST
    }

    /// One less; whether that was the last.
    #[inline(always)]
    #[must_use]
    pub(crate) fn leave(&self) -> bool {
        if self.shared.load(Relaxed) == 0 {
            // OWN-2: there has never been another.
            return true;
        }
        // ORDERING: Release pairs with the Acquire in `is_single` and below: what this owner did
        // happened before the last one frees, or has the value to itself.
        if self.count.fetch_sub(1, Ordering::Release) != 1 {
            return false;
        }
        // ORDERING: Acquire pairs with the Release above, of every owner that left before.
        let _ = self.count.load(Ordering::Acquire);
        true
    }

    /// Whether the caller, who owns, is the only one; then nobody else can join.
    #[inline(always)]
    pub(crate) fn is_single(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `leave`.
        self.count.load(Ordering::Acquire) == 1
    }

    /// How many there are, at some moment.
    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.count.load(Relaxed) as usize
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_is_told() {
        let owners = Owners::one();
        assert!(owners.is_single() && owners.join() && !owners.is_single());
        assert_eq!(owners.count(), 2);
        assert!(!owners.leave() && owners.is_single() && owners.leave());
    }

    #[test]
    fn too_many_are_refused() {
        let owners = Owners::one();
        owners.count.store(OWNERS_MOST, Relaxed);
        assert!(owners.join(), "one above the limit is where it shows");
        assert!(!owners.join());
    }
}
