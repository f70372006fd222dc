//! Linearisability: a history of concurrent operations is right if each of them can be given one
//! moment between its call and its return at which it happened, so that a sequential model agrees.
//!
//! The search is Wing's and Gong's (1993): try, as the next to have happened, each operation that was
//! called before any other that is left returned. Exponential, and fine for a dozen operations.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicU64, AtomicUsize};
use std::thread;

/// What a structure should do, one operation after the other.
pub trait Model: Clone {
    /// An operation with what came of it.
    type Done;

    /// Does the operation; whether the same came of it.
    fn agrees(&mut self, done: &Self::Done) -> bool;
}

/// The clock that orders calls and returns.
#[derive(Debug, Default)]
pub struct Moments(AtomicU64);

impl Moments {
    fn next(&self) -> u64 {
        self.0.fetch_add(1, SeqCst)
    }

    /// Runs an operation and notes when it was called and when it returned.
    pub fn record<D>(&self, operation: impl FnOnce() -> D) -> Event<D> {
        let called = self.next();
        let done = operation();
        Event {
            called,
            done,
            returned: self.next(),
        }
    }
}

/// An operation in a history.
#[derive(Clone, Copy, Debug)]
pub struct Event<D> {
    /// When it was called.
    pub called: u64,
    /// What it did.
    pub done: D,
    /// When it returned.
    pub returned: u64,
}

/// Does the steps of each plan in a thread of its own, all starting at once, and returns what happened.
///
/// # Panics
/// If a step does.
pub fn at_once<S: Send, D: Send, const N: usize>(
    plans: Vec<[S; N]>,
    operate: impl Fn(S) -> Event<D> + Sync,
) -> Vec<Event<D>> {
    let missing = AtomicUsize::new(plans.len());
    thread::scope(|scope| {
        let threads: Vec<_> = plans
            .into_iter()
            .map(|plan| {
                let (missing, operate) = (&missing, &operate);
                scope.spawn(move || {
                    // Awake and running when it starts.
                    missing.fetch_sub(1, Relaxed);
                    while missing.load(Relaxed) > 0 {
                        thread::yield_now();
                    }
                    plan.map(operate)
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("no panic"))
            .collect()
    })
}

/// How many pairs of operations, in the order of their calls, overlapped.
pub fn overlapping<D>(events: &mut [Event<D>]) -> usize {
    events.sort_by_key(|event| event.called);
    let pairs = events.windows(2);
    pairs
        .filter(|pair| pair[1].called < pair[0].returned)
        .count()
}

/// Whether there is an order of the events that respects their times and that `model` agrees with.
pub fn is_linearisable<M: Model>(model: &M, events: &[Event<M::Done>]) -> bool {
    let mut left: Vec<&Event<M::Done>> = events.iter().collect();
    search(model, &mut left)
}

fn search<M: Model>(model: &M, left: &mut Vec<&Event<M::Done>>) -> bool {
    let Some(first_return) = left.iter().map(|event| event.returned).min() else {
        return true;
    };
    for at in 0..left.len() {
        if left[at].called > first_return {
            continue;
        }
        let mut next = model.clone();
        if !next.agrees(&left[at].done) {
            continue;
        }
        let event = left.swap_remove(at);
        if search(&next, left) {
            return true;
        }
        left.push(event);
        let last = left.len() - 1;
        left.swap(at, last);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A register: written, or read with what was found.
    #[derive(Clone)]
    struct Register(u64);

    enum Access {
        Write(u64),
        Read(u64),
    }
    use Access::{Read, Write};

    impl Model for Register {
        type Done = Access;

        fn agrees(&mut self, done: &Access) -> bool {
            match *done {
                Write(value) => {
                    self.0 = value;
                    true
                }
                Read(found) => self.0 == found,
            }
        }
    }

    fn at(called: u64, done: Access, returned: u64) -> Event<Access> {
        Event {
            called,
            done,
            returned,
        }
    }

    #[test]
    fn what_overlaps_may_have_happened_in_any_order() {
        for found in [0, 1, 2] {
            let events = [
                at(0, Write(1), 5),
                at(1, Write(2), 4),
                at(2, Read(found), 3),
            ];
            assert!(is_linearisable(&Register(0), &events), "{found}");
        }
        let events = [at(0, Read(1), 9), at(1, Read(0), 2), at(3, Write(1), 4)];
        assert!(is_linearisable(&Register(0), &events));
    }

    #[test]
    fn a_wrong_history_is_rejected() {
        // A stale read, a value never written, and two readers who disagree about the order.
        let stale = [at(0, Write(1), 1), at(2, Read(0), 3)];
        let invented = [at(0, Write(1), 3), at(1, Read(2), 2)];
        let disagreed = [
            at(0, Write(1), 9),
            at(1, Write(2), 8),
            at(2, Read(1), 3),
            at(4, Read(2), 5),
            at(6, Read(1), 7),
        ];
        assert!(!is_linearisable(&Register(0), &stale));
        assert!(!is_linearisable(&Register(0), &invented));
        assert!(!is_linearisable(&Register(0), &disagreed));
    }

    #[test]
    fn records_are_ordered() {
        let moments = Moments::default();
        let first = moments.record(|| Write(1));
        let second = moments.record(|| Read(1));
        assert!(first.called < first.returned && first.returned < second.called);
        assert!(is_linearisable(&Register(0), &[second, first]));
    }
}
