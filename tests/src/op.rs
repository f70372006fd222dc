//! The language of operations: what a test can do to a heap.
//!
//! Every sequence of operations is meaningful, whatever was taken out of it, so that a failing one
//! can be shrunk: an allocation into an occupied slot frees what was there first, an operation
//! on an empty slot does nothing.

use core::alloc::Layout;

use crate::rng::Rng;

/// One step. `slot` names a place in the judge's book; `log_align` is the alignment's logarithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// A block with any contents.
    Alloc {
        slot: u8,
        size: usize,
        log_align: u8,
    },
    /// A block that must read zero.
    AllocZeroed {
        slot: u8,
        size: usize,
        log_align: u8,
    },
    /// The block goes back, after its contents were checked.
    Free { slot: u8 },
    /// The block changes size; the common prefix must stay.
    Realloc { slot: u8, size: usize },
    /// The owner writes new contents.
    Write { slot: u8 },
    /// The contents are checked.
    Verify { slot: u8 },
}

/// The layout an allocation asks for.
///
/// # Panics
/// If the operation's size and alignment make no layout.
#[must_use]
pub fn layout(size: usize, log_align: u8) -> Layout {
    Layout::from_size_align(size, 1 << log_align).expect("operations carry valid layouts")
}

/// What random operations look like.
#[derive(Clone, Copy, Debug)]
pub struct Taste {
    /// How many slots are used.
    pub slots: u8,
    /// The largest size.
    pub max_size: usize,
    /// The logarithm of the largest alignment.
    pub max_log_align: u8,
}

impl Taste {
    /// Small blocks of all kinds: the classes' home ground.
    pub const SMALL: Self = Self {
        slots: 48,
        max_size: 1024,
        max_log_align: 6,
    };
    /// Everything, including what a pool hands on to its fallback.
    pub const WIDE: Self = Self {
        slots: 48,
        max_size: 96 << 10,
        max_log_align: 13,
    };

    /// A random operation of this taste.
    #[must_use]
    pub fn draw(&self, rng: &mut Rng) -> Op {
        let slot = u8::try_from(rng.below(usize::from(self.slots))).expect("slots fit a byte");
        match rng.below(100) {
            0..30 => Op::Alloc {
                slot,
                size: self.size(rng),
                log_align: self.log_align(rng),
            },
            30..40 => Op::AllocZeroed {
                slot,
                size: self.size(rng),
                log_align: self.log_align(rng),
            },
            40..65 => Op::Free { slot },
            65..80 => Op::Realloc {
                slot,
                size: self.size(rng),
            },
            80..88 => Op::Write { slot },
            _ => Op::Verify { slot },
        }
    }

    /// A size from 1 to the maximum: each doubling equally likely, half of them next to a power of
    /// two, where rounding goes wrong.
    fn size(&self, rng: &mut Rng) -> usize {
        let doublings = self.max_size.ilog2() as usize;
        let power = 1 << rng.within(0, doublings);
        let size = if rng.chance(50) {
            power + rng.below(power)
        } else {
            power - 1 + rng.below(3)
        };
        size.clamp(1, self.max_size)
    }

    /// Mostly small alignments: seven in ten up to 16.
    fn log_align(&self, rng: &mut Rng) -> u8 {
        let ceiling = if rng.chance(70) {
            self.max_log_align.min(4)
        } else {
            self.max_log_align
        };
        u8::try_from(rng.within(0, usize::from(ceiling))).expect("a logarithm is small")
    }
}
