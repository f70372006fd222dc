//! Bags: batches of retired blocks, written while they are open (`open`), waiting once sealed (`queue`).
//!
//! ```text
//! Bag     [ next epoch kind count | block 0 | block 1 | .. ]      a room of its own, goes on when sealed
//! ```
//!
//! `kind` leads to a constant that says how such blocks are dropped and freed (RCL-1); this room only
//! compares it.
//!
//! # Invariants
//! - `BAG-2`: a sealed bag is in one queue or in the hands of whoever took it; its `epoch` was read
//!   after the last block was put, and `count` blocks are written.

use super::rooms;
use crate::block::Block;
use core::ptr::NonNull;

/// Bytes in which rooms are handed out; a bag fills a multiple of them.
const GRANULE: usize = 128;

/// What waits until its epoch has passed.
#[repr(C)]
pub(crate) struct Bag {
    pub(super) next: Option<NonNull<Bag>>,
    pub(super) epoch: u64,
    pub(super) kind: NonNull<()>,
    pub(super) count: u32,
    capacity: u32,
}

const _: () = assert!(size_of::<Bag>().is_multiple_of(size_of::<Block>()));

/// How many blocks a bag has room for that is to hold about a batch of `batch`.
pub(crate) const fn capacity_for(batch: usize) -> usize {
    let granules = (batch * size_of::<Block>()).div_ceil(GRANULE);
    (granules * GRANULE - size_of::<Bag>()) / size_of::<Block>()
}

impl Bag {
    fn bytes(capacity: usize) -> usize {
        size_of::<Self>() + capacity * size_of::<Block>()
    }

    pub(super) fn found(kind: NonNull<()>, capacity: usize) -> Option<NonNull<Self>> {
        let bag = rooms::take(Self::bytes(capacity))?.cast::<Self>();
        // SAFETY: MET-1; the room is ours, aligned and large enough.
        unsafe {
            bag.write(Self {
                next: None,
                epoch: 0,
                kind,
                count: 0,
                capacity: capacity as u32,
            })
        };
        Some(bag)
    }

    /// Where the blocks of a bag lie.
    pub(super) fn blocks(this: NonNull<Self>) -> NonNull<Block> {
        // SAFETY: BAG-1; the blocks follow the header in the same room.
        unsafe { this.add(1) }.cast()
    }

    /// The kind and the blocks of a bag that was taken out of its queue.
    pub(crate) fn contents(this: NonNull<Self>) -> (NonNull<()>, NonNull<Block>, usize) {
        // SAFETY: BAG-2; alive, and ours since it was taken.
        let bag = unsafe { this.as_ref() };
        (bag.kind, Self::blocks(this), bag.count as usize)
    }

    /// Gives the room of an emptied bag back.
    ///
    /// # Safety
    /// The bag was taken out of its queue, its blocks have moved out, and it is not used again.
    pub(crate) unsafe fn dissolve(this: NonNull<Self>) {
        // SAFETY: BAG-2; passed on to the caller.
        let capacity = unsafe { this.as_ref() }.capacity as usize;
        // SAFETY: MET-1; taken with this size by `found`.
        unsafe { rooms::give(this.cast(), Self::bytes(capacity)) };
    }
}

/// What was sealed.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Sealed {
    pub(crate) kind: NonNull<()>,
    pub(crate) count: usize,
}
