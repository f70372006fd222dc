//! Time as a thread spends it, and the fastest of many samples.

use std::time::{Duration, Instant};

/// CPU time of the calling thread: what another process takes from the core is not in it.
#[cfg(unix)]
pub fn cpu_time() -> Duration {
    read(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// CPU time of all threads of the process, also of those that have ended.
#[cfg(unix)]
pub fn cpu_time_of_process() -> Duration {
    read(libc::CLOCK_PROCESS_CPUTIME_ID)
}

#[cfg(unix)]
fn read(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place for the answer.
    let status = unsafe { libc::clock_gettime(clock, &raw mut time) };
    assert_eq!(status, 0, "the system has no such CPU clock");
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Without a CPU clock: time since the first call.
#[cfg(not(unix))]
pub fn cpu_time() -> Duration {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed()
}

/// Without a CPU clock: time since the first call.
#[cfg(not(unix))]
pub fn cpu_time_of_process() -> Duration {
    cpu_time()
}

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// Samples in one process.
    pub samples: u32,
    /// The least length of a sample.
    pub sample: Duration,
}

/// Runs `work(operations)` for growing numbers until a sample is long enough, then as many samples as `effort` says.
/// Returns the nanoseconds per operation of the fastest.
///
/// A single operation is far below what the clock can resolve, so only whole samples are timed.
pub fn fastest(effort: Effort, mut work: impl FnMut(u64) -> u64) -> f64 {
    let mut timed = |operations: u64| {
        let start = cpu_time();
        let done = work(operations);
        (cpu_time() - start, done)
    };
    let mut operations = 1;
    loop {
        let (spent, done) = timed(operations);
        if spent >= effort.sample {
            break;
        }
        // Each step at most fourfold, so that the warm-up is no longer than a sample or two.
        operations = done.max(operations) * if spent * 4 < effort.sample { 4 } else { 2 };
    }
    (0..effort.samples.max(1))
        .map(|_| {
            let (spent, done) = timed(operations);
            spent.as_nanos() as f64 / done as f64
        })
        .fold(f64::INFINITY, f64::min)
}

/// Wall time of `work`, for what two threads do together.
pub fn wall_time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Looks on while single operations are done: the same loop runs timed and not.
pub trait Watch {
    /// Does one operation.
    fn time<R>(&mut self, operation: impl FnOnce() -> R) -> R;
}

/// Looks away.
#[derive(Debug, Clone, Copy)]
pub struct Unwatched;

impl Watch for Unwatched {
    #[inline(always)]
    fn time<R>(&mut self, operation: impl FnOnce() -> R) -> R {
        operation()
    }
}

/// The value in the middle, or of the two in the middle their mean.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }

    #[test]
    fn the_fastest_sample_is_long_enough_and_per_operation() {
        let effort = Effort {
            samples: 3,
            sample: Duration::from_millis(2),
        };
        let ns = fastest(effort, |operations| {
            for step in 0..operations {
                std::hint::black_box(step);
            }
            operations
        });
        assert!(
            ns > 0.0 && ns < 1_000_000.0,
            "{ns} ns for one step of an empty loop"
        );
    }
}
