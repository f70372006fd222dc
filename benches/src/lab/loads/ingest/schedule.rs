//! When writes are due: bursts at random times, decided by the seed and the rate alone, so the same for every contestant.
//!
//! Bursts are of 1 to 63 writes, 32 in the mean, all due at once, as a network hands them over; the gaps between bursts are
//! exponential, so bursts come as often just after one another as chance has it. A write that starts late because those before
//! it took long is late by the schedule's clock: no time in which the writer was held up is left out.

use std::thread;
use std::time::{Duration, Instant};

use crate::random::Random;

/// Writes of a burst, in the mean.
const BURST: usize = 32;

/// Farther from the next burst than this a thread sleeps.
const FAR: Duration = Duration::from_micros(400);

/// A sleep ends so long before a burst is due: what the system may be late with.
const EARLY: Duration = Duration::from_micros(200);

/// Nearer than this a thread does not even give its core away for a moment.
const NEAR: Duration = Duration::from_micros(2);

/// The due times of one writer, counted from the start.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    random: Random,
    /// Mean time between two bursts.
    gap_ns: f64,
    /// When the burst at hand is due.
    due_ns: f64,
    /// Writes of it that are to come.
    left: usize,
    until: Duration,
}

impl Schedule {
    /// `rate` writes a second by this writer, until so long after the start.
    pub(super) fn new(seed: u64, writer: usize, rate: f64, until: Duration) -> Self {
        let seed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (writer as u64 + 1) << 40;
        Self {
            random: Random::new(seed),
            gap_ns: BURST as f64 * 1e9 / rate,
            due_ns: 0.0,
            left: 0,
            until,
        }
    }
}

impl Iterator for Schedule {
    type Item = Duration;

    #[inline]
    fn next(&mut self) -> Option<Duration> {
        if self.left == 0 {
            // Never 0, of which there is no logarithm.
            let chance = (f64::from(self.random.word()) + 1.0) / (f64::from(u32::MAX) + 1.0);
            self.due_ns -= chance.ln() * self.gap_ns;
            self.left = 1 + self.random.below(2 * BURST - 1);
        }
        self.left -= 1;
        let due = Duration::from_nanos(self.due_ns as u64);
        (due < self.until).then_some(due)
    }
}

/// Waits until `due` after `start`: asleep while that is far away, so that others have the core; giving the core to whoever
/// wants it while it is near. Returns the time.
pub(super) fn wait(start: Instant, due: Duration) -> Duration {
    // Ends: time goes on.
    loop {
        let now = start.elapsed();
        let Some(left) = due.checked_sub(now).filter(|left| !left.is_zero()) else {
            return now;
        };
        if left > FAR {
            thread::sleep(left - EARLY);
        } else if left > NEAR {
            thread::yield_now();
        } else {
            core::hint::spin_loop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn all(seed: u64, writer: usize, rate: f64) -> Vec<Duration> {
        Schedule::new(seed, writer, rate, 4 * SECOND).collect()
    }

    #[test]
    fn the_rate_is_the_one_asked_for() {
        for rate in [20_000.0, 700_000.0] {
            let count = all(1, 0, rate).len() as f64;
            assert!((count / (4.0 * rate) - 1.0).abs() < 0.05, "{count}");
        }
    }

    #[test]
    fn it_is_the_same_for_all_contestants_and_another_for_each_writer_and_seed() {
        let first = all(1, 0, 50_000.0);
        assert!(first == all(1, 0, 50_000.0));
        assert!(first != all(1, 1, 50_000.0));
        assert!(first != all(2, 0, 50_000.0));
    }

    #[test]
    fn writes_come_in_bursts_of_random_size_at_random_times() {
        let due = all(3, 0, 50_000.0);
        assert!(due.is_sorted());
        let bursts: Vec<_> = due.chunk_by(|one, next| one == next).collect();
        let mean = due.len() as f64 / bursts.len() as f64;
        assert!((mean - BURST as f64).abs() < 1.5, "{mean}");
        // All sizes from 1 to 63 come, and small ones as often as large ones. (The last burst may be cut off by the end.)
        let sizes = || bursts[..bursts.len() - 1].iter().map(|burst| burst.len());
        assert_eq!(
            [sizes().min(), sizes().max()],
            [Some(1), Some(2 * BURST - 1)]
        );
        let small = sizes().filter(|size| *size < BURST).count() as f64 / bursts.len() as f64;
        assert!((small - 0.49).abs() < 0.04, "{small}");
        let gaps: Vec<f64> = bursts
            .windows(2)
            .map(|pair| (pair[1][0] - pair[0][0]).as_secs_f64())
            .collect();
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        // Of exponential gaps, 1 - 1/e are below the mean.
        let below = gaps.iter().filter(|gap| **gap < mean).count() as f64 / gaps.len() as f64;
        assert!((below - 0.632).abs() < 0.03, "{below}");
    }

    #[test]
    fn nobody_starts_before_time() {
        let start = Instant::now();
        for due in [0, 1, 50, 900, 3000].map(Duration::from_micros) {
            assert!(wait(start, due) >= due && start.elapsed() >= due);
        }
    }
}
