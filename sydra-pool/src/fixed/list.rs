//! The list of free blocks: a stack in links, with a tag.

use super::word::{Blocks, Shape, Word};
use crate::sync::{AtomicU32, Ordering, Ordering::Relaxed};

/// The word that names the top block, and the most blocks that were off the list at once.
pub(super) struct List<S: Shape> {
    word: S::Word,
    most_off: AtomicU32,
}

impl<S: Shape> List<S> {
    /// What the zero image is: the blocks in order. For loom and tests, which have no image.
    #[cfg(test)]
    pub(super) fn new() -> Self {
        Self {
            word: S::Word::zero(),
            most_off: AtomicU32::new(0),
        }
    }

    /// The word, for who wants to know what happened before it.
    #[inline(always)]
    pub(super) fn look(&self) -> u64 {
        // ORDERING: Acquire pairs with the Release in `pop` and `push`: what those had done before is seen.
        self.word.load(Ordering::Acquire)
    }

    /// Takes the top block and returns its number; `Err` with the word as it was when there was none.
    ///
    /// Each turn but the first is there because another thread got on (or because of a spurious failure, which no processor
    /// repeats for ever).
    #[inline(always)]
    pub(super) fn pop<B: Blocks<S>>(&self, blocks: &B) -> Result<usize, u64> {
        let mut seen = self.look();
        loop {
            let top = S::top(seen);
            if top == blocks.count() {
                return Err(seen);
            }
            // If the block is popped meanwhile, this is anything, and the exchange fails: the tag.
            let link = blocks.link(blocks.numbered(top)).load(Relaxed);
            S::between();
            let next = match link {
                0 => blocks.after(top) as u64,
                _ => (link - 1) & S::TOP_MASK,
            };
            let new = ((seen & !S::TOP_MASK).wrapping_add(S::ONE_OFF) | next) & S::WORD_MASK;
            // ORDERING: Release pairs with the Acquire in `look`: who finds a block gone sees what its taker had given back
            // before. The block itself was acquired with the word, for an equal tag means the same push.
            // Acquire pairs with the Release in `push`, for the next turn.
            match (self.word).exchange_weak(seen, new, Ordering::Release, Ordering::Acquire) {
                Ok(_) => {
                    self.note_most(S::off(new));
                    return Ok(top);
                }
                Err(now) => seen = now,
            }
        }
    }

    /// Puts a block on top. Its link is written; its number is the caller's (FIX-1).
    #[inline(always)]
    pub(super) fn push(&self, number: usize, link: &S::Word) {
        let mut seen = self.word.load(Relaxed);
        loop {
            link.store(S::top(seen) as u64 + 1, Relaxed);
            let counted = (seen & !S::TOP_MASK).wrapping_add(S::ONE_TAG);
            let new = (counted.wrapping_sub(S::ONE_OFF) | number as u64) & S::WORD_MASK;
            // ORDERING: Release pairs with the Acquire in `look` and in `pop`: the link and the block's bytes go with it.
            match (self.word).exchange_weak(seen, new, Ordering::Release, Relaxed) {
                Ok(_) => return,
                Err(now) => seen = now,
            }
        }
    }

    #[inline(always)]
    fn note_most(&self, off: usize) {
        if off as u32 > self.most_off.load(Relaxed) {
            self.most_off.fetch_max(off as u32, Relaxed);
        }
    }

    /// Blocks off the list, now and at most; and the pushes, modulo the tag's width.
    pub(super) fn figures(&self) -> (usize, usize, u64) {
        let word = self.word.load(Relaxed);
        let most = self.most_off.load(Relaxed) as usize;
        (S::off(word), most, S::tag(word))
    }
}
