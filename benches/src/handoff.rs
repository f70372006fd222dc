//! One producer, one consumer: every block is freed by a thread that did not allocate it.
//!
//! The two threads share a bounded ring of owners, one word an entry, no batches. Where their cores are decides this row:
//! see `cores`.

use core::cell::UnsafeCell;
use core::mem::MaybeUninit;
use core::sync::atomic::{AtomicUsize, Ordering};

use crate::block::Block;
use crate::cores::{Apart, Sample, side_by_side, wait_until};
use crate::owner::Owner;
use crate::row::Touch;
use crate::shape::make;

/// Entries of the ring.
pub(crate) const ENTRIES: usize = 1024;

const _: () = assert!(ENTRIES.is_power_of_two());

/// Blocks that one sample hands over.
const BLOCKS: usize = 200_000;

/// A ring for one producer and one consumer.
#[derive(Debug)]
pub(crate) struct Ring<O> {
    /// Entries ever pushed. Written by the producer only.
    pushed: Apart<AtomicUsize>,
    /// Entries ever popped. Written by the consumer only.
    popped: Apart<AtomicUsize>,
    entries: Box<[UnsafeCell<MaybeUninit<O>>]>,
}

// SAFETY: an entry is written by the producer before `pushed` passes it and read by the consumer after; owners are `Send`.
unsafe impl<O: Send> Sync for Ring<O> {}

impl<O> Ring<O> {
    pub(crate) fn new() -> Self {
        Self {
            pushed: Apart(AtomicUsize::new(0)),
            popped: Apart(AtomicUsize::new(0)),
            entries: (0..ENTRIES)
                .map(|_| UnsafeCell::new(MaybeUninit::uninit()))
                .collect(),
        }
    }

    /// Pushes `count` owners. To be called by one thread at a time.
    pub(crate) fn produce(&self, count: usize, mut next: impl FnMut(u64) -> O) {
        let start = self.pushed.0.load(Ordering::Relaxed);
        // ORDERING: pairs with the Release in `consume`, as below: what an earlier call has pushed may have been read since.
        let mut seen_popped = self.popped.0.load(Ordering::Acquire);
        for place in start..start + count {
            let owner = next(place as u64);
            wait_until(|| {
                if place - seen_popped < ENTRIES {
                    return true;
                }
                // ORDERING: pairs with the Release in `consume`: the entry has been read before it is written anew.
                seen_popped = self.popped.0.load(Ordering::Acquire);
                false
            });
            // SAFETY: the entry is empty and belongs to the producer until `pushed` passes it.
            unsafe { (*self.entries[place % ENTRIES].get()).write(owner) };
            // ORDERING: pairs with the Acquire in `consume`: the entry and the block are written before they are read.
            self.pushed.0.store(place + 1, Ordering::Release);
        }
    }

    /// Pops `count` owners. To be called by one thread at a time.
    pub(crate) fn consume(&self, count: usize, mut each: impl FnMut(O)) {
        let start = self.popped.0.load(Ordering::Relaxed);
        let mut seen_pushed = start;
        for place in start..start + count {
            wait_until(|| {
                if place < seen_pushed {
                    return true;
                }
                // ORDERING: pairs with the Release in `produce`: what the producer wrote is visible.
                seen_pushed = self.pushed.0.load(Ordering::Acquire);
                false
            });
            let entry = self.entries[place % ENTRIES].get();
            // SAFETY: the entry belongs to the consumer until `popped` passes it.
            let entry = unsafe { &*entry };
            // SAFETY: the entry is full, and it is read once before `popped` passes it.
            each(unsafe { entry.assume_init_read() });
            // ORDERING: pairs with the Acquire in `produce`: the entry has been read before it is written anew.
            self.popped.0.store(place + 1, Ordering::Release);
        }
    }
}

/// `samples` samples of blocks that the calling thread allocates and another frees.
pub fn measure<T: Block, O: Owner<T>>(touch: Touch, samples: u32) -> Vec<Sample> {
    match touch {
        Touch::Word => run::<T, O, false>(samples),
        Touch::Whole => run::<T, O, true>(samples),
    }
}

fn run<T: Block, O: Owner<T>, const WHOLE: bool>(samples: u32) -> Vec<Sample> {
    let ring = Ring::<O>::new();
    side_by_side(
        samples,
        BLOCKS as u64,
        || ring.produce(BLOCKS, make::<T, O, WHOLE>),
        || {
            if WHOLE {
                ring.consume(BLOCKS, |owner| {
                    std::hint::black_box(owner.stamp());
                });
            } else {
                ring.consume(BLOCKS, drop);
            }
        },
    )
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn the_ring_loses_nothing_and_keeps_the_order() {
        let ring = Ring::<Box<u64>>::new();
        let count = ENTRIES * if cfg!(miri) { 2 } else { 20 } + 3;
        thread::scope(|scope| {
            scope.spawn(|| {
                // In two calls: the second fills entries that the consumer has read meanwhile.
                ring.produce(ENTRIES, Box::new);
                ring.produce(count - ENTRIES, Box::new);
            });
            let mut expected = 0;
            ring.consume(count, |number| {
                assert_eq!(*number, expected);
                expected += 1;
            });
            assert_eq!(expected, count as u64);
        });
    }
}
