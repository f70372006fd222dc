//! An ordered index with a slot for each key, lock-free: a write exchanges the entry of a key, a reader walks neighbouring keys.
//!
//! The number of entries never changes once all slots are filled, and a structure that costs little itself leaves the view free
//! on what allocates and reclaims.

use core::sync::atomic::{AtomicU64, Ordering};

use super::memory::{Memory, Whole};

/// One in so many replaced entries is forgotten when a leak is asked for.
pub(in crate::lab::loads) const LEAK_EVERY: u64 = 10;

/// What becomes of an entry that was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::lab::loads) enum Fate {
    /// It is retired.
    Retired,
    /// It is forgotten, which leaks it: a fault put in on purpose.
    Forgotten,
}

#[derive(Debug)]
pub(in crate::lab::loads) struct Index<M: Memory> {
    slots: Box<[M::Slot]>,
    /// Entries that readers found broken or missing; 0 unless something was freed too early or lost.
    broken: AtomicU64,
}

impl<M: Memory> Index<M> {
    /// An index for the keys below `keys`, all slots empty.
    pub(in crate::lab::loads) fn new(keys: usize) -> Self {
        Self {
            slots: (0..keys).map(|_| M::Slot::default()).collect(),
            broken: AtomicU64::new(0),
        }
    }

    pub(in crate::lab::loads) fn keys(&self) -> usize {
        self.slots.len()
    }

    /// Makes an entry, puts it in the slot of its key, does away with the one that was there.
    #[inline(always)]
    pub(in crate::lab::loads) fn replace(&self, key: usize, stamp: u64, fate: Fate) {
        let guard = M::pin();
        let new = M::make(key as u64, stamp, &guard);
        let old = M::swap(&self.slots[key], new, &guard);
        if !M::is_null(old) && fate == Fate::Retired {
            // SAFETY: ING-2: the exchange took it out of its slot.
            unsafe { M::retire(old, &guard) };
        }
    }

    /// Walks `count` neighbouring keys from `first` on under one guard, once all keys have entries. A key without one, and an
    /// entry that is not as it was made (it was freed while this thread was pinned), are counted as broken.
    #[inline(never)]
    pub(in crate::lab::loads) fn walk(&self, first: usize, count: usize) {
        let guard = M::pin();
        let mut broken = 0;
        for key in first..first + count {
            let pointer = M::load(&self.slots[key], &guard);
            // SAFETY: ING-1: loaded under the guard.
            let entry = unsafe { M::entry(pointer) };
            broken += u64::from(!entry.is_some_and(|entry| entry.is_whole(key as u64)));
        }
        if broken > 0 {
            self.broken.fetch_add(broken, Ordering::Relaxed);
        }
    }

    /// Entries that readers found broken or missing.
    pub(in crate::lab::loads) fn broken(&self) -> u64 {
        self.broken.load(Ordering::Relaxed)
    }
}

impl<M: Memory> Drop for Index<M> {
    fn drop(&mut self) {
        let guard = M::pin();
        for slot in &self.slots {
            let last = M::swap(slot, M::null(), &guard);
            if !M::is_null(last) {
                // SAFETY: ING-3: nobody else has the index.
                unsafe { M::free(last) };
            }
        }
    }
}
