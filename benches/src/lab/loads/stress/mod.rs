//! Stress: threads that free each other's blocks and retire each other's entries, round after round, for as long as is asked.
//!
//! Every other operation replaces an entry of the index that all threads share, and retires the old one; the rest replace a
//! block of 16 to 4,096 bytes in a table of the process (then it is freed by a thread that did not make it, as a rule) or in a
//! table of the thread. After each round all threads stop, and latency and backlog of the round are noted: what matters is
//! whether they grow.

mod drift;
mod slots;

use core::sync::atomic::{AtomicBool, Ordering};
use std::collections::BTreeMap;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Instant;

use self::drift::Round;
use self::slots::Slots;
use super::ingest::choice::Load;
use super::ingest::faults::Faults;
use super::ingest::index::{Fate, Index};
use super::ingest::memory::{ENTRY_BYTES, Memory};
use super::ingest::tally::Tally;
use super::ingest::watch::Watch;
use super::ingest::{LIVE, WALK};
use crate::cores::keep_to_core;
use crate::lab::engine::Span;
use crate::lab::job::{Job, Report, Sample, Tail};
use crate::lab::time::{Disturbances, Recorder};
use crate::random::Random;

/// Operations of each thread in a round, unless the job says.
const OPERATIONS: u64 = 20_000;

/// Blocks in a table.
const BLOCKS: usize = 4096;

/// Sizes of blocks, unless the job says.
const SIZES: [usize; 2] = [16, 4096];

/// The part of the blocks that go into the table of the process, unless the job says.
const REMOTE: f64 = 0.5;

/// One in so many operations of a thread walks the index instead.
const WALK_EVERY: u64 = 256;

/// Room for rounds. With more, every round that does not fit is left out.
const ROUNDS: usize = 1 << 20;

/// Round after round of churn.
#[derive(Debug)]
pub enum Stress {}

#[derive(Debug)]
struct Site<'j, M: Memory> {
    job: &'j Job,
    index: Index<M>,
    shared: Slots,
    meeting: Barrier,
    over: AtomicBool,
    nothing: Tally,
    seen: Mutex<Seen>,
}

/// What all threads have seen.
#[derive(Debug, Default)]
struct Seen {
    round: Recorder,
    all: Recorder,
    rounds: Vec<Round>,
    /// Nanoseconds an operation of all threads together, in each round.
    ns: Vec<f64>,
    operations: u64,
    disturbances: Disturbances,
    figures: BTreeMap<String, f64>,
}

impl Load for Stress {
    fn with<M: Memory>(job: &Job) -> Report {
        let threads = job.row.threads.max(2) as usize;
        let nothing = Tally::now();
        let site = Site::<M> {
            job,
            index: Index::new(LIVE),
            shared: Slots::new(BLOCKS),
            meeting: Barrier::new(threads),
            over: AtomicBool::new(false),
            nothing,
            seen: Mutex::default(),
        };
        (0..LIVE).for_each(|key| site.index.replace(key, 0, Fate::Retired));
        let live_kib = live_kib(job, threads);
        let mut watch = Watch::new(job, nothing, live_kib);
        let watcher = thread::current();
        thread::scope(|scope| {
            let site = &site;
            let others = 1..threads;
            let mut crew: Vec<_> = others
                .map(|number| scope.spawn(move || site.work(number)))
                .collect();
            crew.push(scope.spawn(move || {
                site.work(0);
                watcher.unpark();
            }));
            watch.until(|| site.is_over());
            // The end of a scope does not wait for what threads do last of all: handing over what they have retired.
            for thread in crew {
                thread.join().expect("no thread of it panics");
            }
        });
        watch.look();
        assert_eq!(
            site.index.broken(),
            0,
            "entries were lost or freed under a reader"
        );
        let seen = core::mem::take(&mut *site.seen.lock().expect("nobody panics with it"));
        let mut report = Report {
            // More threads than cores as a rule, and no two that meet.
            samples: seen.ns.iter().map(|&ns| Sample::unprobed(ns)).collect(),
            figures: drift::figures(&seen.rounds),
            moments: core::mem::take(&mut watch.moments),
            peak_live_kib: Some(live_kib),
            ..Report::default()
        };
        report.figures.extend(watch.figures(M::collect));
        let left = report.figures["limbo.objects_end"];
        report.figures.insert("stress.backlog_end".into(), left);
        report.figures.extend(seen.figures);
        report.tail = job.tail.then(|| Tail {
            minor_faults: seen.disturbances.minor_faults,
            involuntary_switches: seen.disturbances.involuntary_switches,
            ..seen.all.into_tail()
        });
        report
    }
}

/// What is alive once all tables are full, which takes some rounds: the entries, and a table for each thread and one of the
/// process, unless no block goes there.
fn live_kib(job: &Job, threads: usize) -> u64 {
    let remote = job.remote_ratio.unwrap_or(REMOTE);
    let tables = usize::from(remote > 0.0) + if remote < 1.0 { threads } else { 0 };
    let [least, most] = job.sizes.unwrap_or(SIZES);
    let block = least.midpoint(most);
    let bytes = (LIVE * ENTRY_BYTES).saturating_add((tables * BLOCKS).saturating_mul(block));
    bytes as u64 / 1024
}

impl<M: Memory> Site<'_, M> {
    fn is_over(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `work`.
        self.over.load(Ordering::Acquire)
    }

    fn work(&self, number: usize) {
        if self.job.pin {
            let cores = thread::available_parallelism().map_or(1, usize::from);
            keep_to_core(number % cores);
        }
        let mut churn = Churn::new(self, number);
        let mut times = Recorder::default();
        // A round to warm up.
        churn.round(&mut times);
        self.meeting.wait();
        let leads = number == 0;
        let span = leads.then(|| Span::begin(self.job));
        let start = Instant::now();
        while !self.is_over() {
            times.clear();
            self.meeting.wait();
            let begun = Instant::now();
            let before = Disturbances::of_thread();
            churn.round(&mut times);
            let disturbances = Disturbances::of_thread().since(before);
            {
                let mut seen = self.seen.lock().expect("nobody panics with it");
                seen.round.add(&times);
                seen.operations += churn.operations;
                seen.disturbances = seen.disturbances.and(disturbances);
            }
            self.meeting.wait();
            if leads {
                self.note(begun.elapsed().as_nanos() as f64);
                let up = start.elapsed().as_secs_f64() >= self.job.seconds;
                // ORDERING: Release pairs with the Acquire in `is_over`.
                self.over.store(up, Ordering::Release);
            }
            self.meeting.wait();
        }
        if let Some(span) = span {
            let mut seen = self.seen.lock().expect("nobody panics with it");
            seen.figures = span.figures(seen.operations);
        }
    }

    /// The end of a round, while all others wait.
    fn note(&self, wall_ns: f64) {
        let mut seen = self.seen.lock().expect("nobody panics with it");
        let seen = &mut *seen;
        if seen.rounds.capacity() == 0 {
            seen.rounds.reserve_exact(ROUNDS);
            seen.ns.reserve_exact(ROUNDS);
        }
        if seen.rounds.len() < ROUNDS {
            let at = [0.5, 0.99, 0.999];
            seen.rounds.push(Round {
                latency_ns: at.map(|quantile| seen.round.at(quantile)),
                backlog: Tally::waiting(self.nothing),
            });
            seen.ns.push(wall_ns / seen.round.count().max(1) as f64);
        }
        seen.all.add(&seen.round);
        seen.round.clear();
    }
}

/// What one thread does.
struct Churn<'s, M: Memory> {
    site: &'s Site<'s, M>,
    own: Slots,
    random: Random,
    faults: Faults,
    operations: u64,
    sizes: [usize; 2],
    /// Below it, of 32 bits, a block goes into the table of the process.
    remote: f64,
    stamp: u64,
}

impl<'s, M: Memory> Churn<'s, M> {
    fn new(site: &'s Site<'s, M>, number: usize) -> Self {
        let job = site.job;
        Self {
            site,
            own: Slots::new(BLOCKS),
            random: Random::new(job.seed.wrapping_mul(41).wrapping_add(number as u64)),
            faults: Faults::new(job.inject),
            operations: job.ops.unwrap_or(OPERATIONS),
            sizes: job.sizes.unwrap_or(SIZES),
            remote: job.remote_ratio.unwrap_or(REMOTE) * f64::from(u32::MAX),
            stamp: (number as u64) << 48,
        }
    }

    #[inline(never)]
    fn round(&mut self, times: &mut Recorder) {
        for _ in 0..self.operations {
            times.time(|| self.step());
        }
    }

    #[inline(always)]
    fn step(&mut self) {
        self.stamp += 1;
        self.faults.detour();
        let fate = self.faults.fate(self.stamp);
        let index = &self.site.index;
        if self.stamp.is_multiple_of(WALK_EVERY) {
            index.walk(self.random.below(index.keys() - WALK), WALK);
        } else if self.stamp.is_multiple_of(2) {
            index.replace(self.random.below(index.keys()), self.stamp, fate);
        } else {
            let [least, most] = self.sizes;
            let bytes = least + self.random.below(most - least + 1);
            let remote = f64::from(self.random.word()) < self.remote;
            let slots = if remote { &self.site.shared } else { &self.own };
            slots.replace(self.random.below(BLOCKS), bytes, fate);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::ingest::memory::Boxes;
    use super::super::ingest::ours::Pools;
    use super::super::ingest::tests::{alone, job};
    use super::*;
    use crate::lab::job::Inject;

    fn report<M: Memory>(inject: Option<Inject>) -> Report {
        let _alone = alone();
        let mut job = job("stress/4t");
        (job.seconds, job.ops, job.inject) = (0.1, Some(500), inject);
        Stress::with::<M>(&job)
    }

    #[test]
    fn rounds_are_counted_and_nothing_waits_at_the_end() {
        for report in [report::<Boxes>(None), report::<Pools>(None)] {
            let rounds = report.figures["stress.rounds"];
            assert!(rounds >= 2.0);
            let timed: u64 = report
                .tail
                .iter()
                .flat_map(|tail| &tail.counts)
                .map(|it| it.1)
                .sum();
            assert_eq!(timed as f64, rounds * 4.0 * 500.0);
            assert_eq!(report.figures["stress.backlog_end"], 0.0);
            // 2,000 entries of 312 bytes, and five tables of 4,096 blocks of 2,056 bytes in the mean.
            assert_eq!(report.peak_live_kib, Some(609 + 41_120));
            assert_eq!(report.samples.len() as f64, rounds);
        }
    }
}
