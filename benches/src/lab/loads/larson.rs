//! A server as Larson and Krishnan simulate it (*Memory allocation for long-running server applications*, 1998).
//!
//! Each line of threads has a table of blocks. A thread replaces blocks of its table at random and ends after a while; the
//! next of the line inherits the table, so it frees blocks that an ended thread has made. An operation frees one block and
//! makes another.

use std::iter::zip;

use crate::lab::heap::{Global, Heap, Uniform};
use crate::lab::job::{Job, Report};
use crate::lab::shift::{self, Shift, Work, succession};
use crate::lab::time::{Recorder, Unwatched};

use super::table::Table;

/// Blocks of each line.
const PLACES: usize = 5000;

/// Replacements of a thread for each block of its table, unless a ratio of remote frees is asked for.
const TURNS: f64 = 10.0;

/// The least and the greatest block.
const SIZES: [usize; 2] = [8, 512];

/// Measures a row.
pub fn run(job: &Job) -> Report {
    shift::run(job, &mut Larson::new(job, Global, PLACES))
}

struct Larson<'j, H: Heap> {
    job: &'j Job,
    tables: Vec<Table<H, Uniform>>,
    /// Replacements of each thread.
    life: u64,
    live_bytes: u64,
}

impl<'j, H: Heap> Larson<'j, H> {
    fn new(job: &'j Job, heap: H, places: usize) -> Self {
        let law = Uniform::of(job, SIZES);
        let table = |line| Table::new(heap, places, law, false, job.seed + line);
        let turns = job.remote_ratio.map_or(TURNS, turns_for);
        Self {
            job,
            tables: (0..u64::from(job.row.threads)).map(table).collect(),
            life: ((places as f64 * turns) as u64).max(1),
            live_bytes: 0,
        }
    }

    /// How many threads live in each line, and how many replacements each does: as long as it takes, for who lives shorter
    /// meets more inherited blocks. Only a job of a fixed length cuts lives short.
    fn plan(&self, operations: u64) -> (u64, u64) {
        let lives = operations.div_ceil(self.life).max(1);
        match self.job.ops {
            None => (lives, self.life),
            Some(_) => (lives, operations.div_ceil(lives)),
        }
    }
}

/// Replacements of a thread for each block, so that this part of the frees meets a block of the thread before. After `x`
/// replacements for each block the part `1 - e^-x` of what was inherited is gone, so it is `(1 - e^-x) / x` of the frees.
/// Shorter lives than one replacement for each block would measure the beginning of threads: a ratio above 0.63 is not to be
/// had.
fn turns_for(ratio: f64) -> f64 {
    let (mut low, mut high) = (1.0, 100.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if (1.0 - f64::exp(-middle)) / middle > ratio {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

impl<H: Heap> Shift for Larson<'_, H> {
    fn work(&mut self, operations: u64) -> Work {
        let (lives, life) = self.plan(operations);
        let busy = succession(self.job, &mut self.tables, lives, |table| {
            for _ in 0..life {
                table.replace(&mut Unwatched);
            }
        });
        let live = self.tables.iter().map(Table::bytes).sum();
        self.live_bytes = self.live_bytes.max(live);
        Work {
            operations: lives * life * self.tables.len() as u64,
            busy: busy.first_chunk().copied(),
        }
    }

    fn tail(&mut self, operations: u64, times: &mut [Recorder]) {
        let (lives, life) = self.plan(operations);
        let mut states: Vec<_> = zip(&mut self.tables, times).collect();
        succession(self.job, &mut states, lives, |(table, times)| {
            for _ in 0..life {
                table.replace(*times);
            }
        });
    }

    fn live_bytes(&self) -> u64 {
        self.live_bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::heap::ledger::Ledger;
    use crate::lab::job::tests::job;

    #[test]
    fn threads_free_what_ended_threads_left_and_the_ratio_is_the_laws() {
        let ledger = Ledger::open();
        let job = job("larson/2t");
        let mut load = Larson::new(&job, ledger, 50);
        assert_eq!(load.life, 500);
        let before = ledger.freed().len();
        assert_eq!(before, 2 * 100);
        let work = load.work(5 * 500);
        assert_eq!(work.operations, 2 * 5 * 500);
        let freed = ledger.freed().split_off(before);
        assert_eq!(freed.len(), 5000);
        let remote = freed.iter().filter(|one| one.remote).count() as f64 / 5000.0;
        assert!((remote - 0.1).abs() < 0.01, "{remote}");
        assert_eq!(ledger.live(), 100);
        assert!(load.live_bytes() >= 100 * 8 && load.live_bytes() <= 100 * 512);
        drop(load);
        ledger.close();
    }

    #[test]
    fn the_ratio_that_is_asked_for_comes_out() {
        let ledger = Ledger::open();
        let mut job = job("larson/4t");
        job.remote_ratio = Some(0.3);
        job.sizes = Some([100, 100]);
        let mut load = Larson::new(&job, ledger, 50);
        let before = ledger.freed().len();
        load.work(20 * load.life);
        let freed = ledger.freed().split_off(before);
        let remote = freed.iter().filter(|one| one.remote).count() as f64 / freed.len() as f64;
        assert!((remote - 0.3).abs() < 0.03, "{remote}");
        assert!(ledger.sizes().iter().all(|size| *size == 100));
    }

    #[test]
    fn the_tail_times_as_many_as_were_asked_for() {
        let ledger = Ledger::open();
        let job = job("larson/2t");
        let mut load = Larson::new(&job, ledger, 10);
        let mut times = [Recorder::default(), Recorder::default()];
        load.tail(30, &mut times);
        assert_eq!(times.map(|one| one.count()), [30, 30]);
    }
}
