//! A storm of tasks: each has a small payload, gives way once, starts a child with a copy of a part of it, and waits for it.
//!
//! On one thread a runtime without workers; on more as many workers, none of which is the thread that waits. Tasks are then
//! stolen, so cells and payloads are freed elsewhere than they were made.

use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinHandle, yield_now};

use crate::cores::{answer, keep_to_core, round_trip_ns};
use crate::lab::crew::{self, Part};
use crate::lab::job::{Job, Report, Sample};
use crate::random::Random;

/// Tasks that are started before the first of them is awaited; each has a child.
const ROOTS: usize = 1000;

/// The smallest and the largest payload, in bytes.
const PAYLOAD: [usize; 2] = [16, 256];

/// Measures it. An operation is a task.
pub(super) fn run(job: &Job) -> Report {
    match job.row.threads {
        1 => crew::run(job, |_| Alone::new(job.seed)),
        _ => together(job),
    }
}

/// Starts the storm's tasks and awaits them, `rounds` times. Returns the bytes of all payloads.
async fn storm(rounds: u64, mut random: Random) -> usize {
    let mut handles: Vec<JoinHandle<usize>> = Vec::with_capacity(ROOTS);
    let mut bytes = 0;
    for _ in 0..rounds {
        for _ in 0..ROOTS {
            let [least, most] = PAYLOAD;
            let payload = vec![1_u8; least + random.below(most - least + 1)];
            handles.push(tokio::spawn(root(payload)));
        }
        for handle in handles.drain(..) {
            bytes += handle.await.expect("no task panics");
        }
    }
    bytes
}

async fn root(payload: Vec<u8>) -> usize {
    yield_now().await;
    let part = payload[..payload.len() / 2].to_vec();
    let child = tokio::spawn(async move { part.len() });
    payload.len() + child.await.expect("no task panics")
}

/// The rounds that have at least so many tasks.
const fn rounds(operations: u64) -> u64 {
    operations.div_ceil(2 * ROOTS as u64)
}

struct Alone {
    runtime: Runtime,
    random: Random,
}

impl Alone {
    fn new(seed: u64) -> Self {
        Self {
            runtime: Builder::new_current_thread()
                .build()
                .expect("a runtime without drivers needs nothing of the system"),
            random: Random::new(seed),
        }
    }
}

impl Part for Alone {
    fn step(&mut self) {
        self.body(1);
    }

    /// Whole rounds only.
    fn body(&mut self, operations: u64) -> u64 {
        let rounds = rounds(operations);
        std::hint::black_box(self.runtime.block_on(storm(rounds, self.random.clone())));
        rounds * 2 * ROOTS as u64
    }

    fn has_tail(&self) -> bool {
        false
    }
}

/// The least length of a sample.
const SAMPLE: Duration = Duration::from_millis(20);

/// Samples that are taken even if the time is up.
const SAMPLES_LEAST: usize = 3;

/// The workers are tokio's own threads, so a crew cannot lead them: samples are of wall time, and the cores' distance is
/// probed by two threads that sleep meanwhile.
fn together(job: &Job) -> Report {
    let runtime = workers(job);
    let seed = Random::new(job.seed);
    let timed = |operations: u64| {
        let rounds = rounds(operations);
        let start = Instant::now();
        let task = runtime.spawn(storm(rounds, seed.clone()));
        std::hint::black_box(runtime.block_on(task).expect("no task panics"));
        (start.elapsed(), rounds * 2 * ROOTS as u64)
    };
    let probed = thread::available_parallelism().is_ok_and(|cores| cores.get() >= 2);
    let (line, meeting, over) = (AtomicU64::new(0), Barrier::new(2), AtomicBool::new(false));
    let trip = || {
        probed.then(|| {
            meeting.wait();
            round_trip_ns(&line)
        })
    };
    thread::scope(|scope| {
        if probed {
            scope.spawn(|| {
                keep_to_core(1);
                loop {
                    meeting.wait();
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    answer(&line);
                }
            });
            keep_to_core(0);
        }
        let mut operations = job.ops.unwrap_or(1);
        while timed(operations).0 < SAMPLE && job.ops.is_none() {
            operations = operations.max(2 * ROOTS as u64) * 2;
        }
        let (start, mut samples) = (Instant::now(), Vec::new());
        while samples.len() < SAMPLES_LEAST || start.elapsed().as_secs_f64() < job.seconds {
            let before = trip();
            let (wall, done) = timed(operations);
            samples.push(Sample {
                ns: wall.as_nanos() as f64 / done as f64,
                trips_ns: before.zip(trip()).map(|(before, after)| [before, after]),
                together: None,
            });
        }
        over.store(true, Ordering::Relaxed);
        if probed {
            meeting.wait();
        }
        Report {
            samples,
            ..Report::default()
        }
    })
}

fn workers(job: &Job) -> Runtime {
    let (threads, pin) = (job.row.threads as usize, job.pin);
    let started = AtomicUsize::new(0);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    Builder::new_multi_thread()
        .worker_threads(threads)
        .on_thread_start(move || {
            if pin {
                keep_to_core(started.fetch_add(1, Ordering::Relaxed) % cores);
            }
        })
        .build()
        .expect("the system has threads")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::job::tests::watched;

    #[test]
    fn every_task_and_its_child_have_their_payload() {
        let alone = Alone::new(5);
        let bytes = alone.runtime.block_on(storm(2, Random::new(5)));
        // Payloads are 136 bytes in the mean, a child's half of that.
        let mean = bytes as f64 / (2 * ROOTS) as f64;
        assert!((190.0..218.0).contains(&mean), "{mean}");
        let runtime = workers(&watched("tokio/2t"));
        let same = runtime.block_on(runtime.spawn(storm(2, Random::new(5))));
        assert_eq!(same.unwrap(), bytes);
    }

    #[test]
    fn workers_are_sampled() {
        let report = run(&watched("tokio/2t"));
        assert!(report.samples.len() >= 3);
        assert!(report.samples.iter().all(|sample| sample.ns > 0.0));
    }
}
