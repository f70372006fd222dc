//! The judge: a book of what is live, and the verdict on each step.
//!
//! For each slot the book holds the block and its tag, from which every byte of the contents
//! follows; the tag changes with slot and generation, so that a block handed out twice,
//! swapped, shifted or only half copied does not look right by accident. Live ranges are kept sorted,
//! so an overlap is seen when it is made and not only when somebody's bytes have changed.
//!
//! # Invariants
//! - The book's live ranges never overlap: a block that would is refused with [`Fault::Overlap`],
//!   and is neither written to nor freed.

use core::alloc::GlobalAlloc;
use std::collections::BTreeMap;

use crate::block::{Block, Door};
use crate::op::{Op, layout};
use crate::rng::mix;
use crate::verdict::{Counts, Fault};

/// A live block in the book.
#[derive(Debug)]
struct Entry<A> {
    block: Block<A>,
    tag: u64,
}

/// The book on one heap.
#[derive(Debug)]
pub struct Judge<'h, A: GlobalAlloc> {
    door: Door<'h, A>,
    /// Makes the tags of two judges differ.
    salt: u64,
    generation: u64,
    entries: BTreeMap<u8, Entry<A>>,
    /// Start to end of every live block.
    ranges: BTreeMap<usize, usize>,
    counts: Counts,
}

impl<'h, A: GlobalAlloc> Judge<'h, A> {
    /// An empty book on `heap`.
    pub fn new(heap: &'h A) -> Self {
        Self::salted(heap, 0)
    }

    /// An empty book whose contents differ from those of other salts.
    pub fn salted(heap: &'h A, salt: u64) -> Self {
        Self {
            door: Door::new(heap),
            salt,
            generation: 0,
            entries: BTreeMap::new(),
            ranges: BTreeMap::new(),
            counts: Counts::default(),
        }
    }

    /// What was done so far. A resize counts one allocation and one free only if it moved the
    /// block, so these figures are comparable with a heap's for sequences without resizes.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The live ranges, start to end.
    #[must_use]
    pub fn ranges(&self) -> &BTreeMap<usize, usize> {
        &self.ranges
    }

    /// Does one step and judges it.
    ///
    /// # Errors
    /// The promise that was broken. The book stays in order and can be closed.
    pub fn step(&mut self, op: Op) -> Result<(), Fault> {
        match op {
            Op::Alloc {
                slot,
                size,
                log_align,
            } => {
                self.free(slot)?;
                let layout = layout(size, log_align);
                let block = self.door.take(layout).ok_or(Fault::Refused(layout))?;
                self.enter(slot, block)
            }
            Op::AllocZeroed {
                slot,
                size,
                log_align,
            } => {
                self.free(slot)?;
                let layout = layout(size, log_align);
                let block = self
                    .door
                    .take_zeroed(layout)
                    .ok_or(Fault::Refused(layout))?;
                self.admit(&block)?;
                if !block.is_zero() {
                    return Err(Fault::NotZero(layout));
                }
                self.enter(slot, block)
            }
            Op::Free { slot } => self.free(slot),
            Op::Realloc { slot, size } => self.resize(slot, size),
            Op::Write { slot } => {
                let tag = self.next_tag(slot);
                if let Some(entry) = self.entries.get_mut(&slot) {
                    entry.tag = tag;
                    entry.block.fill(tag);
                }
                Ok(())
            }
            Op::Verify { slot } => self.verify(slot),
        }
    }

    /// Takes a block that somebody else filled with `tag` into the book.
    ///
    /// # Errors
    /// If it is not what its owner left, or lies over a live block.
    pub fn adopt(&mut self, slot: u8, block: Block<A>, tag: u64) -> Result<(), Fault> {
        self.free(slot)?;
        self.admit(&block)?;
        self.record(slot, block, tag);
        self.counts.live = self.counts.live.wrapping_add(1);
        self.verify(slot)
    }

    /// Takes a block out of the book, with its tag, for somebody else to own.
    pub fn release(&mut self, slot: u8) -> Option<(Block<A>, u64)> {
        let struck = self.strike(slot)?;
        self.counts.live = self.counts.live.wrapping_sub(1);
        Some(struck)
    }

    /// Checks every live block and gives all back.
    ///
    /// # Errors
    /// The first promise that was broken; the blocks go back all the same.
    pub fn close(mut self) -> Result<Counts, Fault> {
        let mut verdict = Ok(());
        let slots: Vec<u8> = self.entries.keys().copied().collect();
        for &slot in &slots {
            verdict = verdict.and(self.verify(slot));
        }
        for slot in slots {
            self.give(slot);
        }
        verdict.map(|()| self.counts)
    }

    /// Checks a slot's block and gives it back.
    fn free(&mut self, slot: u8) -> Result<(), Fault> {
        let verdict = self.verify(slot);
        self.give(slot);
        verdict
    }

    fn give(&mut self, slot: u8) {
        if let Some((block, _)) = self.release(slot) {
            self.door.give(block);
            self.counts.frees += 1;
        }
    }

    /// Takes a block out of the book.
    fn strike(&mut self, slot: u8) -> Option<(Block<A>, u64)> {
        let entry = self.entries.remove(&slot)?;
        self.ranges.remove(&entry.block.address());
        Some((entry.block, entry.tag))
    }

    fn verify(&self, slot: u8) -> Result<(), Fault> {
        let Some(entry) = self.entries.get(&slot) else {
            return Ok(());
        };
        match entry
            .block
            .first_stray(entry.tag, entry.block.layout().size())
        {
            Some(offset) => Err(Fault::Contents { slot, offset }),
            None => Ok(()),
        }
    }

    fn resize(&mut self, slot: u8, size: usize) -> Result<(), Fault> {
        self.verify(slot)?;
        let Some((block, tag)) = self.strike(slot) else {
            return Ok(());
        };
        let (old_size, old_address) = (block.layout().size(), block.address());
        let layout = block.layout();
        let mut block = match self.door.resize(block, size) {
            Ok(block) => block,
            Err(block) => {
                self.record(slot, block, tag);
                return Err(Fault::Refused(layout));
            }
        };
        if block.address() != old_address {
            self.counts.allocations += 1;
            self.counts.frees += 1;
        }
        if let Err(fault) = self.admit(&block) {
            self.counts.live -= 1;
            return Err(fault);
        }
        let kept = old_size.min(size);
        if let Some(offset) = block.first_stray(tag, kept) {
            self.record(slot, block, tag);
            return Err(Fault::Prefix { slot, offset });
        }
        block.fill_from(tag, kept);
        self.record(slot, block, tag);
        Ok(())
    }

    /// A new block: judged, filled, written down.
    fn enter(&mut self, slot: u8, mut block: Block<A>) -> Result<(), Fault> {
        self.admit(&block)?;
        let tag = self.next_tag(slot);
        block.fill(tag);
        self.record(slot, block, tag);
        self.counts.allocations += 1;
        self.counts.live += 1;
        Ok(())
    }

    /// Alignment and overlap, before a byte is touched.
    fn admit(&self, block: &Block<A>) -> Result<(), Fault> {
        if !block.is_aligned() {
            return Err(Fault::Misaligned {
                address: block.address(),
                layout: block.layout(),
            });
        }
        match self.ranges.range(..block.end()).next_back() {
            Some((&other, &end)) if end > block.address() => Err(Fault::Overlap {
                address: block.address(),
                other,
            }),
            _ => Ok(()),
        }
    }

    fn record(&mut self, slot: u8, block: Block<A>, tag: u64) {
        self.ranges.insert(block.address(), block.end());
        self.entries.insert(slot, Entry { block, tag });
    }

    fn next_tag(&mut self, slot: u8) -> u64 {
        self.generation += 1;
        mix(self.salt.rotate_left(32) ^ (self.generation << 8) ^ u64::from(slot))
    }
}
