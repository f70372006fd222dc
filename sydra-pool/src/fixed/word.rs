//! The widths of the protocol's words, the atomic integers they lie in, and what the protocol asks about blocks.
//!
//! # Not here
//! What the words mean: see the head of the folder.

#[cfg(target_has_atomic = "64")]
use crate::sync::AtomicU64;
use crate::sync::{AtomicU32, Ordering};

/// An atomic integer, read and written as the low bits of a `u64`.
pub(crate) trait Word: Send + Sync {
    /// How wide it is.
    const BITS: u32;

    /// For loom and tests, which have no zero image.
    #[cfg(test)]
    fn zero() -> Self;
    fn load(&self, order: Ordering) -> u64;
    fn store(&self, value: u64, order: Ordering);
    fn exchange(&self, old: u64, new: u64, done: Ordering, lost: Ordering) -> Result<u64, u64>;
    /// May fail without a reason.
    fn exchange_weak(&self, old: u64, new: u64, done: Ordering, lost: Ordering)
    -> Result<u64, u64>;
}

macro_rules! word {
    ($atomic:ident, $integer:ident) => {
        impl Word for $atomic {
            const BITS: u32 = $integer::BITS;

            #[cfg(test)]
            fn zero() -> Self {
                Self::new(0)
            }
            #[inline(always)]
            fn load(&self, order: Ordering) -> u64 {
                u64::from(self.load(order))
            }
            #[inline(always)]
            fn store(&self, value: u64, order: Ordering) {
                self.store(value as $integer, order);
            }
            #[inline(always)]
            fn exchange(
                &self,
                old: u64,
                new: u64,
                done: Ordering,
                lost: Ordering,
            ) -> Result<u64, u64> {
                self.compare_exchange(old as $integer, new as $integer, done, lost)
                    .map(u64::from)
                    .map_err(u64::from)
            }
            #[inline(always)]
            fn exchange_weak(
                &self,
                old: u64,
                new: u64,
                done: Ordering,
                lost: Ordering,
            ) -> Result<u64, u64> {
                self.compare_exchange_weak(old as $integer, new as $integer, done, lost)
                    .map(u64::from)
                    .map_err(u64::from)
            }
        }
    };
}

#[cfg(target_has_atomic = "64")]
word!(AtomicU64, u64);
word!(AtomicU32, u32);

/// How many bits each part of a word has. Tests have shapes of their own: a tag so narrow that it wraps, none at all.
pub(crate) trait Shape: Sized + 'static {
    type Word: Word;
    /// Bits of the tag.
    const TAG: u32;
    /// Bits of the number of blocks that are off the list.
    const OFF: u32;
    /// Bits of a block's number, and of `N`.
    const TOP: u32;
    /// Bits of a block's place in its home's word.
    const PLACE: u32;

    /// Where a test stops a pop: after it has read, before it exchanges.
    #[inline(always)]
    fn between() {}

    /// One push.
    const ONE_TAG: u64 = if Self::TAG == 0 {
        0
    } else {
        1 << (Self::TOP + Self::OFF)
    };
    /// One block off the list.
    const ONE_OFF: u64 = if Self::OFF == 0 { 0 } else { 1 << Self::TOP };
    const TOP_MASK: u64 = (1 << Self::TOP) - 1;
    /// All bits of the list's word.
    const WORD_MASK: u64 = {
        assert!(Self::TAG + Self::OFF + Self::TOP <= Self::Word::BITS);
        assert!(Self::TOP <= Self::PLACE && Self::PLACE < Self::Word::BITS - 8);
        u64::MAX >> (64 - (Self::TAG + Self::OFF + Self::TOP))
    };

    /// In a cell's word: it holds its block. In a link: the block has a home.
    const HOLDS: u64 = 1 << Self::PLACE;
    /// In a cell's word: one give.
    const ONE_GIVE: u64 = 2 << Self::PLACE;
    const PLACE_MASK: u64 = (1 << Self::PLACE) - 1;

    #[inline(always)]
    fn top(word: u64) -> usize {
        (word & Self::TOP_MASK) as usize
    }

    #[inline(always)]
    fn off(word: u64) -> usize {
        ((word >> Self::TOP) & ((1 << Self::OFF) - 1)) as usize
    }

    #[inline(always)]
    fn tag(word: u64) -> u64 {
        (word & Self::WORD_MASK) >> (Self::TOP + Self::OFF)
    }
}

/// What targets with 64-bit atomics use.
#[cfg(target_has_atomic = "64")]
#[cfg_attr(sydra_narrow, allow(dead_code))]
#[derive(Debug)]
pub(crate) struct Wide;

#[cfg(target_has_atomic = "64")]
impl Shape for Wide {
    type Word = AtomicU64;
    const TAG: u32 = 32;
    const OFF: u32 = 16;
    const TOP: u32 = 16;
    const PLACE: u32 = 32;
}

/// What targets without them use.
#[cfg(any(test, sydra_narrow, not(target_has_atomic = "64")))]
#[derive(Debug)]
pub(crate) struct Narrow;

#[cfg(any(test, sydra_narrow, not(target_has_atomic = "64")))]
impl Shape for Narrow {
    type Word = AtomicU32;
    const TAG: u32 = 12;
    const OFF: u32 = 10;
    const TOP: u32 = 10;
    const PLACE: u32 = 10;
}

#[cfg(all(target_has_atomic = "64", not(sydra_narrow)))]
pub(crate) type Native = Wide;
#[cfg(any(not(target_has_atomic = "64"), sydra_narrow))]
pub(crate) type Native = Narrow;

/// The blocks of a pool, as its door knows them.
pub(crate) trait Blocks<S: Shape> {
    /// A block.
    type Block: Copy;

    /// `N`.
    fn count(&self) -> usize;
    /// The block with a number, which is below `N`.
    fn numbered(&self, number: usize) -> Self::Block;
    /// The number after another in the list that nobody has changed: from 0 on through all to `N`.
    fn after(&self, number: usize) -> usize;
    /// The link of a block.
    fn link(&self, block: Self::Block) -> &S::Word;
    /// Where a block is for a cell that is to be its home: any number that fits and is not 0.
    fn place(&self, block: Self::Block, cell: &S::Word) -> u64;
    /// The block whose place for this cell is `place`.
    fn at(&self, cell: &S::Word, place: u64) -> Self::Block;
}
