//! Ingest: the write path of a database, in an open loop.
//!
//! Half of the threads write. A write makes an entry of 312 bytes in three blocks of 48 to 200 (a header, a record, and a node
//! that owns both), puts it in an index in place of an older one, and retires that. Writes come in bursts at times that were
//! drawn before (`schedule`), and the latency of each is taken from when it was due. The other half read: they pin, walk a hundred
//! neighbouring entries and check each, let go, and think for a while.
//!
//! Our two contestants have the entries in typed pools and use our epoch; all others have them in `Box` and use crossbeam-epoch,
//! on their allocator (`memory`); so has `sharded-crossbeam` on ours. All else is the same code.
//!
//! Without a rate the writers do one write after the other, which tells the rate that a contestant can sustain at most.
//!
//! # What dominates
//! Where each thread has no core of its own, a writer shares one with a reader. A writer that waits gives the core away, so it is
//! held up for the length of a walk at most, a few ten microseconds; but whatever else runs on the machine takes whole
//! slices of the scheduler, some milliseconds, and with them p999 and the maximum. Both are the same for all. Up to p99 it is the
//! line within a burst: how long one write takes, and how near the rate is to what is possible.
//!
//! # Not here
//! How many of the writes find their rate too high: the driver chooses it, by the slowest of those that take part.

pub mod choice;
pub(super) mod faults;
pub(super) mod index;
pub mod memory;
pub mod ours;
mod schedule;
pub(super) mod tally;
pub(super) mod watch;
mod writer;

#[cfg(test)]
pub(super) mod tests;

use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, OnceLock};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use self::choice::Load;
use self::faults::{Anvil, Faults};
use self::index::{Fate, Index};
use self::memory::{ENTRY_BYTES, Memory};
use self::schedule::Schedule;
use self::tally::Tally;
use self::watch::Watch;
use self::writer::{Written, closed_loop, open_loop};
use crate::cores::{Apart, answer, keep_to_core, round_trip_ns};
use crate::lab::engine::Span;
use crate::lab::job::{Inject, Job, Report, Sample, Tail};
use crate::random::Random;

/// Entries that are alive at once.
pub(super) const LIVE: usize = if cfg!(test) { 2_000 } else { 50_000 };

/// Each entry is replaced so often, in the mean, before anything is measured: an aged heap.
pub(super) const AGEING: usize = 2;

/// Entries of one walk.
pub(super) const WALK: usize = 100;

/// The shortest and the longest time that a reader thinks, in microseconds.
const THINK_US: [usize; 2] = [200, 800];

/// Threads that hammer on the locks when contention is asked for.
const HAMMERS: usize = 4;

const _: () = assert!(WALK < LIVE);

/// The write path in an open loop.
#[derive(Debug)]
pub enum Ingest {}

/// What all threads share.
#[derive(Debug)]
struct Site<'j, M: Memory> {
    job: &'j Job,
    index: Index<M>,
    writers: usize,
    readers: usize,
    /// Counted before any thread keeps to one of them.
    cores: usize,
    meeting: Barrier,
    start: OnceLock<Instant>,
    /// Writers that are not done.
    writing: AtomicUsize,
    /// Nobody writes any more.
    over: AtomicBool,
    line: Apart<AtomicU64>,
    written: Mutex<Written>,
    trips_ns: Mutex<[Option<f64>; 2]>,
    walks: AtomicU64,
    watcher: Thread,
}

impl Load for Ingest {
    fn with<M: Memory>(job: &Job) -> Report {
        let threads = (job.row.threads as usize).max(2);
        let writers = threads / 2;
        let site = Site::<M> {
            job,
            index: Index::new(LIVE),
            writers,
            readers: threads - writers,
            cores: thread::available_parallelism().map_or(1, usize::from),
            meeting: Barrier::new(threads + 1),
            start: OnceLock::new(),
            writing: AtomicUsize::new(writers),
            over: AtomicBool::new(false),
            line: Apart(AtomicU64::new(0)),
            written: Mutex::default(),
            trips_ns: Mutex::default(),
            walks: AtomicU64::new(0),
            watcher: thread::current(),
        };
        let anvil = Anvil::default();
        let nothing = Tally::now();
        let mut report = Report::default();
        let mut watch = None;
        thread::scope(|scope| {
            let site = &site;
            let mut threads = Vec::new();
            for number in 0..site.writers {
                threads.push(scope.spawn(move || site.write(number)));
            }
            for number in 0..site.readers {
                threads.push(scope.spawn(move || site.read(number)));
            }
            // All is filled and aged.
            site.meeting.wait();
            let span = Span::begin(job);
            site.meeting.wait();
            // The distance of the cores is probed.
            site.meeting.wait();
            if job.inject == Some(Inject::Contention) {
                for _ in 0..HAMMERS {
                    scope.spawn(|| {
                        while !site.is_over() {
                            anvil.blow();
                        }
                    });
                }
            }
            let mut watching = Watch::new(job, nothing, (LIVE * ENTRY_BYTES / 1024) as u64);
            watching.until(|| site.is_over());
            let done = site.written.lock().expect("nobody panics with it").done;
            report.figures = span.figures(done);
            watch = Some(watching);
            site.meeting.wait();
            // The end of a scope does not wait for what threads do last of all: handing over what they have retired.
            for thread in threads {
                thread.join().expect("no thread of it panics");
            }
        });
        let broken = site.index.broken();
        assert_eq!(broken, 0, "entries were lost or freed under a reader");
        let written = core::mem::take(&mut *site.written.lock().expect("nobody panics with it"));
        let [before, after] = *site.trips_ns.lock().expect("nobody panics with it");
        let mut watch = watch.expect("it was watched");
        watch.look();
        report.figures.extend(watch.figures(M::collect));
        let walks = site.walks.load(Ordering::Relaxed) as f64;
        let seconds = written.end.as_secs_f64();
        report.figures.extend([
            ("ingest.walks_per_second".into(), walks / seconds),
            ("ingest.missed".into(), written.missed as f64),
            ("ingest.rate".into(), written.rate()),
        ]);
        report.samples.push(Sample {
            // In a closed loop, what a write costs all threads together; in an open one, what it takes once it has begun.
            ns: match job.rate {
                None => seconds * 1e9 / written.done.max(1) as f64,
                Some(_) => written.busy.as_nanos() as f64 / written.done.max(1) as f64,
            },
            trips_ns: before.zip(after).map(|(before, after)| [before, after]),
            together: None,
        });
        report.moments = watch.moments;
        report.peak_live_kib = Some((LIVE * ENTRY_BYTES / 1024) as u64);
        let rates = job.rate.map(|asked| [written.rate(), asked]);
        report.tail = job.tail.then(|| Tail {
            minor_faults: written.disturbances.minor_faults,
            involuntary_switches: written.disturbances.involuntary_switches,
            open_loop: job.rate.is_some(),
            rates,
            ..written.times.into_tail()
        });
        report
    }
}

impl<M: Memory> Site<'_, M> {
    fn is_over(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `write`: what the writers have handed in is seen.
        self.over.load(Ordering::Acquire)
    }

    fn settle(&self, number: usize) {
        if self.job.pin {
            keep_to_core(number % self.cores);
        }
    }

    /// The same for all threads.
    fn start(&self) -> Instant {
        *self.start.get_or_init(Instant::now)
    }

    fn write(&self, number: usize) {
        self.settle(number);
        let share = self.index.keys() / self.writers;
        let mut stamp = (number as u64) << 48;
        let mut write = |key, fate| {
            stamp += 1;
            self.index.replace(key, stamp, fate);
        };
        // The first and the last writer's shares make up all keys.
        let last = number + 1 == self.writers;
        let end = if last {
            self.index.keys()
        } else {
            (number + 1) * share
        };
        (number * share..end).for_each(|key| write(key, Fate::Retired));
        let mut random = Random::new(self.job.seed.wrapping_mul(31).wrapping_add(number as u64));
        for _ in 0..AGEING * share {
            write(random.below(self.index.keys()), Fate::Retired);
        }
        self.meeting.wait();
        self.meeting.wait();
        self.probe(number, 0);
        self.meeting.wait();
        let faults = Faults::new(self.job.inject);
        let mut count = 0;
        let operation = || {
            count += 1;
            faults.detour();
            write(random.below(self.index.keys()), faults.fate(count));
        };
        let until = Duration::from_secs_f64(self.job.seconds);
        let most = self.job.ops.unwrap_or(u64::MAX);
        let start = self.start();
        let written = match self.job.rate {
            None => closed_loop(start, until, most, operation),
            Some(rate) => {
                let rate = rate / self.writers as f64;
                // A number of writes ends it as well as the time does.
                let until = self.job.ops.map_or(until, |_| Duration::MAX);
                let schedule = Schedule::new(self.job.seed, number, rate, until);
                let most = usize::try_from(most).unwrap_or(usize::MAX);
                open_loop(start, schedule.take(most), self.limit(), operation)
            }
        };
        self.written
            .lock()
            .expect("nobody panics with it")
            .add(&written);
        // ORDERING: AcqRel pairs with itself in the other writers: the last sees what all have handed in.
        if self.writing.fetch_sub(1, Ordering::AcqRel) == 1 {
            // ORDERING: Release pairs with the Acquire in `is_over`.
            self.over.store(true, Ordering::Release);
            self.watcher.unpark();
        }
        self.meeting.wait();
        self.probe(number, 1);
    }

    /// From then on what is due is given up: a contestant for which the rate is too high shall not take for ever.
    fn limit(&self) -> Duration {
        let asked = match (self.job.ops, self.job.rate) {
            (Some(operations), Some(rate)) => operations as f64 * self.writers as f64 / rate,
            _ => self.job.seconds,
        };
        Duration::from_secs_f64(4.0 * asked + 0.5)
    }

    /// The first two writers send a cache line to and fro, if each has a core.
    fn probe(&self, number: usize, place: usize) {
        if self.writers < 2 || self.cores < 2 {
            return;
        }
        match number {
            0 => {
                let trip = round_trip_ns(&self.line.0);
                self.trips_ns.lock().expect("nobody panics with it")[place] = Some(trip);
            }
            1 => answer(&self.line.0),
            _ => {}
        }
    }

    fn read(&self, number: usize) {
        self.settle(number);
        self.meeting.wait();
        self.meeting.wait();
        self.meeting.wait();
        let spike = number == 0 && self.job.inject == Some(Inject::LimboSpike);
        let guard = spike.then(M::pin);
        let mut random = Random::new(self.job.seed.wrapping_mul(37).wrapping_add(number as u64));
        let mut walks = 0;
        while !self.is_over() {
            self.index
                .walk(random.below(self.index.keys() - WALK), WALK);
            walks += 1;
            let [least, most] = THINK_US;
            let think = least + random.below(most - least);
            thread::sleep(Duration::from_micros(think as u64));
        }
        drop(guard);
        self.walks.fetch_add(walks, Ordering::Relaxed);
        self.meeting.wait();
    }
}
