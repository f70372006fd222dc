//! Two blocks on one cache line, each written by a thread of its own: after `cache-scratch` and `cache-thrash`, which came with
//! Hoard.
//!
//! * **thrash**: each thread makes a small block, writes it often and frees it, again and again. An allocator that cuts the
//!   lines of one place up for several threads shares lines *actively*.
//! * **scratch**: before that one thread makes a block for every thread, next to each other, and each frees the one it was
//!   given. An allocator that gives such a block to the thread that freed it, for ever, shares lines *passively*.
//!
//! An operation is a block made, written a hundred times and freed.

use std::sync::{Mutex, MutexGuard};

use crate::cores::Apart;
use crate::lab::crew::{self, Part, may_spin, pause};
use crate::lab::heap::{Global, Heap, Piece, WORD};
use crate::lab::job::{Job, Report};
use crate::lab::workload::Workload;

/// Writes of each block.
const WRITES: usize = 100;

/// Blocks that each thread makes between two that it is given.
const ROUND: u64 = 4096;

/// Bytes of a block.
const SIZE: usize = WORD;

/// Measures a row.
pub fn run(job: &Job) -> Report {
    run_on(job, Global, ROUND)
}

fn run_on<H: Heap>(job: &Job, heap: H, round: u64) -> Report {
    let threads = job.row.threads as usize;
    let gifts = Gifts::new(threads);
    let giving = job.row.workload == Workload::Scratch;
    crew::run(job, |index| Writer {
        heap,
        gifts: giving.then_some(&gifts),
        round,
        index,
    })
}

/// What one thread has made for the others: a block for each.
struct Gifts<H: Heap> {
    slots: Vec<Apart<Mutex<Option<Piece<H>>>>>,
    spinning: bool,
}

impl<H: Heap> Gifts<H> {
    fn new(threads: usize) -> Self {
        Self {
            slots: (0..threads).map(|_| Apart(Mutex::default())).collect(),
            spinning: may_spin(threads),
        }
    }

    fn slot(&self, index: usize) -> MutexGuard<'_, Option<Piece<H>>> {
        self.slots[index].0.lock().expect("nobody panics with it")
    }

    /// Makes them all, one after the other, as soon as nobody has one any more.
    fn give(&self, heap: H) {
        for index in 0..self.slots.len() {
            while self.slot(index).is_some() {
                pause(self.spinning);
            }
        }
        // Made before any is given: who frees early would otherwise be given the same block again.
        let pieces: Vec<Piece<H>> = self.slots.iter().map(|_| Piece::new(heap, SIZE)).collect();
        for (index, piece) in pieces.into_iter().enumerate() {
            *self.slot(index) = Some(piece);
        }
    }

    /// The block for this thread.
    fn take(&self, index: usize) -> Piece<H> {
        loop {
            let given = self.slot(index).take();
            match given {
                Some(piece) => return piece,
                None => pause(self.spinning),
            }
        }
    }
}

struct Writer<'g, H: Heap> {
    heap: H,
    gifts: Option<&'g Gifts<H>>,
    /// Blocks between two that are given.
    round: u64,
    index: usize,
}

impl<H: Heap> Part for Writer<'_, H> {
    #[inline(always)]
    fn step(&mut self) {
        let piece = Piece::new(self.heap, SIZE);
        let word = piece.word();
        for _ in 0..WRITES {
            // SAFETY: the piece is ours, its first word was written when it was made.
            let number = unsafe { word.read_volatile() };
            // SAFETY: as above.
            unsafe { word.write_volatile(number + 1) };
        }
    }

    #[inline(never)]
    fn body(&mut self, operations: u64) -> u64 {
        let mut done = 0;
        while done < operations {
            if let Some(gifts) = self.gifts {
                if self.index == 0 {
                    gifts.give(self.heap);
                }
                drop(gifts.take(self.index));
            }
            let round = self.round.min(operations - done);
            for _ in 0..round {
                self.step();
            }
            done += round;
        }
        done
    }

    /// An operation is a hundred writes.
    fn has_tail(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use core::ptr::NonNull;

    use super::*;
    use crate::lab::heap::ledger::Ledger;
    use crate::lab::job::tests::job;

    #[test]
    fn scratch_frees_what_the_first_thread_has_made_and_thrash_does_not() {
        for (row, remote) in [("scratch/2t", 1), ("scratch/4t", 3), ("thrash/2t", 0)] {
            let ledger = Ledger::open();
            let mut job = job(row);
            job.ops = Some(11);
            let report = run_on(&job, ledger, 10);
            assert!(report.tail.is_none());
            ledger.close();
            // Two rounds in the warm-up and in each of three samples.
            let found = ledger.freed().iter().filter(|one| one.remote).count();
            assert_eq!(found, remote * 2 * 4, "{row}");
            let threads = job.row.threads as usize;
            let own = 11 * threads * 4;
            let given = if remote > 0 { threads * 2 * 4 } else { 0 };
            assert_eq!(ledger.sizes().len(), own + given, "{row}");
        }
    }

    #[test]
    fn every_block_is_written_as_often_as_is_said() {
        #[derive(Clone, Copy)]
        struct Reader(Ledger);
        impl Heap for Reader {
            fn make(self, size: usize) -> NonNull<u8> {
                self.0.make(size)
            }
            unsafe fn free(self, address: NonNull<u8>, size: usize) {
                // SAFETY: the first word was written when the piece was made.
                let word = unsafe { address.cast::<u64>().read() };
                assert_eq!(word, (SIZE + WRITES) as u64);
                // SAFETY: the caller's promise.
                unsafe { self.0.free(address, size) };
            }
        }
        let ledger = Ledger::open();
        let mut writer = Writer {
            heap: Reader(ledger),
            gifts: None,
            round: 2,
            index: 0,
        };
        assert_eq!(writer.body(3), 3);
        assert_eq!(ledger.freed().len(), 3);
        ledger.close();
    }
}
