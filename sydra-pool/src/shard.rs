//! Shards: how a thread is told apart from others, and what happens in each shard.
//!
//! A shard is one bucket of every pool, with the same number; a thread keeps the
//! one that its seat names (`manager`). There may be more threads than shards: they share, and the bucket's lock
//! keeps them apart.
//!
//! # Concurrency
//! Counters of slow paths, relaxed read-modify-writes on the shard's own line.

use crate::base::CachePadded;
use crate::config::SHARDS_MOST;
use crate::sync::{AtomicU64, Ordering::Relaxed};

/// A shard's number, or the central bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shard {
    Central,
    Numbered(u16),
}

impl Shard {
    /// Place in the table of counters; the central bucket's is the last.
    pub(crate) fn place(self) -> usize {
        match self {
            Self::Central => SHARDS_MOST,
            Self::Numbered(number) => usize::from(number),
        }
    }
}

/// What happened on the slow paths of a shard; what happens most often, a batch that goes into a depot or comes
/// out of it, is counted by the bucket under its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// A magazine was refilled with a batch of another shard.
    Stolen,
    /// A magazine was refilled from slabs.
    FromSlabs,
    /// A magazine was refilled from the central bucket, or by emptying another shard's slabs.
    FromCentral,
    /// A fresh slab was taken from the address space.
    FreshSlab,
    /// No memory for a slab anywhere: the request left the pool.
    RefillFailed,
    /// The request was too large for any class.
    TooLarge,
    /// The alignment was too large for any class.
    OverAligned,
    /// A batch went home to its slabs.
    Spilled,
    /// A slab became empty and went back to the address space.
    SlabReleased,
}

const EVENTS: usize = 9;
const _: () = assert!(Event::SlabReleased as usize == EVENTS - 1);

/// Counters of one shard, over all pools.
pub(crate) struct ShardCounters {
    events: [AtomicU64; EVENTS],
    /// Allocations of threads of this shard that have ended.
    pub(crate) allocations: AtomicU64,
    pub(crate) threads: AtomicU64,
}

impl ShardCounters {
    #[cfg(not(loom))]
    const fn new() -> Self {
        Self {
            events: [const { AtomicU64::new(0) }; EVENTS],
            allocations: AtomicU64::new(0),
            threads: AtomicU64::new(0),
        }
    }

    pub(crate) fn get(&self, event: Event) -> u64 {
        self.events[event as usize].load(Relaxed)
    }
}

#[cfg(not(loom))]
static COUNTERS: [CachePadded<ShardCounters>; SHARDS_MOST + 1] =
    [const { CachePadded::new(ShardCounters::new()) }; SHARDS_MOST + 1];

/// The counters of a shard.
#[cfg(not(loom))]
pub(crate) fn counters(shard: Shard) -> &'static ShardCounters {
    &COUNTERS[shard.place()]
}

/// Counts `by` events in a shard.
pub(crate) fn count(shard: Shard, event: Event, by: usize) {
    counters(shard).events[event as usize].fetch_add(by as u64, Relaxed);
}
