//! Threads that begin, allocate a little, leave some of it to the next and end. An operation is the life of a thread.

use crate::lab::heap::{Global, Heap, Law, Piece, Uniform};
use crate::lab::job::{Job, Report};
use crate::lab::shift::{self, Shift, Work, succession};
use crate::random::Random;

/// Blocks that each thread makes.
const MADE: usize = 64;

/// Every so manieth block is left to the next thread.
const LEFT: usize = 4;

/// The least and the greatest block.
const SIZES: [usize; 2] = [16, 512];

/// Measures a row.
pub fn run(job: &Job) -> Report {
    shift::run(job, &mut Turnover::new(job, Global))
}

struct Turnover<'j, H: Heap> {
    job: &'j Job,
    lines: Vec<Line<H>>,
}

struct Line<H: Heap> {
    heap: H,
    random: Random,
    law: Uniform,
    made: Vec<Piece<H>>,
    left: Vec<Piece<H>>,
}

impl<H: Heap> Line<H> {
    /// The life of a thread.
    fn live(&mut self) {
        for _ in 0..MADE {
            let size = self.law.next(&mut self.random);
            self.made.push(Piece::new(self.heap, size));
        }
        self.left.clear();
        for (place, piece) in self.made.drain(..).enumerate() {
            if place % LEFT == 0 {
                self.left.push(piece);
            }
        }
    }
}

impl<'j, H: Heap> Turnover<'j, H> {
    fn new(job: &'j Job, heap: H) -> Self {
        let line = |index| Line {
            heap,
            random: Random::new(job.seed + index),
            law: Uniform::of(job, SIZES),
            made: Vec::with_capacity(MADE),
            left: Vec::with_capacity(MADE.div_ceil(LEFT)),
        };
        Self {
            job,
            lines: (0..u64::from(job.row.threads)).map(line).collect(),
        }
    }
}

impl<H: Heap> Shift for Turnover<'_, H> {
    fn work(&mut self, operations: u64) -> Work {
        succession(self.job, &mut self.lines, operations, Line::live);
        Work {
            operations: operations * self.lines.len() as u64,
            busy: None,
        }
    }

    /// The system's part of a thread's life is nearly all of it.
    fn has_tail(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::heap::ledger::Ledger;
    use crate::lab::job::tests::job;

    #[test]
    fn each_thread_makes_64_and_leaves_16_to_the_next() {
        let ledger = Ledger::open();
        let job = job("turnover/2t");
        let mut load = Turnover::new(&job, ledger);
        assert_eq!(load.work(10).operations, 20);
        assert_eq!(ledger.sizes().len(), 20 * 64);
        assert_eq!(ledger.live(), 2 * 16);
        // Of each line's ten threads nine have freed 16 blocks of the one before.
        let remote = ledger.freed().iter().filter(|one| one.remote).count();
        assert_eq!(remote, 2 * 9 * 16);
        drop(load);
        ledger.close();
    }
}
