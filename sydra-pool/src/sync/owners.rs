//! A count of owners: who lets go last frees.
//!
//! # Invariants
//! - `OWN-1`: the count is the number of owners. Each lets go once; the one who is told that it was
//!   the last has what is owned to itself, with everything that the others did before they let go.
//!
//! # Concurrency
//! Read-modify-writes by everybody who owns. Nobody who does not own touches it.

use super::{AtomicUsize, Ordering, Ordering::Relaxed};

/// Above this the process stops: the owners of this many were lost, not dropped, and a count that
/// wrapped around would free what is still owned.
const MOST: usize = isize::MAX as usize;

/// How many owners there are.
#[derive(Debug)]
#[repr(transparent)]
pub(crate) struct Owners(AtomicUsize);

impl Owners {
    /// One owner.
    #[inline(always)]
    pub(crate) fn one() -> Self {
        Self(AtomicUsize::new(1))
    }

    /// One more, by an owner. `false` when there are too many; then there is no going on.
    #[inline(always)]
    #[must_use]
    pub(crate) fn join(&self) -> bool {
        // An owner made this one, so the new owner has seen what it has seen: nothing to order.
        self.0.fetch_add(1, Relaxed) <= MOST
    }

    /// One less; whether that was the last.
    #[inline(always)]
    #[must_use]
    pub(crate) fn leave(&self) -> bool {
        // The only owner need not say so: nobody is left to hear it. That saves the commonest case,
        // a value that was never shared, the read-modify-write.
        if self.is_single() {
            return true;
        }
        // ORDERING: Release pairs with the Acquire in `is_single` and below: what this owner did
        // happened before the last one frees, or has the value to itself.
        if self.0.fetch_sub(1, Ordering::Release) != 1 {
            return false;
        }
        // ORDERING: Acquire pairs with the Release above, of every owner that left before.
        let _ = self.0.load(Ordering::Acquire);
        true
    }

    /// Whether the caller, who owns, is the only one; then nobody else can join.
    #[inline(always)]
    pub(crate) fn is_single(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `leave`.
        self.0.load(Ordering::Acquire) == 1
    }

    /// How many there are, at some moment.
    #[inline(always)]
    pub(crate) fn count(&self) -> usize {
        self.0.load(Relaxed)
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
        let owners = Owners(AtomicUsize::new(MOST));
        assert!(owners.join(), "one above the limit is where it shows");
        assert!(!owners.join());
    }
}
