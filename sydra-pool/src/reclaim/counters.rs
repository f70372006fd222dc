//! What is in limbo, counted; open bags aside.
//!
//! # Concurrency
//! Relaxed read-modify-writes, once for each bag.

use super::kind::{Kind, kind_of};
use crate::base::CachePadded;
use crate::limbo::Sealed;
use crate::sync::{AtomicU64, Ordering::Relaxed};

pub(super) struct Counters {
    /// A bag is counted in under the lock under which it is sealed, so before it can be counted out.
    pub(super) objects: AtomicU64,
    bytes: AtomicU64,
    objects_peak: AtomicU64,
    bytes_peak: AtomicU64,
    retired: AtomicU64,
    pub(super) reclaimed: AtomicU64,
    pub(super) forced: AtomicU64,
    pub(super) stalls: AtomicU64,
    pub(super) drop_panics: AtomicU64,
    pub(super) last_stall_ms: AtomicU64,
    pub(super) bags_since_look: AtomicU64,
    pub(super) bytes_since_look: AtomicU64,
}

pub(super) static COUNTERS: CachePadded<Counters> = CachePadded::new(Counters {
    objects: AtomicU64::new(0),
    bytes: AtomicU64::new(0),
    objects_peak: AtomicU64::new(0),
    bytes_peak: AtomicU64::new(0),
    retired: AtomicU64::new(0),
    reclaimed: AtomicU64::new(0),
    forced: AtomicU64::new(0),
    stalls: AtomicU64::new(0),
    drop_panics: AtomicU64::new(0),
    last_stall_ms: AtomicU64::new(0),
    bags_since_look: AtomicU64::new(0),
    bytes_since_look: AtomicU64::new(0),
});

/// What has been sealed and reclaimed; open bags aside.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LimboFigures {
    pub(crate) objects: u64,
    pub(crate) bytes: u64,
    pub(crate) objects_peak: u64,
    pub(crate) bytes_peak: u64,
    pub(crate) retired: u64,
    pub(crate) reclaimed: u64,
    pub(crate) forced: u64,
    pub(crate) stalls: u64,
    pub(crate) drop_panics: u64,
}

/// The figures of limbo, relaxed.
pub(crate) fn figures() -> LimboFigures {
    let read = |counter: &AtomicU64| counter.load(Relaxed);
    LimboFigures {
        objects: read(&COUNTERS.objects),
        bytes: read(&COUNTERS.bytes),
        objects_peak: read(&COUNTERS.objects_peak),
        bytes_peak: read(&COUNTERS.bytes_peak),
        retired: read(&COUNTERS.retired),
        reclaimed: read(&COUNTERS.reclaimed),
        forced: read(&COUNTERS.forced),
        stalls: read(&COUNTERS.stalls),
        drop_panics: read(&COUNTERS.drop_panics),
    }
}

fn add_to_level(level: &AtomicU64, peak: &AtomicU64, by: u64) -> u64 {
    let now = level.fetch_add(by, Relaxed) + by;
    if now > peak.load(Relaxed) {
        peak.fetch_max(now, Relaxed);
    }
    now
}

/// Counts a bag that was sealed; returns the bytes now in limbo, of all and of its pool.
pub(super) fn count_sealed(sealed: Sealed) -> (u64, u64) {
    let kind = kind_of(sealed.kind);
    let (count, each) = (sealed.count as u64, kind.bytes());
    let of_pool = kind
        .counted()
        .map_or(0, |pool| pool.note_retired(sealed.count) * each);
    COUNTERS.retired.fetch_add(count, Relaxed);
    add_to_level(&COUNTERS.objects, &COUNTERS.objects_peak, count);
    let all = add_to_level(&COUNTERS.bytes, &COUNTERS.bytes_peak, count * each);
    (all, of_pool)
}

/// Counts values that are no longer in limbo.
pub(super) fn count_out(kind: &Kind, count: usize) {
    if let Some(pool) = kind.counted() {
        pool.note_reclaimed(count);
    }
    COUNTERS.objects.fetch_sub(count as u64, Relaxed);
    COUNTERS
        .bytes
        .fetch_sub(count as u64 * kind.bytes(), Relaxed);
}
