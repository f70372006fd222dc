//! A reader that stays pinned: what waits meanwhile, and how soon it is gone when the reader has let go.
//!
//! A cycle: the writer replaces entries at full speed; a reader pins and sleeps; the writer replaces so many entries; the
//! reader lets go; the writer goes on until no more waits than did before the reader came, or a fiftieth of what waited. The number of entries replaced under the
//! sleeping reader is the same for all, so what waits is the same, and memory can be compared.

use core::sync::atomic::{AtomicBool, Ordering};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use super::ingest::choice::Load;
use super::ingest::faults::Faults;
use super::ingest::index::{Fate, Index};
use super::ingest::memory::{ENTRY_BYTES, Memory};
use super::ingest::tally::Tally;
use super::ingest::watch::Watch;
use super::ingest::{AGEING, LIVE};
use crate::clock::median;
use crate::cores::keep_to_core;
use crate::lab::engine::Span;
use crate::lab::job::{Job, Report, Sample};
use crate::random::Random;
use crate::resident;

/// Entries replaced while the reader sleeps, unless the job says.
const REPLACED: u64 = if cfg!(test) { 10_000 } else { 200_000 };

/// Entries replaced between two looks at what waits.
const STRIDE: u64 = 256;

/// Who has not come back after replacing so many times as much as under the reader, does not.
const PATIENCE: u64 = 50;

/// A reader that stays pinned.
#[derive(Debug)]
pub enum Stalled {}

/// What one cycle has shown.
#[derive(Debug, Default)]
struct Cycle {
    /// Nanoseconds a replacement: before the reader came, while it slept, after it had gone.
    ns: [f64; 3],
    /// Entries that waited when the reader let go.
    waiting: u64,
    /// What they took of resident memory.
    rss_kib: u64,
    /// Until about as much waited as before.
    back: Duration,
    /// Whether that came to pass.
    came_back: bool,
}

impl Load for Stalled {
    fn with<M: Memory>(job: &Job) -> Report {
        let nothing = Tally::now();
        let index = Index::<M>::new(LIVE);
        let (meeting, over) = (Barrier::new(2), AtomicBool::new(false));
        let mut watch = Watch::new(job, nothing, (LIVE * ENTRY_BYTES / 1024) as u64);
        let watcher = thread::current();
        let (cycles, figures) = thread::scope(|scope| {
            let reader = scope.spawn(|| sleep::<M>(job, &meeting, &over));
            let writer = scope.spawn(|| {
                if job.pin {
                    keep_to_core(0);
                }
                let mut writer = Writer::new(job, &index, nothing);
                let span = Span::begin(job);
                let start = Instant::now();
                let mut cycles = Vec::new();
                while cycles.is_empty() || start.elapsed().as_secs_f64() < job.seconds {
                    meeting.wait();
                    cycles.push(writer.cycle(&meeting));
                }
                let figures = span.figures(writer.stamp);
                // ORDERING: Release pairs with the Acquire of the watcher and of the reader.
                over.store(true, Ordering::Release);
                meeting.wait();
                watcher.unpark();
                (cycles, figures)
            });
            watch.until(|| over.load(Ordering::Acquire));
            // The end of a scope does not wait for what threads do last of all: handing over what they have retired.
            reader.join().expect("a reader does not panic");
            writer.join().expect("a writer does not panic")
        });
        watch.look();
        let middle = |of: &dyn Fn(&Cycle) -> f64| median(cycles.iter().map(of).collect());
        let most = |of: &dyn Fn(&Cycle) -> f64| cycles.iter().map(of).fold(0.0, f64::max);
        let mut report = Report {
            // One thread writes and no cache line travels.
            samples: cycles
                .iter()
                .map(|one| Sample::unprobed(one.ns[1]))
                .collect(),
            peak_live_kib: Some((LIVE * ENTRY_BYTES / 1024) as u64),
            figures,
            ..Report::default()
        };
        report.figures.extend(watch.figures(M::collect));
        let waited = most(&|one| one.waiting as f64);
        let told = [
            ("ns_before", middle(&|one| one.ns[0])),
            ("ns_pinned", middle(&|one| one.ns[1])),
            ("ns_after", middle(&|one| one.ns[2])),
            ("waiting", Some(waited)),
            ("waiting_kib", Some(waited * ENTRY_BYTES as f64 / 1024.0)),
            ("rss_kib", Some(most(&|one| one.rss_kib as f64))),
            ("back_ms", middle(&|one| one.back.as_secs_f64() * 1e3)),
            (
                "not_back",
                Some(most(&|one| f64::from(u8::from(!one.came_back)))),
            ),
            ("cycles", Some(cycles.len() as f64)),
        ];
        let told = told.into_iter();
        let told = told.filter_map(|(name, figure)| Some((format!("stalled.{name}"), figure?)));
        report.figures.extend(told);
        report.moments = watch.moments;
        report
    }
}

/// The reader: pinned from the second meeting of a cycle to the third.
fn sleep<M: Memory>(job: &Job, meeting: &Barrier, over: &AtomicBool) {
    if job.pin {
        keep_to_core(1);
    }
    loop {
        meeting.wait();
        // ORDERING: Acquire pairs with the Release of the writer.
        if over.load(Ordering::Acquire) {
            return;
        }
        meeting.wait();
        let guard = M::pin();
        meeting.wait();
        meeting.wait();
        drop(guard);
    }
}

struct Writer<'i, M: Memory> {
    index: &'i Index<M>,
    nothing: Tally,
    random: Random,
    stamp: u64,
    faults: Faults,
    /// Replacements under the reader.
    count: u64,
}

impl<'i, M: Memory> Writer<'i, M> {
    /// Fills the index and lets it age.
    fn new(job: &Job, index: &'i Index<M>, nothing: Tally) -> Self {
        (0..LIVE).for_each(|key| index.replace(key, 0, Fate::Retired));
        let mut writer = Self {
            index,
            nothing,
            random: Random::new(job.seed),
            stamp: 0,
            faults: Faults::new(job.inject),
            count: job.ops.unwrap_or(REPLACED),
        };
        writer.replace((AGEING * LIVE) as u64);
        writer
    }

    /// So many replacements; returns what one took, in nanoseconds.
    #[inline(never)]
    fn replace(&mut self, count: u64) -> f64 {
        let start = Instant::now();
        for _ in 0..count {
            self.stamp += 1;
            self.faults.detour();
            let key = self.random.below(self.index.keys());
            self.index
                .replace(key, self.stamp, self.faults.fate(self.stamp));
        }
        start.elapsed().as_nanos() as f64 / count as f64
    }

    fn waiting(&self) -> u64 {
        Tally::waiting(self.nothing)
    }

    fn cycle(&mut self, meeting: &Barrier) -> Cycle {
        let mut cycle = Cycle::default();
        // What waits as a rule: a batch of the reclaimer's, more or less.
        let (mut usual, mut rounds, mut spent) = (0, 0, 0.0);
        while rounds * STRIDE < self.count / 4 {
            spent += self.replace(STRIDE);
            usual = usual.max(self.waiting());
            rounds += 1;
        }
        cycle.ns[0] = spent / f64::from(rounds.max(1) as u32);
        let before_kib = resident::now_kib().unwrap_or(0);
        meeting.wait();
        // The reader pins.
        meeting.wait();
        cycle.ns[1] = self.replace(self.count);
        cycle.waiting = self.waiting();
        cycle.rss_kib = resident::now_kib().unwrap_or(0).saturating_sub(before_kib);
        let near = usual.max(cycle.waiting / 50);
        let start = Instant::now();
        meeting.wait();
        let (mut rounds, mut spent) = (0, 0.0);
        while !cycle.came_back && rounds * STRIDE < self.count.max(STRIDE) * PATIENCE {
            spent += self.replace(STRIDE);
            rounds += 1;
            cycle.came_back = self.waiting() <= near;
        }
        cycle.back = start.elapsed();
        cycle.ns[2] = spent / f64::from(rounds.max(1) as u32);
        cycle
    }
}

#[cfg(test)]
mod tests {
    use super::super::ingest::memory::Boxes;
    use super::super::ingest::ours::{Buckets, Pools};
    use super::super::ingest::tests::{alone, job};
    use super::*;

    fn figures<M: Memory>() -> Report {
        let _alone = alone();
        let mut job = job("stalled/2t");
        job.seconds = 0.05;
        Stalled::with::<M>(&job)
    }

    #[test]
    fn all_that_is_retired_waits_for_the_reader_and_goes_when_it_goes() {
        for report in [figures::<Boxes>(), figures::<Pools>(), figures::<Buckets>()] {
            let figure = |name: &str| report.figures[name];
            assert!(figure("stalled.waiting") >= REPLACED as f64, "{report:?}");
            assert_eq!(figure("stalled.not_back"), 0.0);
            assert_eq!(figure("limbo.objects_end"), 0.0);
            assert!(figure("stalled.back_ms") > 0.0 && !report.samples.is_empty());
        }
    }
}
