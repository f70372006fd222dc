//! The loads lose nothing, keep as many alive as they say, and their faults can be seen.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::memory::Boxes;
use super::ours::{Buckets, Pools};
use super::*;
use crate::lab::job::{Inject, tests as tests_of_job};

/// Counts of entries are of the whole process: loads are tested one at a time.
pub(in crate::lab::loads) fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A short job.
pub(in crate::lab::loads) fn job(row: &str) -> Job {
    Job {
        seconds: 0.1,
        ops: None,
        sample_ms: 5,
        ..tests_of_job::job(row)
    }
}

fn open(rate: f64, inject: Option<Inject>) -> Job {
    let mut job = job("ingest/given/4t");
    (job.rate, job.inject) = (Some(rate), inject);
    job
}

fn report<M: Memory>(job: &Job) -> Report {
    let _alone = alone();
    Ingest::with::<M>(job)
}

fn count(report: &Report) -> u64 {
    let tail = report.tail.as_ref().unwrap();
    tail.counts.iter().map(|step| step.1).sum()
}

#[test]
fn an_index_keeps_one_entry_for_each_key_and_loses_none() {
    fn check<M: Memory>() {
        let _alone = alone();
        let before = Tally::now();
        let index = Index::<M>::new(50);
        index.walk(0, 50);
        assert_eq!(index.broken(), 50, "nothing is there yet");
        for stamp in 0..1000 {
            index.replace(stamp as usize % 50, stamp, Fate::Retired);
        }
        index.walk(0, 50);
        assert_eq!(index.broken(), 50, "all is there");
        let since = |now: Tally| (now.retired - before.retired, now.dropped - before.dropped);
        assert_eq!(since(Tally::now()).0, 950);
        index.replace(7, 1, Fate::Forgotten);
        assert_eq!(since(Tally::now()).0, 950);
        drop(index);
        (0..100).for_each(|_| M::collect());
        // One of 1001 was forgotten.
        assert_eq!(since(Tally::now()), (950, 1000));
    }
    check::<Boxes>();
    check::<Pools>();
    check::<Buckets>();
}

#[test]
fn an_open_loop_does_what_is_due_and_a_closed_one_what_it_can() {
    let asked = open(50_000.0, None);
    let reports = [
        report::<Boxes>(&asked),
        report::<Pools>(&asked),
        report::<Buckets>(&asked),
    ];
    // The schedule alone says how many writes there are.
    let expected = (0..2).map(|writer| {
        let until = Duration::from_secs_f64(asked.seconds);
        Schedule::new(asked.seed, writer, 25_000.0, until).count() as u64
    });
    let expected: u64 = expected.sum();
    for report in &reports {
        assert_eq!(count(report), expected);
        let tail = report.tail.as_ref().unwrap();
        assert!(tail.open_loop && tail.rates.unwrap()[1] == 50_000.0);
        assert_eq!(report.figures["limbo.objects_end"], 0.0);
        assert!(!report.moments.is_empty());
    }
    let mut closed = asked.clone();
    (closed.rate, closed.ops) = (None, Some(3000));
    let closed = report::<Boxes>(&closed);
    assert_eq!(count(&closed), 6000);
    assert!(!closed.tail.unwrap().open_loop);
    // Where there are two cores, their distance is known, also when each thread keeps to one.
    if thread::available_parallelism().is_ok_and(|cores| cores.get() > 1) {
        let mut pinned = asked;
        pinned.pin = true;
        let pinned = report::<Boxes>(&pinned);
        assert!(pinned.samples[0].trips_ns.is_some());
    }
}

#[test]
fn a_reader_that_stays_pinned_is_seen_in_limbo() {
    let healthy = report::<Pools>(&open(200_000.0, None));
    let faulty = report::<Pools>(&open(200_000.0, Some(Inject::LimboSpike)));
    let most = |report: &Report| report.figures["limbo.objects_max"];
    let [usual, spike] = [most(&healthy), most(&faulty)];
    // Nearly all of the 20,000 writes; the last look may have come a little before the end.
    assert!(spike > 15_000.0 && spike > 2.0 * usual, "{usual} {spike}");
    assert_eq!(faulty.figures["limbo.objects_end"], 0.0);
}

#[test]
fn a_leak_forgets_one_in_ten() {
    let faults = Faults::new(Some(Inject::Leak));
    let forgotten = (1..=1000).filter(|number| faults.fate(*number) == Fate::Forgotten);
    assert_eq!(forgotten.count(), 100);
    let healthy = Faults::new(None);
    assert!((1..=1000).all(|number| healthy.fate(number) == Fate::Retired));
}
