//! A slab: one or more 64 KiB units cut into blocks of one stride. Descriptor and bitmap live
//! elsewhere (in a chunk's record), so freed memory holds nothing that could be corrupted.
//!
//! ```text
//! blocks   [ carved: handed out at least once .............. | never touched, still zero ]
//! bitmap     1 = at home (free)   0 = out (with the program, a magazine or a depot)
//! state     EMPTY(all carved are home)  PARTIAL(some home or uncarved)  FULL(nothing to give)
//! ```
//!
//! # Invariants
//! - `SLB-1`: a set bit belongs to a carved block that is at home; `free` is the number of set
//!   bits. So the slab is empty exactly when `free == carved`. Made by `carve` and `put`.
//! - `SLB-2`: descriptor and bitmap are reached only under the lock of the owning bucket, or by
//!   the holder of an owned [`SlabId`]. What a free by any thread reads without that lock is in a
//!   [`Tag`] of its own, beside the descriptor.
//! - `SLB-3`: the slab that the tags name for a block that is out cannot go away: it is not empty.
//! - `SLB-4`: the bitmap of a slab is `blocks / 64` words long, rounded up, at most 128 for each
//!   unit, and lies in one record.
//!
//! # Concurrency
//! `owner`, `back`, `class`: read by anyone, relaxed. Whoever holds a block got it, by way of locks or of
//! the program's own synchronisation, after the slab was adopted, so the value is seen.

use crate::block::Block;
use crate::geometry::{Geometry, UNIT_BYTES, quotient, recip};
use crate::sync::{AtomicPtr, AtomicU32};
use core::ptr::NonNull;

pub(crate) mod heap;

/// Words of bitmap for one unit at most: a bit for every 8 bytes.
pub(crate) const UNIT_WORDS: usize = UNIT_BYTES / 8 / 64;
/// "No slab" in links.
pub(crate) const NONE: u32 = u32::MAX;

/// A slab as a value: whoever holds it owns the slab. Neither `Clone` nor `Copy`.
#[derive(Debug)]
#[must_use]
pub(crate) struct SlabId {
    /// The first unit.
    pub(crate) unit: u32,
    /// How many units.
    pub(crate) units: u32,
    /// Whether every byte is known to be zero.
    pub(crate) clean: bool,
}

/// What everybody may ask of a unit.
#[repr(C)]
pub(crate) struct Tag {
    /// The owning bucket, type-erased; null while no bucket owns the unit. Counts in a slab's first.
    pub(crate) owner: AtomicPtr<()>,
    /// How many units before this one the slab starts.
    pub(crate) back: AtomicU32,
    /// One more than the size class whose blocks these are; 0 if they are a type's, or nobody's. The same in
    /// every unit of a slab, so whoever frees a block of a class whose type is not known looks once.
    pub(crate) class: AtomicU32,
}

const _: () = assert!(size_of::<Tag>() <= 2 * size_of::<u64>());

/// What a slab is, apart from its bitmap. One for each unit; that of the first unit counts.
#[repr(C, align(64))]
pub(crate) struct Descriptor {
    /// Fixed-point reciprocal of the stride.
    recip: u64,
    stride: u32,
    pub(crate) blocks: u32,
    pub(crate) carved: u32,
    pub(crate) free: u32,
    /// No word before this one has a set bit.
    hint: u32,
    /// Links of the heap of partial slabs (see `heap`).
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) parent: u32,
    pub(crate) rank: u8,
    pub(crate) units: u8,
    pub(crate) listed: bool,
    pub(crate) clean: bool,
}

const _: () = assert!(size_of::<Descriptor>() == 64);

/// Where a put left its slab.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Put {
    /// The blocks are home; the slab was and is partial.
    Home,
    /// The blocks are home; the slab had nothing to give before.
    WasFull,
    /// The blocks are home and so is every other one.
    Empty,
}

/// Why a block cannot be brought home; its offset in the slab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Misput {
    /// The block was home already: a double free.
    Twice(usize),
    /// The offset is not that of a block which was ever handed out.
    NoBlock(usize),
}

/// A slab under its bucket's lock: descriptor, bitmap and the address of its first block.
pub(crate) struct Slab<'a> {
    pub(crate) descriptor: &'a mut Descriptor,
    pub(crate) words: &'a mut [u64],
    pub(crate) base: NonNull<u8>,
}

impl Descriptor {
    /// Describes a slab of fresh units: nothing carved, nothing home. Its bitmap must be cleared.
    pub(crate) fn found(&mut self, geometry: &Geometry, units: u32, clean: bool) {
        self.recip = recip(geometry.stride);
        self.stride = geometry.stride as u32;
        self.blocks = geometry.slab_blocks as u32;
        self.carved = 0;
        self.free = 0;
        self.hint = 0;
        self.units = units as u8;
        self.clean = clean;
        self.listed = false;
    }

    /// Words of the bitmap.
    pub(crate) fn words(&self) -> usize {
        (self.blocks as usize).div_ceil(64)
    }
}

impl Slab<'_> {
    /// Ends the slab, which is empty (SLB-1) and in no heap.
    pub(crate) fn dissolve(&mut self, unit: u32) -> SlabId {
        let descriptor = &mut *self.descriptor;
        debug_assert!(descriptor.free == descriptor.carved && !descriptor.listed);
        let clean = descriptor.clean && descriptor.carved == 0;
        SlabId {
            unit,
            units: u32::from(descriptor.units),
            clean,
        }
    }

    /// Whether every carved block is home.
    pub(crate) fn is_empty(&self) -> bool {
        self.descriptor.free == self.descriptor.carved
    }

    /// Whether there is nothing to give.
    pub(crate) fn is_full(&self) -> bool {
        self.descriptor.free == 0 && self.descriptor.carved == self.descriptor.blocks
    }

    fn block(&self, index: usize) -> NonNull<u8> {
        let offset = index * self.descriptor.stride as usize;
        // SAFETY: GEO-2; `index < blocks`, so the offset lies within the slab's units.
        unsafe { self.base.add(offset) }
    }

    /// Hands out up to `wanted` blocks through `give`: those at home first, by address, then
    /// never-touched ones.
    ///
    /// Time: the words of the bitmap up to the last block given.
    pub(crate) fn carve(&mut self, wanted: usize, mut give: impl FnMut(NonNull<u8>)) -> usize {
        let mut given = 0;
        let used_words = (self.descriptor.carved as usize).div_ceil(64);
        let mut word_index = self.descriptor.hint as usize;
        while given < wanted && self.descriptor.free > 0 && word_index < used_words {
            let mut word = self.words[word_index];
            let before = given;
            while word != 0 && given < wanted {
                // Blocks that were freed together lie together: a row of set bits at a time.
                let low = word.trailing_zeros();
                let row = (!(word >> low)).trailing_zeros() as usize;
                let row = row.min(wanted - given);
                self.each_block(word_index * 64 + low as usize, row, &mut give);
                word &= !bits(low, row);
                given += row;
            }
            self.words[word_index] = word;
            self.descriptor.free -= (given - before) as u32;
            word_index += usize::from(word == 0);
        }
        self.descriptor.hint = word_index as u32;
        let untouched = (self.descriptor.blocks - self.descriptor.carved) as usize;
        let fresh = untouched.min(wanted - given);
        let first = self.descriptor.carved as usize;
        self.descriptor.carved += fresh as u32;
        self.each_block(first, fresh, &mut give);
        given + fresh
    }

    /// Visits `count` neighbours from the block `first` on; all of them are blocks of the slab.
    #[inline]
    fn each_block(&self, first: usize, count: usize, visit: &mut impl FnMut(NonNull<u8>)) {
        let stride = self.descriptor.stride as usize;
        let mut offset = first * stride;
        for _ in 0..count {
            // SAFETY: GEO-2; an index below `blocks`, so the offset lies within the slab's units.
            visit(unsafe { self.base.add(offset) });
            offset += stride;
        }
    }

    /// How many blocks were never handed out and are known to be zero.
    pub(crate) fn untouched(&self) -> usize {
        if self.descriptor.clean {
            (self.descriptor.blocks - self.descriptor.carved) as usize
        } else {
            0
        }
    }

    /// Takes only never-touched, zero memory: one block, if there is one.
    pub(crate) fn carve_untouched(&mut self) -> Option<NonNull<u8>> {
        if self.untouched() == 0 {
            return None;
        }
        let index = self.descriptor.carved as usize;
        self.descriptor.carved += 1;
        Some(self.block(index))
    }

    /// Brings home the leading blocks that lie in this slab, which the caller then forgets; returns
    /// how many. That is at least one: the caller found this slab by the first block, so if it lies
    /// elsewhere, it points into a slab that has been dissolved. After an error some of them are home and some are not.
    ///
    /// Time: constant for each block. Neighbours share a word of the bitmap, which is looked at once for all
    /// of them; if all the blocks are neighbours in a row, rising or falling, little more is done than to see that.
    // On its own, all that the loop needs is in registers.
    #[inline(never)]
    pub(crate) fn put(&mut self, blocks: &[Option<Block>]) -> Result<(usize, Put), Misput> {
        let was_full = self.is_full();
        let start = self.base.addr().get();
        let stride = self.descriptor.stride as usize;
        let recip = self.descriptor.recip;
        let carved = self.descriptor.carved as usize * stride;
        // No block lies at address 0.
        let offset_of = |place: &Option<Block>| {
            let address = place.as_ref().map_or(0, |block| block.0.addr().get());
            address.wrapping_sub(start)
        };
        let mut count = self.put_row(blocks)?;
        let (mut word_index, mut gathered) = (0, 0_u64);
        for place in &blocks[count..] {
            let offset = offset_of(place);
            if offset >= carved {
                break;
            }
            let index = quotient(offset, recip);
            if index * stride != offset {
                return Err(Misput::NoBlock(offset));
            }
            if index / 64 != word_index {
                self.land(word_index, gathered)?;
                (word_index, gathered) = (index / 64, 0);
            }
            let bit = 1 << (index % 64);
            if gathered & bit != 0 {
                return Err(Misput::Twice(offset));
            }
            gathered |= bit;
            count += 1;
        }
        self.land(word_index, gathered)?;
        if let Some(offset) = blocks.get(count).map(offset_of)
            && (count == 0 || offset < usize::from(self.descriptor.units) * UNIT_BYTES)
        {
            return Err(Misput::NoBlock(offset));
        }
        let put = if self.is_empty() {
            Put::Empty
        } else if was_full {
            Put::WasFull
        } else {
            Put::Home
        };
        Ok((count, put))
    }

    /// Brings all blocks home at once, or those that lie in this slab, if they are neighbours in a row; returns how
    /// many, 0 if they are none.
    fn put_row(&mut self, blocks: &[Option<Block>]) -> Result<usize, Misput> {
        let stride = self.descriptor.stride as usize;
        let Some((rising, lowest)) = row_of(blocks, stride) else {
            return Ok(0);
        };
        let carved = self.descriptor.carved as usize;
        let start = self.base.addr().get();
        // The end that this slab was found by; the row may go on in the slab next to this one.
        let found = if rising {
            lowest
        } else {
            lowest + (blocks.len() - 1) * stride
        };
        let offset = found.wrapping_sub(start);
        let index = quotient(offset.min(carved * stride), self.descriptor.recip);
        if index >= carved || index * stride != offset {
            return Ok(0);
        }
        let (mut first, length) = if rising {
            (index, blocks.len().min(carved - index))
        } else {
            let length = blocks.len().min(index + 1);
            (index + 1 - length, length)
        };
        let mut left = length;
        while left > 0 {
            let here = left.min(64 - first % 64);
            self.land(first / 64, bits((first % 64) as u32, here))?;
            first += here;
            left -= here;
        }
        Ok(length)
    }

    /// Sets bits of one word of the bitmap, none of which may be set.
    #[inline]
    fn land(&mut self, word_index: usize, bits: u64) -> Result<(), Misput> {
        if bits == 0 {
            return Ok(());
        }
        let word = &mut self.words[word_index];
        let twice = *word & bits;
        if twice != 0 {
            let index = word_index * 64 + twice.trailing_zeros() as usize;
            return Err(Misput::Twice(index * self.descriptor.stride as usize));
        }
        *word |= bits;
        self.descriptor.free += bits.count_ones();
        self.descriptor.hint = self.descriptor.hint.min(word_index as u32);
        Ok(())
    }
}

/// `count` set bits from `first` on, all within a word; `count` is not 0.
#[inline]
fn bits(first: u32, count: usize) -> u64 {
    (u64::MAX >> (64 - count)) << first
}

/// Fewer blocks are not looked at as a row.
const ROW_LEAST: usize = 4;

/// Whether the blocks are neighbours in a row: if their addresses rise, and the lowest.
fn row_of(blocks: &[Option<Block>], stride: usize) -> Option<(bool, usize)> {
    let address_of = |place: &Option<Block>| place.as_ref().map_or(0, |block| block.0.addr().get());
    let (first, last) = (address_of(blocks.first()?), address_of(blocks.last()?));
    let length = (blocks.len() - 1) * stride;
    let rising = last.wrapping_sub(first) == length;
    if blocks.len() < ROW_LEAST || !rising && first.wrapping_sub(last) != length {
        return None;
    }
    let step = if rising {
        stride
    } else {
        stride.wrapping_neg()
    };
    // Without an end before the last one, so that several are compared at a time.
    let (_, differences) = blocks
        .iter()
        .fold((first, 0), |(next, differences), place| {
            (
                next.wrapping_add(step),
                differences | (address_of(place) ^ next),
            )
        });
    (differences == 0).then_some((rising, first.min(last)))
}

#[cfg(all(test, not(loom)))]
mod tests;
