//! Producers make blocks, consumers free them, in batches: after the test of Lever and Boreham (*malloc() performance in a
//! multithreaded Linux environment*, 2000).
//!
//! A batch is a table of blocks that its producer makes with the blocks and its consumer frees with them. Batches wait in a
//! **lane**: a stack behind a mutex, so the newest is freed first; who makes for a lane that is full waits.
//!
//! | variant | threads | |
//! |---|---|---|
//! | even | any | one half makes, the other frees |
//! | asymmetric | 2 | each makes and frees: the first makes three batches of four and frees one, the second the reverse |
//! | asymmetric | more | all make but one, which frees everything |
//!
//! An operation is a block made and freed. `--remote-ratio` has the producers free the rest of their blocks themselves.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cores::Apart;
use crate::lab::crew::{self, Part, may_spin, pause};
use crate::lab::heap::{Global, Heap, Law, Piece, Uniform};
use crate::lab::job::{Job, Report};
use crate::lab::time::{Recorder, Unwatched, Watch};
use crate::random::Random;

/// Blocks of a batch.
const BATCH: usize = 4096;

/// Batches that wait in a lane at most, but for one of each producer.
const WAITING: usize = 64;

/// The least and the greatest block: all of one cache line.
const SIZES: [usize; 2] = [64, 64];

/// Measures a row.
pub fn run(job: &Job) -> Report {
    run_on(job, Global, BATCH)
}

fn run_on<H: Heap>(job: &Job, heap: H, batch: usize) -> Report {
    let threads = job.row.threads as usize;
    let duties: Vec<Duty> = (0..threads)
        .map(|index| duty(job.row.variant, threads, index))
        .collect();
    let lanes = [0, 1].map(|lane| Lane::<H> {
        batches: Mutex::new(Vec::with_capacity(WAITING + threads)),
        waiting: Apart(AtomicUsize::new(0)),
        taken: Apart(AtomicUsize::new(0)),
        most: AtomicUsize::new(0),
        per_unit: duties.iter().map(|duty| duty.makes[lane]).sum(),
    });
    let spinning = may_spin(threads);
    let remote = job.remote_ratio.unwrap_or(1.0);
    let mut report = crew::run(job, |index| Hand {
        heap,
        law: Uniform::of(job, SIZES),
        random: Random::new(job.seed + index as u64),
        batch,
        remote: (remote * 2.0_f64.powi(32)) as u64,
        own: Vec::with_capacity(batch),
        duty: duties[index],
        lanes: &lanes,
        targets: [0; 2],
        spinning,
    });
    // All that waited at once, and a batch in the hands of each thread.
    let most = lanes.iter().map(|lane| lane.most.load(Ordering::Relaxed));
    let batches = (most.sum::<usize>() + threads) as f64;
    let live = batches * batch as f64 * Uniform::of(job, SIZES).mean();
    report.peak_live_kib = Some(live as u64 / 1024);
    report
}

/// What a thread does in each turn: batches it makes for each lane, and takes from each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Duty {
    makes: [usize; 2],
    takes: [usize; 2],
}

fn duty(variant: &str, threads: usize, index: usize) -> Duty {
    let producer = Duty {
        makes: [1, 0],
        takes: [0, 0],
    };
    let consumer = Duty {
        makes: [0, 0],
        takes: [1, 0],
    };
    match (variant, threads, index) {
        ("asymmetric", 2, 0) => Duty {
            makes: [3, 0],
            takes: [0, 1],
        },
        ("asymmetric", 2, _) => Duty {
            makes: [0, 1],
            takes: [3, 0],
        },
        ("asymmetric", _, _) if index + 1 < threads => producer,
        ("asymmetric", _, _) => consumer,
        _ if index < threads / 2 => producer,
        _ => consumer,
    }
}

type Batch<H> = Vec<Piece<H>>;

/// A way from those who make to those who free.
struct Lane<H: Heap> {
    batches: Mutex<Vec<Batch<H>>>,
    /// Batches in it.
    waiting: Apart<AtomicUsize>,
    /// Batches ever taken out.
    taken: Apart<AtomicUsize>,
    /// The most batches that were in it at once.
    most: AtomicUsize,
    /// Batches that are made for it in a turn, by all together.
    per_unit: usize,
}

impl<H: Heap> Lane<H> {
    fn is_full(&self) -> bool {
        self.waiting.0.load(Ordering::Relaxed) >= WAITING
    }

    fn put(&self, batch: Batch<H>) {
        let mut batches = self.batches.lock().expect("nobody panics with it");
        batches.push(batch);
        self.waiting.0.store(batches.len(), Ordering::Relaxed);
        self.most.fetch_max(batches.len(), Ordering::Relaxed);
    }

    fn take(&self) -> Option<Batch<H>> {
        if self.waiting.0.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let mut batches = self.batches.lock().expect("nobody panics with it");
        let batch = batches.pop()?;
        self.waiting.0.store(batches.len(), Ordering::Relaxed);
        self.taken.0.fetch_add(1, Ordering::Relaxed);
        Some(batch)
    }

    fn is_done(&self, target: usize) -> bool {
        self.taken.0.load(Ordering::Relaxed) >= target
    }
}

/// One thread.
struct Hand<'l, H: Heap> {
    heap: H,
    law: Uniform,
    random: Random,
    /// Blocks of a batch.
    batch: usize,
    /// A block goes into the batch if a random word is below this.
    remote: u64,
    /// Blocks that it frees itself.
    own: Batch<H>,
    duty: Duty,
    lanes: &'l [Lane<H>; 2],
    /// Batches that will have been taken from each lane when the sample is over.
    targets: [usize; 2],
    spinning: bool,
}

impl<H: Heap> Hand<'_, H> {
    /// A batch, full.
    #[inline(always)]
    fn make(&mut self, watch: &mut impl Watch) -> Batch<H> {
        let mut batch = Vec::with_capacity(self.batch);
        for _ in 0..self.batch {
            let size = self.law.next(&mut self.random);
            let piece = watch.time(|| Piece::new(self.heap, size));
            if u64::from(self.random.word()) < self.remote {
                batch.push(piece);
            } else {
                self.own.push(piece);
            }
        }
        for piece in self.own.drain(..) {
            watch.time(|| drop(piece));
        }
        batch
    }

    /// Makes its batches for `units` turns and takes what the others make in these. Never waits for one with the other
    /// undone: two that made for each other could wait for ever. Returns how many blocks it has made.
    #[inline(always)]
    fn work(&mut self, units: usize, watch: &mut impl Watch) -> u64 {
        let mut left = self.duty.makes.map(|makes| makes * units);
        for (target, lane) in self.targets.iter_mut().zip(self.lanes) {
            *target += lane.per_unit * units;
        }
        let made = left.iter().sum::<usize>() * self.batch;
        loop {
            let (mut idle, mut done) = (true, true);
            for (index, lane) in self.lanes.iter().enumerate() {
                for _ in 0..self.duty.makes[index].min(left[index]) {
                    done = false;
                    if !lane.is_full() {
                        lane.put(self.make(watch));
                        left[index] -= 1;
                        idle = false;
                    }
                }
                for _ in 0..self.duty.takes[index] {
                    if let Some(batch) = lane.take() {
                        for piece in batch {
                            watch.time(|| drop(piece));
                        }
                        idle = false;
                    }
                }
                done &= self.duty.takes[index] == 0 || lane.is_done(self.targets[index]);
            }
            if done {
                return made as u64;
            }
            if idle {
                pause(self.spinning);
            }
        }
    }
}

impl<H: Heap> Part for Hand<'_, H> {
    fn step(&mut self) {
        self.body(1);
    }

    /// All that `operations` blocks for each thread come to in the end is shared out by the duties.
    #[inline(never)]
    fn body(&mut self, operations: u64) -> u64 {
        self.work(
            operations.div_ceil(self.batch as u64) as usize,
            &mut Unwatched,
        )
    }

    /// An operation is a block made, or one freed.
    #[inline(never)]
    fn tail(&mut self, operations: u64, times: &mut Recorder) {
        self.work(operations.div_ceil(self.batch as u64) as usize, times);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::heap::ledger::Ledger;
    use crate::lab::job::tests::job;

    #[test]
    fn every_block_is_freed_by_another_thread() {
        for (row, per_unit) in [
            ("xmalloc/even/2t", 1),
            ("xmalloc/even/4t", 2),
            ("xmalloc/asymmetric/2t", 4),
            ("xmalloc/asymmetric/4t", 3),
        ] {
            let ledger = Ledger::open();
            let mut job = job(row);
            job.ops = Some(300);
            let report = run_on(&job, ledger, 8);
            ledger.close();
            assert_eq!(ledger.remote_ratio(), 1.0, "{row}");
            // A warm-up, three samples and a tail.
            assert_eq!(ledger.sizes().len(), 5 * 38 * 8 * per_unit, "{row}");
            let tail = report.tail.unwrap();
            let singles: u64 = tail.counts.iter().map(|one| one.1).sum();
            assert_eq!(singles, 2 * 38 * 8 * per_unit as u64, "{row}");
            assert!(report.peak_live_kib.is_some());
        }
    }

    #[test]
    fn two_are_asymmetric_by_sharing_out_and_more_by_their_number() {
        let makers = |threads| {
            let duties = (0..threads).map(|index| duty("asymmetric", threads, index));
            duties.map(|duty| duty.makes).collect::<Vec<_>>()
        };
        assert_eq!(makers(2), [[3, 0], [0, 1]]);
        assert_eq!(makers(4), [[1, 0], [1, 0], [1, 0], [0, 0]]);
        assert_eq!(duty("even", 4, 1).makes, [1, 0]);
        assert_eq!(duty("even", 4, 2).takes, [1, 0]);
    }

    #[test]
    fn producers_free_the_rest_themselves() {
        let ledger = Ledger::open();
        let mut job = job("xmalloc/even/2t");
        job.remote_ratio = Some(0.25);
        job.sizes = Some([16, 32]);
        job.ops = Some(2000);
        run_on(&job, ledger, 100);
        ledger.close();
        let remote = ledger.remote_ratio();
        assert!((remote - 0.25).abs() < 0.03, "{remote}");
        assert!(ledger.sizes().iter().all(|size| (16..=32).contains(size)));
    }
}
