//! Refusal on request: the n-th call for memory is told "no".
//!
//! Compiled only for this project's own tests. Counts every request for memory that leaves the
//! engine: reservations, commits, and blocks of the backing allocator.

use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

static SEEN: AtomicU64 = AtomicU64::new(0);
static FIRST: AtomicU64 = AtomicU64::new(u64::MAX);
static LAST: AtomicU64 = AtomicU64::new(u64::MAX);

/// Counts one request and says whether it may be served.
pub(crate) fn permit() -> bool {
    let number = SEEN.fetch_add(1, Relaxed);
    number < FIRST.load(Relaxed) || number > LAST.load(Relaxed)
}

fn refuse(first: u64, last: u64) {
    FIRST.store(u64::MAX, Relaxed);
    SEEN.store(0, Relaxed);
    LAST.store(last, Relaxed);
    FIRST.store(first, Relaxed);
}

/// From now on refuses every request from the `n`-th on, counted from zero.
pub fn refuse_from(n: u64) {
    refuse(n, u64::MAX);
}

/// From now on refuses just the `n`-th request, counted from zero.
pub fn refuse_only(n: u64) {
    refuse(n, n);
}

/// Serves every request again and starts counting from zero.
pub fn allow_all() {
    refuse(u64::MAX, u64::MAX);
}

/// How many requests were made since the last call of this module that set a rule.
pub fn requests() -> u64 {
    SEEN.load(Relaxed)
}
