//! A table whose blocks are replaced at random: larson's, and the loads of one thread.
//!
//! * **pareto** is after *alloc-test* (Ignatchenko and Ivanchykhin): sizes by a Pareto law, places chosen so that a fifth of
//!   them has most of the replacements and the others live long.
//! * **sizes** replaces one of a thousand blocks of one size.

use crate::lab::crew::{self, Part};
use crate::lab::heap::{Drawn, Global, Heap, Law, Piece};
use crate::lab::job::{Job, Report};
use crate::lab::time::{Recorder, Unwatched, Watch};
use crate::lab::workload::Workload;
use crate::random::Random;

/// Places of `pareto`.
const MANY: usize = 20_000;

/// Places of `sizes`.
const THOUSAND: usize = 1000;

/// Sizes that are drawn before `pareto` begins.
const DRAWN: usize = 1 << 16;

/// Four of five are smaller than four times the least, and the rest has most of the bytes.
const EXPONENT: f64 = 1.16;

/// The least and the greatest of `pareto`.
const SIZES: [usize; 2] = [16, 256 << 10];

/// Measures a row.
///
/// # Panics
/// If the row is none of these.
pub fn run(job: &Job) -> Report {
    crew::run(job, |_| match job.row.workload {
        Workload::Pareto => {
            let sizes = job.sizes.unwrap_or(SIZES);
            let law = Drawn::pareto(sizes, EXPONENT, DRAWN, job.seed);
            Table::new(Global, MANY, law, true, job.seed)
        }
        Workload::Sizes => {
            let size = job.row.variant.parse().expect("its variants are numbers");
            Table::new(Global, THOUSAND, Drawn::new(vec![size]), false, job.seed)
        }
        other => panic!("{other} is no table of one thread"),
    })
}

/// Blocks, one of which is replaced in each operation.
#[derive(Debug)]
pub(super) struct Table<H: Heap, L> {
    heap: H,
    places: Vec<Option<Piece<H>>>,
    law: L,
    /// Whether some places are replaced more often than others.
    skewed: bool,
    random: Random,
}

impl<H: Heap, L: Law> Table<H, L> {
    /// A table that the calling thread has filled. A heap just filled in order is a special case: each place has been
    /// replaced twice in the mean.
    pub(super) fn new(heap: H, places: usize, law: L, skewed: bool, seed: u64) -> Self {
        let mut table = Self {
            heap,
            places: (0..places).map(|_| None).collect(),
            law,
            skewed,
            random: Random::new(seed),
        };
        for place in 0..places {
            table.fill(place);
        }
        for _ in 0..2 * places {
            table.replace(&mut Unwatched);
        }
        table
    }

    #[inline(always)]
    fn fill(&mut self, place: usize) {
        let size = self.law.next(&mut self.random);
        let mut piece = Piece::new(self.heap, size);
        piece.touch();
        self.places[place] = Some(piece);
    }

    /// With the skew a place below the part `x` of the table is chosen with the probability `x (1 - ln x + ln² x / 2)`: the
    /// first fifth has 78 % of the replacements.
    #[inline(always)]
    fn choose(&mut self) -> usize {
        let mut bound = self.places.len();
        if self.skewed {
            bound = self.random.below(bound) + 1;
            bound = self.random.below(bound) + 1;
        }
        self.random.below(bound)
    }

    /// Frees a block and makes another in its place.
    #[inline(always)]
    pub(super) fn replace(&mut self, watch: &mut impl Watch) {
        let place = self.choose();
        watch.time(|| {
            drop(self.places[place].take());
            self.fill(place);
        });
    }

    /// Bytes alive now.
    pub(super) fn bytes(&self) -> u64 {
        let sizes = self.places.iter().flatten().map(Piece::size);
        sizes.sum::<usize>() as u64
    }
}

impl<H: Heap, L: Law> Part for Table<H, L> {
    #[inline(always)]
    fn step(&mut self) {
        self.replace(&mut Unwatched);
    }

    #[inline(never)]
    fn tail(&mut self, operations: u64, times: &mut Recorder) {
        for _ in 0..operations {
            self.replace(times);
        }
    }

    fn live_bytes(&self) -> u64 {
        self.bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::heap::Uniform;
    use crate::lab::heap::ledger::Ledger;

    #[test]
    fn every_replacement_frees_one_and_makes_one() {
        let ledger = Ledger::open();
        let mut table = Table::new(ledger, 10, Uniform::new([8, 40]), false, 1);
        assert_eq!((ledger.live(), ledger.freed().len()), (10, 20));
        let mut times = Recorder::default();
        table.body(5);
        table.tail(7, &mut times);
        assert_eq!((ledger.live(), ledger.freed().len()), (10, 32));
        assert_eq!(times.count(), 7);
        let sizes = ledger.sizes();
        assert!(sizes.iter().all(|size| (8..=40).contains(size)));
        let freed: usize = ledger.freed().iter().map(|one| sizes[one.serial]).sum();
        let made: usize = sizes.iter().sum();
        assert_eq!(table.live_bytes(), (made - freed) as u64);
        drop(table);
        ledger.close();
        assert_eq!(ledger.remote_ratio(), 0.0);
    }

    #[test]
    fn the_first_fifth_of_a_skewed_table_has_most_replacements() {
        let share = |skewed| {
            let law = Drawn::new(vec![16]);
            let mut table = Table::new(Ledger::open(), 1000, law, skewed, 3);
            let first = (0..100_000).filter(|_| table.choose() < 200).count();
            first as f64 / 100_000.0
        };
        assert!((share(false) - 0.2).abs() < 0.01, "{}", share(false));
        assert!((share(true) - 0.78).abs() < 0.01, "{}", share(true));
    }
}
