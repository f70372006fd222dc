//! The clock: what it can tell apart, what a reading costs, and single operations timed with it.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use super::job::Tail;
use crate::clock::median;
pub use crate::clock::{Unwatched, Watch};

/// What the clock can do on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The least difference between two readings that are not equal, in nanoseconds.
    pub step_ns: f64,
    /// What a single timing adds to an operation and to its figure: the median of two readings with nothing between.
    pub reading_ns: f64,
}

impl Calibration {
    /// Measures it. Takes some milliseconds.
    pub fn measure() -> Self {
        let gaps: Vec<f64> = (0..20_000)
            .map(|_| {
                let start = Instant::now();
                start.elapsed().as_nanos() as f64
            })
            .collect();
        let step_ns = step(&gaps);
        // Single readings are as coarse as the clock: what one costs is seen over many. The median over batches, because
        // a batch in which the core was lost is no cost of a reading.
        const READINGS: u32 = 1000;
        let batch = || {
            let start = Instant::now();
            for _ in 0..READINGS {
                std::hint::black_box(Instant::now());
            }
            start.elapsed().as_nanos() as f64 / f64::from(READINGS)
        };
        let mean = median((0..20).map(|_| batch()).collect()).unwrap_or(0.0);
        Self {
            step_ns,
            reading_ns: median(gaps).unwrap_or(0.0).max(mean),
        }
    }

    /// Below this a single timing says nothing: three steps of the clock, or three readings.
    pub fn floor_ns(&self) -> f64 {
        3.0 * self.step_ns.max(self.reading_ns)
    }
}

/// The least difference between two gaps that are both frequent: conversion to nanoseconds rounds, so a gap can be one off.
fn step(gaps: &[f64]) -> f64 {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    for gap in gaps {
        *counts.entry(*gap as u64).or_default() += 1;
    }
    counts.retain(|_, count| *count * 20 >= gaps.len());
    let frequent: Vec<u64> = counts.into_keys().collect();
    let apart = frequent.windows(2).map(|pair| pair[1] - pair[0]);
    // A clock that always says the same can be told from nothing by that much.
    let step = apart.min().or_else(|| frequent.first().copied());
    step.map_or(1.0, |step| step.max(1) as f64)
}

/// A p999 is read from no fewer operations than this, a p99 from a tenth of them.
pub const ENOUGH: u64 = 100_000;

/// Longest time that is told apart; what takes longer counts as this.
const LONGEST: Duration = Duration::from_secs(60);

/// Collects single timings. Recording allocates nothing.
#[derive(Debug)]
pub struct Recorder {
    times: Histogram<u64>,
}

impl Default for Recorder {
    fn default() -> Self {
        let longest = LONGEST.as_nanos() as u64;
        let times = Histogram::new_with_bounds(1, longest, 3).expect("the bounds are in order");
        Self { times }
    }
}

impl Watch for Recorder {
    #[inline(always)]
    fn time<R>(&mut self, operation: impl FnOnce() -> R) -> R {
        let start = Instant::now();
        let result = operation();
        self.note(start.elapsed());
        result
    }
}

impl Recorder {
    /// Times one operation.
    #[inline(always)]
    pub fn time(&mut self, operation: impl FnOnce()) {
        Watch::time(self, operation);
    }

    /// Notes a time that was taken elsewhere.
    #[inline(always)]
    pub fn note(&mut self, time: Duration) {
        self.times.saturating_record(time.as_nanos() as u64);
    }

    /// Adds what another thread has collected.
    pub fn add(&mut self, other: &Self) {
        self.times
            .add(&other.times)
            .expect("all have the same bounds");
    }

    /// How many were collected.
    pub fn count(&self) -> u64 {
        self.times.len()
    }

    /// The time that so great a part of the operations stayed at or below, in nanoseconds.
    pub fn at(&self, quantile: f64) -> u64 {
        self.times.value_at_quantile(quantile)
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.times.reset();
    }

    /// The counts, without the other figures of a tail.
    pub fn into_tail(self) -> Tail {
        let counts = self.times.iter_recorded();
        Tail {
            counts: counts
                .map(|step| (step.value_iterated_to(), step.count_at_value()))
                .collect(),
            ..Tail::default()
        }
    }
}

impl Tail {
    /// The operations of all these tails together.
    pub fn histogram<'a>(tails: impl IntoIterator<Item = &'a Self>) -> Histogram<u64> {
        let mut all = Recorder::default().times;
        for &(value, count) in tails.into_iter().flat_map(|tail| &tail.counts) {
            all.saturating_record_n(value, count);
        }
        all
    }
}

/// How often something happened to the calling thread.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Disturbances {
    /// Page faults without a disk.
    pub minor_faults: u64,
    /// Times it lost its core.
    pub involuntary_switches: u64,
}

impl Disturbances {
    /// So far.
    #[cfg(target_os = "linux")]
    pub fn of_thread() -> Self {
        Self::read(libc::RUSAGE_THREAD)
    }

    /// So far, of all threads of the process that have ended or live.
    #[cfg(unix)]
    pub fn of_process() -> Self {
        Self::read(libc::RUSAGE_SELF)
    }

    #[cfg(unix)]
    fn read(who: libc::c_int) -> Self {
        // SAFETY: all bits zero is a valid `rusage`.
        let mut usage: libc::rusage = unsafe { core::mem::zeroed() };
        // SAFETY: `usage` is a valid place for the answer.
        let status = unsafe { libc::getrusage(who, &raw mut usage) };
        assert_eq!(status, 0, "the system counts nothing for a thread");
        Self {
            minor_faults: usage.ru_minflt as u64,
            involuntary_switches: usage.ru_nivcsw as u64,
        }
    }

    /// The system does not say.
    #[cfg(not(target_os = "linux"))]
    pub fn of_thread() -> Self {
        Self::default()
    }

    /// The system does not say.
    #[cfg(not(unix))]
    pub fn of_process() -> Self {
        Self::default()
    }

    /// What has happened since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self {
            minor_faults: self.minor_faults - earlier.minor_faults,
            involuntary_switches: self.involuntary_switches - earlier.involuntary_switches,
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            minor_faults: self.minor_faults + other.minor_faults,
            involuntary_switches: self.involuntary_switches + other.involuntary_switches,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_steps_and_costs_something() {
        let clock = Calibration::measure();
        assert!(clock.step_ns >= 1.0 && clock.step_ns < 1e6, "{clock:?}");
        assert!(
            clock.reading_ns > 0.0 && clock.reading_ns < 1e5,
            "{clock:?}"
        );
        assert!(clock.floor_ns() >= 3.0 * clock.step_ns);
    }

    #[test]
    fn rounding_is_no_step() {
        let gaps = [
            (20.0, 500),
            (21.0, 13),
            (30.0, 400),
            (31.0, 17),
            (4000.0, 2),
        ];
        let all: Vec<f64> = gaps
            .iter()
            .flat_map(|&(gap, count)| vec![gap; count])
            .collect();
        assert_eq!(step(&all), 10.0);
        assert_eq!(step(&[40.0; 100]), 40.0);
        assert_eq!(step(&[0.0; 100]), 1.0);
    }

    #[test]
    fn tails_of_several_processes_are_one_histogram() {
        let tail = |times: &[u64]| {
            let mut recorder = Recorder::default();
            times
                .iter()
                .for_each(|&ns| recorder.note(Duration::from_nanos(ns)));
            recorder.into_tail()
        };
        let (first, second) = (tail(&[100; 99]), tail(&[100_000]));
        let all = Tail::histogram([&first, &second]);
        assert_eq!(all.len(), 100);
        assert_eq!(all.value_at_quantile(0.99), 100);
        let longest = all.max();
        assert!((100_000..100_100).contains(&longest), "{longest}");
    }

    #[test]
    fn what_takes_too_long_counts_as_the_longest() {
        let mut recorder = Recorder::default();
        recorder.note(Duration::from_secs(3600));
        assert_eq!(recorder.count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn touching_new_memory_is_a_fault() {
        let before = Disturbances::of_thread();
        std::hint::black_box(vec![1_u8; 64 << 20]);
        assert!(Disturbances::of_thread().since(before).minor_faults > 10);
    }
}
