//! Entries retired and entries dropped: what waits for readers, counted the same way for every contestant.
//!
//! Only our engine says what is in limbo. So each retirement and each drop of an entry is counted here, and the difference is
//! what waits.
//!
//! # Concurrency
//! A thread adds to a stripe of its own (threads beyond the number of stripes share one), so no cache line travels for it.
//! Sums are read by whoever watches, and are of about one moment.

use core::cell::Cell;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::cores::Apart;

const STRIPES: usize = 64;

#[derive(Debug)]
struct Stripe {
    retired: AtomicU64,
    dropped: AtomicU64,
}

static ALL: [Apart<Stripe>; STRIPES] = [const {
    Apart(Stripe {
        retired: AtomicU64::new(0),
        dropped: AtomicU64::new(0),
    })
}; STRIPES];

/// Threads that have counted anything.
static THREADS: AtomicUsize = AtomicUsize::new(0);

/// In place of a number: this thread has none yet.
const NONE: usize = usize::MAX;

thread_local! {
    /// Without a destructor, so that entries can be dropped while a thread ends.
    static OWN: Cell<usize> = const { Cell::new(NONE) };
}

#[inline(always)]
fn own() -> &'static Stripe {
    let mut number = OWN.get();
    if number == NONE {
        number = THREADS.fetch_add(1, Ordering::Relaxed) % STRIPES;
        OWN.set(number);
    }
    &ALL[number].0
}

/// An entry is retired now.
#[inline(always)]
pub(super) fn retired() {
    own().retired.fetch_add(1, Ordering::Relaxed);
}

/// An entry is dropped now.
#[inline(always)]
pub(super) fn dropped() {
    own().dropped.fetch_add(1, Ordering::Relaxed);
}

/// Counts so far.
#[derive(Debug, Clone, Copy)]
pub(in crate::lab::loads) struct Tally {
    pub(in crate::lab::loads) retired: u64,
    pub(in crate::lab::loads) dropped: u64,
}

impl Tally {
    /// Of the whole process. Drops are read first: what is dropped meanwhile counts as waiting.
    pub(in crate::lab::loads) fn now() -> Self {
        let sum = |of: fn(&Stripe) -> &AtomicU64| {
            let each = ALL.iter().map(|one| of(&one.0).load(Ordering::Relaxed));
            each.sum()
        };
        let dropped = sum(|one| &one.dropped);
        let retired = sum(|one| &one.retired);
        Self { retired, dropped }
    }

    /// Entries that were retired since `earlier` and wait. Nothing else may have been dropped meanwhile.
    pub(in crate::lab::loads) fn waiting(earlier: Self) -> u64 {
        let now = Self::now();
        let retired = now.retired - earlier.retired;
        retired.saturating_sub(now.dropped - earlier.dropped)
    }
}
