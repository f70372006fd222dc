//! Samples whose threads begin and end inside them.
//!
//! A **shift** is one sample of a load that starts threads of its own and has waited for all of them when it returns. Before
//! and after each shift two threads that live no longer send a cache line to and fro, as in [`crew`](super::crew).

use core::sync::atomic::AtomicU64;
use std::thread;
use std::time::{Duration, Instant};

use super::crew::{BODY_SHARE, OPERATIONS, SAMPLES_LEAST, may_spin, tail_stride, take_seat};
use super::engine::Span;
use super::job::{Job, Report, Sample, Tail};
use super::time::{Disturbances, Recorder};
use super::warm_up::WarmUp;
use crate::clock::{cpu_time, cpu_time_of_process};
use crate::cores::{Apart, answer, keep_to_core, round_trip_ns};

/// A load that starts its threads anew for each sample.
pub trait Shift {
    /// At least so many operations for each of its threads.
    fn work(&mut self, operations: u64) -> Work;

    /// The same, each operation timed by the recorder of its thread. Nothing if `has_tail` says no.
    fn tail(&mut self, operations: u64, times: &mut [Recorder]) {
        let _ = (operations, times);
    }

    /// Whether single operations are worth timing.
    fn has_tail(&self) -> bool {
        true
    }

    /// The most bytes that were alive at once so far; 0 if it does not count them.
    fn live_bytes(&self) -> u64 {
        0
    }
}

/// What a shift has done.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// Operations of all threads.
    pub operations: u64,
    /// How long the threads on the first and on the second core had them, if these were to work all the time.
    pub busy: Option<[Duration; 2]>,
}

/// Has `load` work for as long as `job` says.
pub fn run(job: &Job, load: &mut impl Shift) -> Report {
    let threads = job.row.threads as usize;
    let with_tail = job.tail && load.has_tail();
    let seconds = job.seconds * if with_tail { BODY_SHARE } else { 1.0 };
    let mut report = Report::default();
    let mut all_operations = 0;
    let mut warm_up = WarmUp::new(job, threads);
    let mut start = Instant::now();
    let (mut span, mut counted) = (Span::begin(job), 0);
    while !warm_up.is_over()
        || report.samples.len() < SAMPLES_LEAST
        || start.elapsed().as_secs_f64() < seconds
    {
        let before = trip_ns();
        let (began, cpu) = (Instant::now(), cpu_time_of_process());
        let work = load.work(warm_up.operations());
        let (wall, cpu) = (began.elapsed(), cpu_time_of_process() - cpu);
        let after = trip_ns();
        all_operations += work.operations;
        if !warm_up.is_over() {
            // The threads of the load are gone; what the process has spent is theirs.
            warm_up.took(cpu / job.row.threads, wall);
            if warm_up.is_over() {
                span = Span::begin(job);
            }
            start = Instant::now();
            continue;
        }
        counted += work.operations;
        let least = |busy: [Duration; 2]| busy[0].min(busy[1]).as_secs_f64();
        report.samples.push(Sample {
            ns: wall.as_nanos() as f64 / work.operations.max(1) as f64,
            trips_ns: before.zip(after).map(|(before, after)| [before, after]),
            together: work
                .busy
                .map(|busy| least(busy) / wall.as_secs_f64().max(1e-9)),
        });
    }
    report.figures = span.figures(counted);
    if with_tail {
        let tail = tail(job, load, seconds);
        all_operations += tail.counts.iter().map(|(_, count)| count).sum::<u64>();
        report.tail = Some(tail);
    }
    let live_bytes = load.live_bytes();
    report.peak_live_kib = (live_bytes > 0).then_some(live_bytes / 1024);
    let figures = [(OPERATIONS.into(), all_operations as f64)];
    report.figures.extend(figures);
    report
}

fn tail(job: &Job, load: &mut impl Shift, body_seconds: f64) -> Tail {
    let threads = job.row.threads as usize;
    let mut times: Vec<Recorder> = (0..threads).map(|_| Recorder::default()).collect();
    let until = Duration::from_secs_f64((job.seconds - body_seconds).max(0.0));
    let stride = job.ops.unwrap_or(tail_stride(threads));
    let before = Disturbances::of_process();
    let start = Instant::now();
    loop {
        load.tail(stride, &mut times);
        if job.ops.is_some() || start.elapsed() >= until {
            break;
        }
    }
    let disturbances = Disturbances::of_process().since(before);
    let mut all = Recorder::default();
    times.iter().for_each(|one| all.add(one));
    Tail {
        minor_faults: disturbances.minor_faults,
        involuntary_switches: disturbances.involuntary_switches,
        ..all.into_tail()
    }
}

/// A cache line's round trip between the first two cores.
fn trip_ns() -> Option<f64> {
    if !may_spin(2) {
        return None;
    }
    let line = Apart(AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            keep_to_core(1);
            answer(&line.0);
        });
        let there = scope.spawn(|| {
            keep_to_core(0);
            round_trip_ns(&line.0)
        });
        there.join().ok()
    })
}

/// A line of threads for each of `states`, side by side: in each line `lives` threads live one after the other, and each
/// takes the state over that the one before has left. Each has ended, with all that happens at a thread's end, before the
/// next begins. Returns how long the threads of the first two lines had their cores while they were working.
pub fn succession<T: Send>(
    job: &Job,
    states: &mut [T],
    lives: u64,
    work: impl Fn(&mut T) + Sync,
) -> Vec<Duration> {
    let line = |index: usize, state: &mut T| {
        take_seat(job, index);
        let mut busy = Duration::ZERO;
        for _ in 0..lives {
            let life = || {
                let start = cpu_time();
                work(state);
                cpu_time() - start
            };
            let spent = thread::scope(|scope| scope.spawn(life).join());
            busy += spent.expect("a load does not panic");
        }
        busy
    };
    thread::scope(|scope| {
        let line = &line;
        let states = states.iter_mut().enumerate();
        let lines: Vec<_> = states
            .map(|(index, state)| scope.spawn(move || line(index, state)))
            .collect();
        let ends = lines.into_iter().map(|one| one.join());
        ends.map(|busy| busy.expect("a load does not panic"))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use std::thread::ThreadId;

    use super::*;
    use crate::lab::job::tests::job;

    #[derive(Default)]
    struct Counter {
        asked: Vec<u64>,
        singles: u64,
    }

    impl Shift for Counter {
        fn work(&mut self, operations: u64) -> Work {
            self.asked.push(operations);
            Work {
                operations: 2 * operations,
                busy: Some([Duration::ZERO, Duration::from_secs(1)]),
            }
        }

        fn tail(&mut self, operations: u64, times: &mut [Recorder]) {
            self.singles += operations;
            assert_eq!(times.len(), 2);
            times[1].note(Duration::from_nanos(100));
        }

        fn live_bytes(&self) -> u64 {
            4096
        }
    }

    #[test]
    fn a_job_of_fixed_length_is_a_warm_up_three_samples_and_a_tail() {
        let mut load = Counter::default();
        let report = run(&job("larson/2t"), &mut load);
        assert_eq!(load.asked, [10; 4]);
        assert_eq!(load.singles, 10);
        assert_eq!(report.samples.len(), 3);
        assert!(report.samples.iter().all(|one| one.together == Some(0.0)));
        assert_eq!(report.figures[OPERATIONS], 81.0);
        assert_eq!(report.peak_live_kib, Some(4));
        assert_eq!(report.tail.unwrap().counts.len(), 1);
    }

    #[test]
    fn without_a_fixed_length_samples_grow() {
        struct Sleeper(Vec<u64>);
        impl Shift for Sleeper {
            fn work(&mut self, operations: u64) -> Work {
                thread::sleep(Duration::from_micros(operations * 20));
                self.0.push(operations);
                Work {
                    operations,
                    busy: None,
                }
            }
            fn has_tail(&self) -> bool {
                false
            }
        }
        let mut load = Sleeper(Vec::new());
        let report = run(
            &Job {
                ops: None,
                ..job("turnover/2t")
            },
            &mut load,
        );
        // However late a sleeper wakes, the last of the warm-up and three samples are alike.
        let alike = load
            .0
            .iter()
            .rev()
            .take_while(|one| *one == load.0.last().unwrap());
        assert!(load.0.is_sorted() && alike.count() >= 4, "{:?}", load.0);
        assert!(report.tail.is_none() && report.peak_live_kib.is_none());
    }

    #[test]
    fn each_life_is_another_thread_and_inherits() {
        let mut states: [Vec<ThreadId>; 2] = Default::default();
        let busy = succession(&job("larson/2t"), &mut states, 5, |state| {
            state.push(thread::current().id());
        });
        assert_eq!(busy.len(), 2);
        let mut all: Vec<String> = states
            .iter()
            .flatten()
            .map(|id| format!("{id:?}"))
            .collect();
        assert_eq!((states[0].len(), all.len()), (5, 10));
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), 10);
    }
}
