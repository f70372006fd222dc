//! The way home of a block: which bucket owns it, and what becomes of slabs that run empty.

use super::Bucket;
use crate::base::breach::breach;
use crate::block::Block;
use crate::slab::{Misput, NONE, Slab};
use crate::space::SPACE;
use crate::sync::Ordering::Relaxed;
use core::ptr::NonNull;

/// How a spill ended.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub(crate) struct Spilled {
    /// First slab of the chain of released ones, linked by `parent`.
    pub(super) released: Option<u32>,
}

impl Spilled {
    /// Gives the released slabs back to the address space; returns how many.
    pub(crate) fn give_back(mut self) -> usize {
        let mut count = 0;
        while let Some(unit) = self.released {
            // SAFETY: SLB-2; a released slab is in no heap and owned by this chain alone.
            let mut slab = unsafe { SPACE.slab(unit) };
            let next = slab.descriptor.parent;
            let id = slab.dissolve(unit);
            SPACE.give_slab(id);
            self.released = if next == NONE { None } else { Some(next) };
            count += 1;
        }
        count
    }
}

/// The slab of a block (SLB-3) and the owning bucket; stops if there is none.
pub(super) fn locate(block: &Block) -> (u32, NonNull<()>) {
    let found = SPACE
        .window
        .offset_of(block.0.addr().get())
        .and_then(|offset| SPACE.slab_at(offset));
    match found {
        Some(place) => place,
        None => breach!("wrong pointer freed: {:p} belongs to no pool", block.0),
    }
}

/// The slab of a block and its unit, if it belongs to `bucket`, whose lock is held. The caller is
/// done with the slab before it touches the heap.
pub(super) fn slab_of<'a>(block: &Block, bucket: &'a Bucket) -> Option<(u32, Slab<'a>)> {
    let (unit, owner) = locate(block);
    if !core::ptr::eq(owner.as_ptr().cast(), bucket) {
        return None;
    }
    // SAFETY: SLB-2; the slab names the bucket as its owner, and the lock is held.
    Some((unit, unsafe { SPACE.slab(unit) }))
}

/// Stops the process: a block that cannot be brought home.
#[cold]
pub(super) fn refuse(unit: u32, base: NonNull<u8>, misput: Misput) -> ! {
    match misput {
        Misput::Twice(offset) => breach!(
            "double free: block {:#x} (slab unit {unit}) is free",
            base.addr().get() + offset
        ),
        Misput::NoBlock(offset) => breach!(
            "wrong pointer freed: {:#x} is no block of slab unit {unit}",
            base.addr().get() + offset
        ),
    }
}

/// The owning bucket of a block, and the pool it belongs to.
///
/// The process stops if the block belongs to no pool.
pub(crate) fn owner_of(block: &Block) -> (&'static Bucket, usize) {
    let (_, owner) = locate(block);
    // SAFETY: BKT-2; owners live for ever, and only buckets are made owners (`adopt`).
    let bucket = unsafe { owner.cast::<Bucket>().as_ref() };
    (bucket, bucket.identity.load(Relaxed))
}
