//! Queues of sealed bags, in the order of sealing.

use super::bag::{Bag, Sealed};
use core::ptr::NonNull;

/// Sealed bags in the order of sealing.
pub(super) struct Queue {
    ends: Option<(NonNull<Bag>, NonNull<Bag>)>,
    bags: usize,
}

// SAFETY: BAG-2; bags lie in the engine's own memory, without thread affinity.
unsafe impl Send for Queue {}

impl Queue {
    const fn new() -> Self {
        Self {
            ends: None,
            bags: 0,
        }
    }

    pub(super) fn push(&mut self, bag: NonNull<Bag>) {
        self.append(&mut Self {
            ends: Some((bag, bag)),
            bags: 1,
        });
    }

    /// Moves all of `other` behind.
    fn append(&mut self, other: &mut Self) {
        let Some((first, last)) = other.ends.take() else {
            return;
        };
        self.bags += core::mem::take(&mut other.bags);
        self.ends = match self.ends {
            None => Some((first, last)),
            Some((oldest, mut end)) => {
                // SAFETY: BAG-2; in this queue.
                unsafe { end.as_mut() }.next = Some(first);
                Some((oldest, last))
            }
        };
    }

    /// The epoch of the oldest bag.
    fn oldest(&self) -> Option<u64> {
        let (first, _) = self.ends?;
        // SAFETY: BAG-2; in this queue.
        Some(unsafe { first.as_ref() }.epoch)
    }

    fn pop(&mut self) -> Option<NonNull<Bag>> {
        let (mut first, last) = self.ends?;
        // SAFETY: BAG-2; in this queue.
        let bag = unsafe { first.as_mut() };
        self.ends = bag.next.take().map(|next| (next, last));
        self.bags -= 1;
        Some(first)
    }

    /// Visits each bag, the oldest first.
    fn each(&self, mut visit: impl FnMut(Sealed)) {
        let mut next = self.ends.map(|(first, _)| first);
        while let Some(bag) = next {
            // SAFETY: BAG-2; in this queue.
            let bag = unsafe { bag.as_ref() };
            next = bag.next;
            visit(Sealed {
                kind: bag.kind,
                count: bag.count as usize,
            });
        }
    }
}

/// Sealed bags in two lanes, so that those whose drop runs code of the program are in nobody's way who
/// may not run it.
pub(super) struct Queues {
    plain: Queue,
    dropping: Queue,
}

impl Queues {
    pub(super) const fn new() -> Self {
        Self {
            plain: Queue::new(),
            dropping: Queue::new(),
        }
    }

    pub(super) fn lane(&mut self, drops: bool) -> &mut Queue {
        if drops {
            &mut self.dropping
        } else {
            &mut self.plain
        }
    }

    pub(super) fn bags(&self) -> usize {
        self.plain.bags + self.dropping.bags
    }

    /// Moves all of `other` behind.
    pub(super) fn append(&mut self, other: &mut Self) {
        self.plain.append(&mut other.plain);
        self.dropping.append(&mut other.dropping);
    }

    /// Takes the oldest bag if `passed` says so of its epoch; of those that may be taken.
    pub(super) fn pop_if(
        &mut self,
        drops: bool,
        passed: impl FnOnce(u64) -> bool,
    ) -> Option<NonNull<Bag>> {
        let plain = self.plain.oldest();
        let dropping = if drops { self.dropping.oldest() } else { None };
        let first = match (plain, dropping) {
            (Some(plain), Some(dropping)) => plain.min(dropping),
            (one, other) => one.or(other)?,
        };
        if !passed(first) {
            return None;
        }
        self.lane(plain != Some(first)).pop()
    }

    /// Visits each bag.
    pub(super) fn each(&self, mut visit: impl FnMut(Sealed)) {
        self.plain.each(&mut visit);
        self.dropping.each(visit);
    }
}
