//! The verdict: which promise was broken, and what was counted.

use core::alloc::Layout;

/// A promise the heap broke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A request was refused though no limit was set.
    Refused(Layout),
    /// A block is not aligned as asked.
    Misaligned { address: usize, layout: Layout },
    /// A block lies over a live one.
    Overlap { address: usize, other: usize },
    /// A block's contents changed while its owner did nothing.
    Contents { slot: u8, offset: usize },
    /// A block asked for as zero is not.
    NotZero(Layout),
    /// A resize lost part of the common prefix.
    Prefix { slot: u8, offset: usize },
    /// The heap's figures differ from what was done.
    Counts { expected: Counts, found: Counts },
}

/// What was done to a heap, or what a heap says was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Blocks handed out, those of a moving resize included.
    pub allocations: u64,
    /// Blocks taken back, those of a moving resize included.
    pub frees: u64,
    /// Blocks out now.
    pub live: u64,
}

impl Counts {
    /// What happened after `start`.
    #[must_use]
    pub fn since(self, start: Self) -> Self {
        Self {
            allocations: self.allocations - start.allocations,
            frees: self.frees - start.frees,
            live: self.live.wrapping_sub(start.live),
        }
    }
}

/// A heap that keeps figures.
pub trait Counted {
    /// The figures as they stand; the caller sees to it that nobody else is at work.
    fn counts(&self) -> Counts;
}

/// Compares what was done with what the heap says.
///
/// # Errors
/// [`Fault::Counts`] if they differ.
pub fn compare(expected: Counts, found: Counts) -> Result<(), Fault> {
    if expected == found {
        Ok(())
    } else {
        Err(Fault::Counts { expected, found })
    }
}
