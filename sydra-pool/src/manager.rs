//! The shard manager: how many shards there are, who gets which, and when maintenance is due.
//!
//! It starts with the first request that leaves a fast path, by the settings of whichever door that
//! request came through; later settings find it started. It needs no memory, so it cannot fail.
//!
//! # Concurrency
//! Settings: written by the one thread that wins `start` before it publishes `shards`; read by all
//! who have seen `shards`, so that all agree. `next_thread`: relaxed read-modify-writes; only their
//! uniqueness counts.

use crate::config::{SHARDS_MOST, Settings, StatsLevel};
use crate::os;
use crate::shard::Shard;
use crate::sync::{
    AtomicU32, AtomicU64, AtomicUsize, Lock, Ordering, Ordering::Relaxed, set_timing,
};

/// Milliseconds between two ticks of maintenance.
const TICK_MS: u64 = 50;
/// "Not started" in `shards`.
const UNKNOWN: usize = usize::MAX;

/// The shard manager.
pub(crate) struct ShardManager {
    start: Lock<()>,
    shards: AtomicUsize,
    limit: AtomicUsize,
    slab_bytes: AtomicUsize,
    magazine: AtomicUsize,
    next_thread: AtomicU32,
    last_tick_ms: AtomicU64,
    ticks: AtomicU64,
}

#[cfg(not(loom))]
pub(crate) static MANAGER: ShardManager = ShardManager {
    start: Lock::new(()),
    shards: AtomicUsize::new(UNKNOWN),
    limit: AtomicUsize::new(SHARDS_MOST),
    slab_bytes: AtomicUsize::new(0),
    magazine: AtomicUsize::new(0),
    next_thread: AtomicU32::new(0),
    last_tick_ms: AtomicU64::new(0),
    ticks: AtomicU64::new(0),
};

impl ShardManager {
    /// Starts with `settings`, unless it has been started.
    pub(crate) fn start(&self, settings: &Settings) {
        // ORDERING: Acquire pairs with the Release at the end: who sees it started sees the settings.
        if self.shards.load(Ordering::Acquire) != UNKNOWN {
            return;
        }
        let _guard = self.start.lock();
        if self.shards.load(Relaxed) != UNKNOWN {
            return;
        }
        set_timing(match settings.stats {
            StatsLevel::Off => None,
            StatsLevel::Basic => Some(1023),
            StatsLevel::Full => Some(0),
        });
        self.slab_bytes.store(settings.slab_size, Relaxed);
        self.magazine.store(settings.magazine, Relaxed);
        let shards = settings
            .shards
            .unwrap_or_else(os::processors)
            .min(SHARDS_MOST);
        // ORDERING: Release pairs with the Acquire in `shards`: the sizes above are seen with it.
        self.shards.store(shards, Ordering::Release);
    }

    /// Shards of a pool that names no number of its own.
    pub(crate) fn shards(&self) -> usize {
        // ORDERING: Acquire pairs with the Release in `start`. All threads must agree on the sizes:
        // a depot's batch fits every magazine of its pool.
        match self.shards.load(Ordering::Acquire) {
            UNKNOWN => {
                self.start(&Settings::new());
                self.shards.load(Relaxed)
            }
            shards => shards,
        }
    }

    /// Bytes of a slab of the class pools, 0 for the default.
    pub(crate) fn slab_bytes(&self) -> usize {
        self.slab_bytes.load(Relaxed)
    }

    /// Capacity of magazines of the class pools, 0 for the default.
    pub(crate) fn magazine(&self) -> usize {
        self.magazine.load(Relaxed)
    }

    /// A number for a new thread.
    pub(crate) fn next_thread(&self) -> u32 {
        self.next_thread.fetch_add(1, Relaxed)
    }

    /// Bounds the shards that threads use which meet a pool from now on; returns the old bound.
    pub(crate) fn limit_shards(&self, limit: usize) -> usize {
        self.limit.swap(limit.min(SHARDS_MOST), Relaxed)
    }

    /// The shard of thread `number` in a pool that has `shards` of them.
    pub(crate) fn assign(&self, number: u32, shards: usize) -> Shard {
        match shards.min(self.limit.load(Relaxed)) {
            0 => Shard::Central,
            usable => Shard::Numbered((number as usize % usable) as u16),
        }
    }

    /// Whether maintenance is due now; says yes to one caller every [`TICK_MS`].
    pub(crate) fn tick_due(&self) -> Option<u64> {
        let now = os::now_coarse_ms();
        let last = self.last_tick_ms.load(Relaxed);
        if now.saturating_sub(last) < TICK_MS {
            return None;
        }
        let won = self
            .last_tick_ms
            .compare_exchange(last, now, Relaxed, Relaxed)
            .is_ok();
        if won {
            Some(self.ticks.fetch_add(1, Relaxed))
        } else {
            None
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn threads_are_assigned_round_robin_and_the_limit_holds() {
        let shards: std::vec::Vec<_> = (0..5).map(|number| MANAGER.assign(number, 3)).collect();
        let expected = [0, 1, 2, 0, 1].map(Shard::Numbered);
        assert_eq!(shards, expected);
        assert_eq!(MANAGER.assign(7, 0), Shard::Central);
        assert_ne!(MANAGER.next_thread(), MANAGER.next_thread());
    }
}
