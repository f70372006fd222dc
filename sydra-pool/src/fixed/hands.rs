//! The core of a pool: the list, and the hands in front of it.
//!
//! ```text
//! cell                                      | gives | HOLDS : 1 | place : PLACE |      all zero is EMPTY
//! link of a block out, whose home is a cell | what the giver is to store there  |
//! link of a block out, without a home       |   0   |     0     |    number     |
//! ```
//!
//! # Invariants
//! - `FIX-3`: a cell that is bound is written by nobody but the giver of the one block whose link has its place: takers exchange
//!   only cells that hold a block or are empty. Made by `bind`, for a block that nobody else has.

use super::list::List;
use super::word::{Blocks, Shape, Word};
#[cfg(all(target_has_atomic = "64", not(sydra_narrow)))]
use crate::base::CachePadded as Line;
use crate::sync::{Ordering, Ordering::Relaxed};

/// Without hands for many cores there is no line to be alone on.
#[cfg(any(not(target_has_atomic = "64"), sydra_narrow))]
type Line<T> = T;

/// The number of a hand, any number.
pub(crate) type Hand = usize;

/// What a look at the cells found.
struct Survey<'c, S: Shape> {
    /// The gives to all cells, added up.
    gives: u64,
    /// A cell that held a block, and its word.
    held: Option<(&'c S::Word, u64)>,
}

/// A list and `HANDS` times `CELLS` cells. All zero is a core whose blocks are all in the list.
#[repr(C)]
pub(crate) struct Core<S: Shape, const HANDS: usize, const CELLS: usize> {
    list: Line<List<S>>,
    hands: [Line<[S::Word; CELLS]>; HANDS],
}

impl<S: Shape, const HANDS: usize, const CELLS: usize> Core<S, HANDS, CELLS> {
    /// For loom and tests, which have no zero image.
    #[cfg(test)]
    #[allow(clippy::useless_conversion, reason = "a line is not always padded")]
    pub(crate) fn new() -> Self {
        let cell = |_| S::Word::zero();
        Self {
            list: List::new().into(),
            hands: core::array::from_fn(|_| core::array::from_fn(cell).into()),
        }
    }

    #[inline(always)]
    fn hand(&self, hand: Hand) -> &[S::Word; CELLS] {
        &self.hands[hand % HANDS]
    }

    fn cells(&self) -> impl Iterator<Item = &S::Word> {
        self.hands.iter().flat_map(|hand| hand.iter())
    }

    /// The one cell there is.
    #[cfg(any(not(target_has_atomic = "64"), sydra_narrow))]
    #[inline(always)]
    pub(crate) fn only_cell(&self) -> &S::Word {
        const { assert!(HANDS == 1 && CELLS == 1) };
        &self.hands[0][0]
    }

    /// A block, or `None` if at some instant of the call all of them were out.
    ///
    /// A block at hand costs a load and an exchange; otherwise it comes from the list, or else out of another hand.
    #[inline(always)]
    pub(crate) fn take<B: Blocks<S>>(&self, hand: Hand, blocks: &B) -> Option<B::Block> {
        let cell = &self.hand(hand)[0];
        let seen = cell.load(Relaxed);
        if seen & S::HOLDS != 0
            && let Some(block) = Self::claim(cell, seen, blocks)
        {
            return Some(block);
        }
        self.take_slow(hand, blocks)
    }

    /// The same when the hand's first cell held nothing.
    #[inline(never)]
    fn take_slow<B: Blocks<S>>(&self, hand: Hand, blocks: &B) -> Option<B::Block> {
        for cell in &self.hand(hand)[1..] {
            let seen = cell.load(Relaxed);
            if seen & S::HOLDS != 0
                && let Some(block) = Self::claim(cell, seen, blocks)
            {
                return Some(block);
            }
        }
        // Each turn but the first is there because another thread gave or took something.
        loop {
            let empty = match self.list.pop(blocks) {
                Ok(number) => {
                    let block = blocks.numbered(number);
                    let link = self.bind(hand, blocks, block).unwrap_or(number as u64);
                    blocks.link(block).store(link, Relaxed);
                    return Some(block);
                }
                Err(word) => word,
            };
            let first = self.survey(hand);
            if let Some((cell, seen)) = first.held {
                match Self::claim(cell, seen, blocks) {
                    Some(block) => return Some(block),
                    None => continue,
                }
            }
            let second = self.survey(hand);
            if second.gives == first.gives && self.list.look() == empty {
                return None;
            }
        }
    }

    /// Takes the block out of a cell that held it; `None` if somebody was faster.
    #[inline(always)]
    fn claim<B: Blocks<S>>(cell: &S::Word, seen: u64, blocks: &B) -> Option<B::Block> {
        // ORDERING: Acquire pairs with the Release in `give_home`: the block's bytes. Release pairs with the Acquire in
        // `survey`: who finds the block gone sees what its taker had given back before.
        cell.exchange(seen, seen & !S::HOLDS, Ordering::AcqRel, Relaxed)
            .ok()?;
        let block = blocks.at(cell, seen & S::PLACE_MASK);
        // What the giver is to store lies ready where the giver looks first, so that it need not read the cell.
        blocks
            .link(block)
            .store(seen.wrapping_add(S::ONE_GIVE), Relaxed);
        Some(block)
    }

    /// Binds an empty cell of the hand to a block of the caller's, if there is one; returns the block's link.
    #[inline(always)]
    fn bind<B: Blocks<S>>(&self, hand: Hand, blocks: &B, block: B::Block) -> Option<u64> {
        for cell in self.hand(hand) {
            if cell.load(Relaxed) == 0 {
                let bound = blocks.place(block, cell);
                if cell.exchange(0, bound, Relaxed, Relaxed).is_ok() {
                    return Some(bound | S::HOLDS | S::ONE_GIVE);
                }
            }
        }
        None
    }

    /// The link of a block that is out, for its owner.
    #[inline(always)]
    pub(crate) fn read(link: &S::Word) -> u64 {
        link.load(Relaxed)
    }

    /// The place of a block for its home, read from the link of a block that is out; `None` if it has no home.
    #[inline(always)]
    pub(crate) fn home(link: u64) -> Option<u64> {
        (link & S::HOLDS != 0).then_some(link & S::PLACE_MASK)
    }

    /// Gives a block back to its home, by the word its link has.
    ///
    /// The caller has got it from `take`, does not use it any more, and gives it back once (FIX-1).
    #[inline(always)]
    pub(crate) fn give_home(cell: &S::Word, link: u64) {
        // FIX-3: nobody else writes the cell, and it was bound before the block came here.
        // ORDERING: Release pairs with the Acquire in `claim`: the block's bytes.
        cell.store(link, Ordering::Release);
    }

    /// Gives a block back that has no home; its link says its number, and is its own.
    ///
    /// The caller has got it from `take`, does not use it any more, and gives it back once (FIX-1).
    #[inline(always)]
    pub(crate) fn give_loose(&self, number: usize, link: &S::Word) {
        self.list.push(number, link);
    }

    /// Looks at all cells, those of `hand` last, up to the first that holds a block.
    fn survey(&self, hand: Hand) -> Survey<'_, S> {
        let mut gives = 0_u64;
        for step in 1..=HANDS {
            for cell in self.hand(hand.wrapping_add(step)) {
                // ORDERING: Acquire pairs with the Release in `claim`: a second look sees what came before that.
                let seen = cell.load(Ordering::Acquire);
                if seen & S::HOLDS != 0 {
                    let held = Some((cell, seen));
                    return Survey { gives, held };
                }
                gives = gives.wrapping_add(seen / S::ONE_GIVE);
            }
        }
        Survey { gives, held: None }
    }

    /// Blocks that are out now. A look without a lock: exact while nobody takes or gives.
    pub(crate) fn live(&self) -> usize {
        let held = self
            .cells()
            .filter(|cell| cell.load(Relaxed) & S::HOLDS != 0);
        let held = held.count();
        self.list.figures().0.saturating_sub(held)
    }

    /// The most blocks that were out at once: those off the list, so at most `CELLS` too many for each hand but one.
    pub(crate) fn high_water(&self) -> usize {
        self.list.figures().1
    }

    /// Blocks given back so far: those to the list modulo the tag's width, those to each cell modulo what the place leaves.
    pub(crate) fn frees(&self) -> u64 {
        let to_cells = self.cells().map(|cell| cell.load(Relaxed) / S::ONE_GIVE);
        let to_cells = to_cells.fold(0, u64::wrapping_add);
        self.list.figures().2.wrapping_add(to_cells)
    }
}
