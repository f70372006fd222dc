//! Links without blocks, for the tests: a block is its number, its place the number and 1.

use super::{Blocks, Core, Shape, Word};
use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering::Relaxed};
use std::boxed::Box;

/// The links, and beside them what a door finds by arithmetic: which cell is each block's home.
pub(super) struct Bare<S: Shape> {
    pub(super) links: Box<[S::Word]>,
    homes: Box<[AtomicPtr<S::Word>]>,
}

impl<S: Shape> Bare<S> {
    pub(super) fn new(count: usize) -> Self {
        let nowhere = || AtomicPtr::new(ptr::null_mut());
        Self {
            links: (0..count).map(|_| S::Word::zero()).collect(),
            homes: (0..count).map(|_| nowhere()).collect(),
        }
    }
}

impl<S: Shape> Blocks<S> for Bare<S> {
    type Block = usize;
    fn count(&self) -> usize {
        self.links.len()
    }
    fn numbered(&self, number: usize) -> usize {
        number
    }
    fn after(&self, number: usize) -> usize {
        number + 1
    }
    fn link(&self, block: usize) -> &S::Word {
        &self.links[block]
    }
    fn place(&self, block: usize, cell: &S::Word) -> u64 {
        self.homes[block].store(ptr::from_ref(cell).cast_mut(), Relaxed);
        block as u64 + 1
    }
    fn at(&self, _: &S::Word, place: u64) -> usize {
        place as usize - 1
    }
}

/// A core with its links, as a door would have it.
pub(super) struct Pool<S: Shape, const HANDS: usize, const CELLS: usize> {
    pub(super) core: Core<S, HANDS, CELLS>,
    pub(super) bare: Bare<S>,
}

impl<S: Shape, const HANDS: usize, const CELLS: usize> Pool<S, HANDS, CELLS> {
    pub(super) fn new(count: usize) -> Self {
        Self {
            core: Core::new(),
            bare: Bare::new(count),
        }
    }

    pub(super) fn take(&self, hand: usize) -> Option<usize> {
        self.core.take(hand, &self.bare)
    }

    /// Whether a block that is out has a home.
    pub(super) fn has_home(&self, number: usize) -> bool {
        let read = Core::<S, HANDS, CELLS>::read(&self.bare.links[number]);
        Core::<S, HANDS, CELLS>::home(read).is_some()
    }

    pub(super) fn give(&self, number: usize) {
        let link = &self.bare.links[number];
        let read = Core::<S, HANDS, CELLS>::read(link);
        match Core::<S, HANDS, CELLS>::home(read) {
            Some(place) => {
                assert_eq!(place, number as u64 + 1);
                let cell = self.bare.homes[number].load(Relaxed);
                // SAFETY: FIX-3; the cell that the block was last bound to, in a core that is borrowed.
                Core::<S, HANDS, CELLS>::give_home(unsafe { &*cell }, read);
            }
            None => {
                assert_eq!(read, number as u64);
                self.core.give_loose(number, link);
            }
        }
    }
}
