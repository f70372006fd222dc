//! Threads that do the same at the same time, and what a sample of it takes.
//!
//! A **part** is what one thread does. All threads meet before and after each sample; between samples the first two send a
//! cache line to and fro, which tells how far apart the host has put the two cores just now.
//!
//! The body is timed over whole samples, with the tail off; the tail is timed one operation at a time, in a phase of its own
//! after the body.

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::collections::BTreeMap;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::engine::Span;
use super::job::{Job, Report, Sample, Tail};
use super::time::{Disturbances, Recorder};
use super::warm_up::WarmUp;
use crate::clock::cpu_time;
use crate::cores::{Apart, answer, keep_to_core, round_trip_ns, wait_until};

/// What one thread does. Made and dropped on its thread.
pub trait Part {
    /// One operation.
    fn step(&mut self);

    /// At least so many operations; returns how many.
    #[inline(never)]
    fn body(&mut self, operations: u64) -> u64 {
        for _ in 0..operations {
            self.step();
        }
        operations
    }

    /// So many operations, timed one by one.
    #[inline(never)]
    fn tail(&mut self, operations: u64, times: &mut Recorder) {
        for _ in 0..operations {
            times.time(|| self.step());
        }
    }

    /// Whether single operations of this part are worth timing.
    fn has_tail(&self) -> bool {
        true
    }

    /// The most bytes that were alive in it at once; 0 if it does not count them.
    fn live_bytes(&self) -> u64 {
        0
    }
}

/// Whether threads that wait for each other may spin: only if each has a core.
pub(super) fn may_spin(threads: usize) -> bool {
    threads <= thread::available_parallelism().map_or(1, usize::from)
}

/// One step of waiting for another thread.
#[inline(always)]
pub(super) fn pause(spinning: bool) {
    if spinning {
        core::hint::spin_loop();
    } else {
        thread::yield_now();
    }
}

/// Binds the calling thread to the core of its number, if the job wants that.
pub(super) fn take_seat(job: &Job, index: usize) {
    if job.pin {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        keep_to_core(index % cores);
    }
}

/// The figure of a report that says how many operations its process has done.
pub const OPERATIONS: &str = "operations";

/// Samples that are taken even if the time is up.
pub(super) const SAMPLES_LEAST: usize = 3;

/// The share of the time that the body gets where there is a tail.
pub(super) const BODY_SHARE: f64 = 0.6;

/// Operations of each thread between two looks at the clock while the tail is timed. Threads that depend on each other all do
/// as many: they meet before the next.
pub(super) const fn tail_stride(threads: usize) -> u64 {
    if threads == 1 { 1024 } else { 16_384 }
}

/// Runs the parts that `make` makes, one on each of the row's threads, for as long as `job` says.
pub fn run<P: Part>(job: &Job, make: impl Fn(usize) -> P + Sync) -> Report {
    let threads = job.row.threads as usize;
    let crew = Crew::new(job, threads);
    let lead = thread::scope(|scope| {
        for index in 1..threads {
            let (crew, make) = (&crew, &make);
            scope.spawn(move || crew.follow(index, &mut make(index)));
        }
        crew.lead(&mut make(0))
    });
    let live_bytes = crew.live_bytes.load(Ordering::Relaxed);
    let mut figures = lead.counted;
    figures.insert(OPERATIONS.into(), lead.operations as f64);
    Report {
        samples: lead.samples,
        tail: lead.tail,
        peak_live_kib: (live_bytes > 0).then_some(live_bytes / 1024),
        figures,
        ..Report::default()
    }
}

/// What is told to the others before a sample.
const STOP: u64 = 0;
const TAIL: u64 = 1;

struct Crew<'j> {
    job: &'j Job,
    threads: usize,
    /// Threads spin at meetings only if each has a core.
    spinning: bool,
    /// Whether the first two threads have a core each. Asked before any thread keeps to one: from then on the system counts
    /// no more than that one.
    probed: bool,
    arrived: Apart<AtomicUsize>,
    barrier: Barrier,
    line: Apart<AtomicU64>,
    /// Operations of the next sample of each thread; or one of the two words above.
    order: AtomicU64,
    /// Operations that the threads have done in this sample.
    done: AtomicU64,
    /// When the first thread began this sample and when the last was ready, in nanoseconds from `zero` on. (Who leads may get its
    /// core long after the others, and again at the end, where there are more threads than cores.)
    began: AtomicU64,
    ended: AtomicU64,
    zero: Instant,
    /// Nanoseconds that the second thread had its core during the last sample.
    second_ns: AtomicU64,
    tails: Mutex<(Recorder, Disturbances)>,
    /// Of all parts that have ended.
    live_bytes: AtomicU64,
}

#[derive(Default)]
struct Lead {
    samples: Vec<Sample>,
    tail: Option<Tail>,
    operations: u64,
    /// What our engine has counted during the samples of the body.
    counted: BTreeMap<String, f64>,
}

/// What one thread has timed singly.
#[derive(Default)]
struct Singles(Option<(Recorder, Disturbances)>);

impl Singles {
    fn time(&mut self, part: &mut impl Part, operations: u64) {
        let (times, disturbances) = self.0.get_or_insert_default();
        let before = Disturbances::of_thread();
        part.tail(operations, times);
        *disturbances = disturbances.and(Disturbances::of_thread().since(before));
    }
}

impl<'j> Crew<'j> {
    fn new(job: &'j Job, threads: usize) -> Self {
        Self {
            job,
            threads,
            spinning: may_spin(threads),
            probed: threads >= 2 && may_spin(2),
            arrived: Apart(AtomicUsize::new(0)),
            barrier: Barrier::new(threads),
            line: Apart(AtomicU64::new(0)),
            order: AtomicU64::new(STOP),
            done: AtomicU64::new(0),
            began: AtomicU64::new(0),
            ended: AtomicU64::new(0),
            zero: Instant::now(),
            second_ns: AtomicU64::new(0),
            tails: Mutex::default(),
            live_bytes: AtomicU64::new(0),
        }
    }

    /// Waits until all threads are here. `meeting` counts from 1, the same on every thread.
    fn meet(&self, meeting: &mut usize) {
        *meeting += 1;
        if self.spinning {
            let expected = *meeting * self.threads;
            // ORDERING: Release pairs with the Acquire below, in the other threads: what was done before is seen after.
            self.arrived.0.fetch_add(1, Ordering::Release);
            wait_until(|| self.arrived.0.load(Ordering::Acquire) >= expected);
        } else {
            self.barrier.wait();
        }
    }

    /// A cache line's round trip, sent by the first thread and answered by the second. If there are more threads than cores,
    /// the others sleep at the next meeting until then.
    fn trip(&self) -> Option<f64> {
        self.probed.then(|| round_trip_ns(&self.line.0))
    }

    fn answer(&self, index: usize) {
        if index == 1 && self.probed {
            answer(&self.line.0);
        }
    }

    /// Nanoseconds since the crew was made.
    fn now_ns(&self) -> u64 {
        self.zero.elapsed().as_nanos() as u64
    }

    /// One sample on the thread `index`: what it took by the wall, from the first that began until the last was ready, and on
    /// this core.
    fn sample(
        &self,
        index: usize,
        part: &mut impl Part,
        operations: u64,
        meeting: &mut usize,
    ) -> [Duration; 2] {
        self.meet(meeting);
        self.began.fetch_min(self.now_ns(), Ordering::Relaxed);
        let cpu = cpu_time();
        let done = part.body(operations);
        let spent = cpu_time() - cpu;
        self.ended.fetch_max(self.now_ns(), Ordering::Relaxed);
        self.done.fetch_add(done, Ordering::Relaxed);
        if index == 1 {
            self.second_ns
                .store(spent.as_nanos() as u64, Ordering::Relaxed);
        }
        self.meet(meeting);
        let [began, ended] = [&self.began, &self.ended].map(|at| at.load(Ordering::Relaxed));
        [Duration::from_nanos(ended.saturating_sub(began)), spent]
    }

    fn lead(&self, part: &mut impl Part) -> Lead {
        let job = self.job;
        take_seat(job, 0);
        let mut meeting = 0;
        let mut lead = Lead::default();
        let with_tail = job.tail && part.has_tail();
        let seconds = job.seconds * if with_tail { BODY_SHARE } else { 1.0 };
        let mut warm_up = WarmUp::new(job, self.threads);
        let mut start = Instant::now();
        let (mut span, mut counted) = (Span::begin(job), 0);
        while !warm_up.is_over()
            || lead.samples.len() < SAMPLES_LEAST
            || start.elapsed().as_secs_f64() < seconds
        {
            let operations = warm_up.operations();
            self.done.store(0, Ordering::Relaxed);
            self.began.store(u64::MAX, Ordering::Relaxed);
            self.ended.store(0, Ordering::Relaxed);
            self.order.store(operations, Ordering::Relaxed);
            self.meet(&mut meeting);
            let before = self.trip();
            let [wall, cpu] = self.sample(0, part, operations, &mut meeting);
            let after = self.trip();
            let done = self.done.load(Ordering::Relaxed).max(1);
            lead.operations += done;
            if !warm_up.is_over() {
                warm_up.took(cpu, wall);
                if warm_up.is_over() {
                    span = Span::begin(job);
                }
                start = Instant::now();
                continue;
            }
            counted += done;
            let time = if self.threads == 1 { cpu } else { wall };
            lead.samples.push(Sample {
                ns: time.as_nanos() as f64 / done as f64,
                trips_ns: before.zip(after).map(|(before, after)| [before, after]),
                together: (self.threads >= 2).then(|| {
                    let theirs = Duration::from_nanos(self.second_ns.load(Ordering::Relaxed));
                    cpu.min(theirs).as_secs_f64() / wall.as_secs_f64().max(1e-9)
                }),
            });
        }
        lead.counted = span.figures(counted);
        let mut singles = Singles::default();
        if with_tail {
            let until = Duration::from_secs_f64(job.seconds * (1.0 - BODY_SHARE));
            let start = Instant::now();
            let stride = self.tail_stride();
            loop {
                self.order.store(TAIL, Ordering::Relaxed);
                self.meet(&mut meeting);
                singles.time(part, stride);
                self.meet(&mut meeting);
                if job.ops.is_some() || start.elapsed() >= until {
                    break;
                }
            }
        }
        self.order.store(STOP, Ordering::Relaxed);
        self.meet(&mut meeting);
        self.end(part, singles);
        self.meet(&mut meeting);
        if with_tail {
            let (times, disturbances) =
                core::mem::take(&mut *self.tails.lock().expect("nobody panics with it"));
            lead.operations += times.count();
            lead.tail = Some(Tail {
                minor_faults: disturbances.minor_faults,
                involuntary_switches: disturbances.involuntary_switches,
                ..times.into_tail()
            });
        }
        lead
    }

    fn follow(&self, index: usize, part: &mut impl Part) {
        take_seat(self.job, index);
        let mut meeting = 0;
        let mut singles = Singles::default();
        loop {
            self.meet(&mut meeting);
            match self.order.load(Ordering::Relaxed) {
                STOP => {
                    self.end(part, singles);
                    self.meet(&mut meeting);
                    return;
                }
                TAIL => {
                    singles.time(part, self.tail_stride());
                    self.meet(&mut meeting);
                }
                operations => {
                    self.answer(index);
                    self.sample(index, part, operations, &mut meeting);
                    self.answer(index);
                }
            }
        }
    }

    fn tail_stride(&self) -> u64 {
        self.job.ops.unwrap_or(tail_stride(self.threads))
    }

    /// Leaves what a thread knows at its end.
    fn end(&self, part: &impl Part, singles: Singles) {
        self.live_bytes
            .fetch_add(part.live_bytes(), Ordering::Relaxed);
        if let Some((times, disturbances)) = singles.0 {
            let mut tails = self.tails.lock().expect("nobody panics with it");
            tails.0.add(&times);
            tails.1 = tails.1.and(disturbances);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::job::tests::job;

    struct Counter(u64);

    impl Part for Counter {
        fn step(&mut self) {
            self.0 += 1;
        }

        fn live_bytes(&self) -> u64 {
            self.0 * 1024
        }
    }

    /// What each sample took the slowest of the threads, the warm-up first.
    struct Slow<'s> {
        slowest: &'s Mutex<Vec<f64>>,
        sample: usize,
    }

    impl Part for Slow<'_> {
        fn step(&mut self) {}

        fn body(&mut self, operations: u64) -> u64 {
            let start = Instant::now();
            while start.elapsed() < Duration::from_millis(3) {
                std::hint::spin_loop();
            }
            let mut slowest = self.slowest.lock().unwrap();
            let known = slowest.len().max(self.sample + 1);
            slowest.resize(known, 0.0);
            slowest[self.sample] = slowest[self.sample].max(start.elapsed().as_nanos() as f64);
            self.sample += 1;
            operations
        }
    }

    #[test]
    fn a_sample_is_no_shorter_than_what_any_of_its_threads_did() {
        let slowest = Mutex::default();
        let job = Job {
            seconds: 0.2,
            tail: false,
            ..job("larson/8t")
        };
        let part = |_| Slow {
            slowest: &slowest,
            sample: 0,
        };
        let samples = run(&job, part).samples;
        let slowest = slowest.into_inner().unwrap();
        assert_eq!(samples.len() + 1, slowest.len());
        for (sample, slowest) in samples.iter().zip(&slowest[1..]) {
            let wall = sample.ns * 80.0;
            assert!(wall >= slowest * 0.999, "{wall} {slowest}");
        }
    }

    #[test]
    fn each_thread_does_as_many_and_each_sample_is_probed() {
        let rows = [("json", 1_u32), ("larson/2t", 2), ("larson/4t", 4)];
        for (row, threads, pin) in rows
            .map(|(row, threads)| [(row, threads, false), (row, threads, true)])
            .into_iter()
            .flatten()
        {
            let job = Job { pin, ..job(row) };
            // On a thread of its own, which ends with the core that it keeps to.
            let report = thread::spawn(move || run(&job, |_| Counter(0)))
                .join()
                .unwrap();
            assert_eq!(report.samples.len(), 3);
            // A warm-up, three samples and a tail, ten operations each.
            assert_eq!(report.figures[OPERATIONS], f64::from(50 * threads));
            assert_eq!(report.peak_live_kib, Some(50 * u64::from(threads)));
            let tail: u64 = report.tail.unwrap().counts.iter().map(|one| one.1).sum();
            assert_eq!(tail, 10 * u64::from(threads));
            let probed = threads > 1 && may_spin(2);
            let alike = |one: &Sample| one.trips_ns.is_some() == probed;
            assert!(report.samples.iter().all(alike), "{row} {pin}");
        }
    }
}
