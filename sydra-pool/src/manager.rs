//! The shard manager: how many shards there are, who gets which, and when maintenance is due.
//!
//! It starts with the first request that leaves a fast path, by the settings of whichever door that
//! request came through; later settings find it started. It needs no memory, so it cannot fail.
//!
//! # Concurrency
//! Everything is relaxed: the settings are one word, written once; of `next_thread` only the
//! uniqueness counts, for by its number a forked child tells its one thread from the others: so it has 64 bits. Seats
//! are for balance alone: two threads that sit down in the same moment may get the same, and a child of a
//! `fork` may be off by the threads that a handler of the program has started.

use crate::config::{MAX_LIMBO_BYTES, SHARDS_MOST, Settings, StatsLevel};
use crate::geometry::MAGAZINE_MOST;
use crate::os;
use crate::shard::Shard;
use crate::sync::{AtomicU32, AtomicU64, AtomicUsize, Ordering::Relaxed, set_timing};

/// Milliseconds between two ticks of maintenance.
const TICK_MS: u64 = 50;
/// "Not started" in `settings`.
const UNKNOWN: u64 = u64::MAX;

/// A running thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seated {
    /// Its number, which no other thread of the process has had.
    pub(crate) number: u64,
    /// Its seat among the threads that run with it: decides its shards.
    pub(crate) seat: u16,
}

/// Seats: as many as a pool may have shards.
const SEATS: usize = SHARDS_MOST;

/// The shard manager.
pub(crate) struct ShardManager {
    /// Shards, magazine and slab size of the class pools, in 16, 16 and 32 bits.
    settings: AtomicU64,
    limit: AtomicUsize,
    max_limbo: AtomicU64,
    next_thread: AtomicU64,
    /// How many threads have each seat.
    seats: [AtomicU32; SEATS],
    last_tick_ms: AtomicU64,
    ticks: AtomicU64,
}

#[cfg(not(loom))]
pub(crate) static MANAGER: ShardManager = ShardManager {
    settings: AtomicU64::new(UNKNOWN),
    limit: AtomicUsize::new(SHARDS_MOST),
    max_limbo: AtomicU64::new(MAX_LIMBO_BYTES as u64),
    next_thread: AtomicU64::new(0),
    seats: [const { AtomicU32::new(0) }; SEATS],
    last_tick_ms: AtomicU64::new(0),
    ticks: AtomicU64::new(0),
};

/// One word, so that all threads agree on all of it (a depot's batch must fit every magazine of
/// its pool) without an ordering or a lock.
fn pack(shards: usize, magazine: usize, slab_bytes: usize) -> u64 {
    debug_assert!(shards <= SHARDS_MOST && magazine <= MAGAZINE_MOST && slab_bytes <= 1 << 20);
    shards as u64 | (magazine as u64) << 16 | (slab_bytes as u64) << 32
}

impl ShardManager {
    /// Starts with `settings`, unless it has been started.
    pub(crate) fn start(&self, settings: &Settings) {
        if self.settings.load(Relaxed) != UNKNOWN {
            return;
        }
        let shards = settings
            .shards
            .unwrap_or_else(os::processors)
            .min(SHARDS_MOST);
        let wanted = pack(shards, settings.magazine, settings.slab_size);
        if self
            .settings
            .compare_exchange(UNKNOWN, wanted, Relaxed, Relaxed)
            .is_ok()
        {
            self.max_limbo.store(settings.max_limbo as u64, Relaxed);
            set_timing(match settings.stats {
                StatsLevel::Off => None,
                StatsLevel::Basic => Some(1023),
                StatsLevel::Full => Some(0),
            });
        }
    }

    /// Shards of a pool that names no number of its own. Starts the manager.
    pub(crate) fn shards(&self) -> usize {
        self.start(&Settings::new());
        (self.settings.load(Relaxed) & 0xFFFF) as usize
    }

    /// Bytes that may wait in limbo, in the whole process.
    pub(crate) fn max_limbo(&self) -> u64 {
        self.max_limbo.load(Relaxed)
    }

    /// Bytes of a slab of the class pools, 0 for the default.
    pub(crate) fn slab_bytes(&self) -> usize {
        match self.settings.load(Relaxed) {
            UNKNOWN => 0,
            settings => (settings >> 32) as usize,
        }
    }

    /// Capacity of magazines of the class pools, 0 for the default.
    pub(crate) fn magazine(&self) -> usize {
        match self.settings.load(Relaxed) {
            UNKNOWN => 0,
            settings => (settings >> 16 & 0xFFFF) as usize,
        }
    }

    /// A number for a new thread, and a seat: one that the fewest have, of a shard that the fewest have, the lowest of
    /// those. So a thread that comes after another has ended gets that one's shards, and what is left in them.
    ///
    /// Time: a look at every seat.
    pub(crate) fn sit_down(&self) -> Seated {
        let number = self.next_thread.fetch_add(1, Relaxed);
        let shards = match self.settings.load(Relaxed) {
            UNKNOWN => 1,
            settings => (settings & 0xFFFF) as usize,
        };
        let shards = shards.min(self.limit.load(Relaxed)).clamp(1, SEATS);
        // Below zero where a child of a `fork` has lost count.
        let on = |seat: usize| self.seats[seat].load(Relaxed) as i32;
        let in_shard = |shard: usize| (shard..SEATS).step_by(shards).map(on).sum::<i32>();
        let best = || {
            let shard = (0..shards)
                .min_by_key(|&shard| in_shard(shard))
                .unwrap_or(0);
            let seat = (shard..SEATS).step_by(shards).min_by_key(|&seat| on(seat));
            seat.unwrap_or(shard)
        };
        let mut seat = best();
        // Another thread may sit down at the same moment: some looks more, so that two seldom share for life.
        for _ in 0..SEATS {
            let seen = self.seats[seat].load(Relaxed);
            if seat == best()
                && self.seats[seat]
                    .compare_exchange(seen, seen.wrapping_add(1), Relaxed, Relaxed)
                    .is_ok()
            {
                return Seated {
                    number,
                    seat: seat as u16,
                };
            }
            seat = best();
        }
        self.seats[seat].fetch_add(1, Relaxed);
        Seated {
            number,
            seat: seat as u16,
        }
    }

    /// The thread that had this seat has ended.
    pub(crate) fn stand_up(&self, seat: u16) {
        self.seats[usize::from(seat)].fetch_sub(1, Relaxed);
    }

    /// In the child of a `fork`: the calling thread's seat is the only one that is taken.
    pub(crate) fn clear_seats(&self, own: Option<u16>) {
        for (seat, count) in self.seats.iter().enumerate() {
            count.store(u32::from(own.map(usize::from) == Some(seat)), Relaxed);
        }
    }

    /// Bounds the shards that threads use which meet a pool from now on; returns the old bound.
    pub(crate) fn limit_shards(&self, limit: usize) -> usize {
        self.limit.swap(limit.min(SHARDS_MOST), Relaxed)
    }

    /// The shard of whoever has this seat in a pool that has `shards` of them.
    pub(crate) fn assign(&self, seat: u16, shards: usize) -> Shard {
        match shards.min(self.limit.load(Relaxed)) {
            0 => Shard::Central,
            usable => Shard::Numbered(seat % usable as u16),
        }
    }

    /// The number of this tick, counted from 0, if maintenance is due now: to one caller every
    /// [`TICK_MS`].
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
    fn seats_are_assigned_round_robin_and_the_limit_holds() {
        let shards: std::vec::Vec<_> = (0..5).map(|seat| MANAGER.assign(seat, 3)).collect();
        let expected = [0, 1, 2, 0, 1].map(Shard::Numbered);
        assert_eq!(shards, expected);
        assert_eq!(MANAGER.assign(7, 0), Shard::Central);
    }

    #[test]
    fn threads_sit_where_the_fewest_are_and_where_others_have_left() {
        let manager = fresh(0);
        manager.start(&Settings::new().shards(3));
        let sit = |manager: &ShardManager| manager.sit_down().seat;
        let first: std::vec::Vec<_> = (0..5).map(|_| sit(&manager)).collect();
        assert_eq!(first, [0, 1, 2, 3, 4]);
        // The third shard has one thread, the others two.
        assert_eq!(sit(&manager), 5);
        manager.stand_up(1);
        assert_eq!(sit(&manager), 1);
        // Generations of two threads never leave their two shards.
        let manager = fresh(0);
        manager.start(&Settings::new().shards(8));
        for _ in 0..20 {
            let (one, two) = (sit(&manager), sit(&manager));
            assert_eq!((one, two), (0, 1));
            manager.stand_up(one);
            manager.stand_up(two);
        }
        // More threads than seats share them evenly.
        let manager = fresh(0);
        manager.start(&Settings::new().shards(4));
        let mut taken = [0; SEATS];
        (0..3 * SEATS).for_each(|_| taken[usize::from(sit(&manager))] += 1);
        assert_eq!(taken, [3; SEATS]);
    }

    #[test]
    fn a_child_keeps_its_own_seat_alone() {
        let manager = fresh(0);
        manager.start(&Settings::new().shards(4));
        let own = (0..7).map(|_| manager.sit_down().seat).last();
        manager.clear_seats(own);
        assert_eq!((own, manager.sit_down().seat), (Some(6), 0));
        // A thread that was forgotten ends: nothing overflows, and balance is off by one.
        manager.stand_up(3);
        assert_eq!((manager.sit_down().seat, manager.sit_down().seat), (3, 1));
    }

    /// A manager that has not been started, whose next thread has this number.
    fn fresh(number: u32) -> ShardManager {
        ShardManager {
            settings: AtomicU64::new(UNKNOWN),
            limit: AtomicUsize::new(SHARDS_MOST),
            max_limbo: AtomicU64::new(0),
            next_thread: AtomicU64::new(number.into()),
            seats: [const { AtomicU32::new(0) }; SEATS],
            last_tick_ms: AtomicU64::new(0),
            ticks: AtomicU64::new(0),
        }
    }

    #[test]
    fn threads_that_sit_down_at_once_get_seats_apart() {
        for _ in 0..if cfg!(miri) { 5 } else { 500 } {
            let manager = fresh(0);
            manager.start(&Settings::new().shards(8));
            let gate = AtomicU32::new(0);
            let sit = || {
                gate.fetch_add(1, Relaxed);
                while gate.load(Relaxed) < 2 {
                    core::hint::spin_loop();
                }
                manager.sit_down().seat
            };
            let seats = std::thread::scope(|scope| {
                let other = scope.spawn(sit);
                (sit(), other.join().expect("a seat"))
            });
            assert_ne!(seats.0, seats.1);
        }
    }

    #[test]
    fn the_first_thread_keeps_its_number_to_itself() {
        let manager = fresh(u32::MAX);
        assert_ne!(manager.sit_down().number, 0);
        let number = manager.sit_down().number;
        assert_ne!(number, 0, "a thread that has just started is not the first");
    }

    #[test]
    fn the_settings_fit_one_word() {
        let manager = fresh(0);
        assert_eq!((manager.slab_bytes(), manager.magazine()), (0, 0));
        manager.start(
            &Settings::new()
                .shards(SHARDS_MOST)
                .magazine(MAGAZINE_MOST)
                .slab_size(1 << 20),
        );
        manager.start(&Settings::new().shards(3));
        assert_eq!(manager.shards(), SHARDS_MOST);
        assert_eq!(
            (manager.slab_bytes(), manager.magazine()),
            (1 << 20, MAGAZINE_MOST)
        );
    }
}
