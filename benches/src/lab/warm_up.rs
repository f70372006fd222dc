//! Warming up: samples that do not count grow until one is long enough, and from then on all are as long.
//!
//! Long enough is one in which a thread of the load has had a core for `sample_length`: what other processes take from it is
//! no part of that. Of a load whose threads mostly wait, one that has lasted ten times as long by the wall is long enough too.
//! Jobs of a fixed length are warmed up by one sample of that length.

use std::time::Duration;

use super::job::Job;

/// The least length of a sample: long enough that the clock and the meeting of the threads are nothing.
const fn sample_length(threads: usize) -> Duration {
    Duration::from_millis(if threads == 1 { 2 } else { 20 })
}

/// A thread that mostly waits is given samples so many times as long, at most.
const WAITS_MOST: u32 = 10;

/// Operations of the first sample, unless the job says.
const FIRST: u64 = 64;

/// How long the next sample is to be, and whether it counts.
#[derive(Debug)]
pub(super) struct WarmUp {
    length: Duration,
    /// The job says how long a sample is.
    fixed: bool,
    /// Operations of the next sample.
    operations: u64,
    over: bool,
}

impl WarmUp {
    pub(super) fn new(job: &Job, threads: usize) -> Self {
        Self {
            length: sample_length(threads),
            fixed: job.ops.is_some(),
            operations: job.ops.unwrap_or(FIRST).max(2),
            over: false,
        }
    }

    /// Operations of the next sample.
    pub(super) fn operations(&self) -> u64 {
        self.operations
    }

    /// Whether the next sample counts.
    pub(super) fn is_over(&self) -> bool {
        self.over
    }

    /// A sample that did not count took so long by the wall, for `busy` of which a thread of the load had a core.
    pub(super) fn took(&mut self, busy: Duration, wall: Duration) {
        self.over = self.fixed || busy >= self.length || wall >= self.length * WAITS_MOST;
        if !self.over {
            let far = wall * 4 < self.length;
            self.operations = self.operations.saturating_mul(if far { 4 } else { 2 });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::job::tests::job;

    const MS: Duration = Duration::from_millis(1);

    fn open(threads: usize) -> WarmUp {
        let job = Job {
            ops: None,
            ..job("larson/2t")
        };
        WarmUp::new(&job, threads)
    }

    #[test]
    fn a_fixed_length_is_warmed_up_by_one_sample() {
        let mut warm_up = WarmUp::new(&job("larson/2t"), 2);
        assert!(!warm_up.is_over() && warm_up.operations() == 10);
        warm_up.took(Duration::ZERO, Duration::ZERO);
        assert!(warm_up.is_over() && warm_up.operations() == 10);
    }

    #[test]
    fn samples_grow_until_a_thread_has_had_its_core_long_enough() {
        let mut warm_up = open(2);
        let mut after = |busy, wall| {
            warm_up.took(busy, wall);
            (warm_up.is_over(), warm_up.operations())
        };
        assert_eq!(after(MS, MS), (false, 256));
        assert_eq!(after(15 * MS, 15 * MS), (false, 512));
        // Others had the core: that is no part of it.
        assert_eq!(after(15 * MS, 100 * MS), (false, 1024));
        assert_eq!(after(20 * MS, 30 * MS), (true, 1024));
        let mut alone = open(1);
        alone.took(2 * MS, 2 * MS);
        assert!(alone.is_over() && alone.operations() == 64);
    }

    #[test]
    fn who_mostly_waits_is_not_waited_for() {
        let mut warm_up = open(2);
        warm_up.took(MS, 199 * MS);
        assert!(!warm_up.is_over());
        warm_up.took(2 * MS, 200 * MS);
        assert!(warm_up.is_over());
    }
}
