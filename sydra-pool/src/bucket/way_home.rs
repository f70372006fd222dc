//! The way home of a block: which bucket owns it, and what becomes of slabs that run empty.

use super::{Bucket, Inner, SPARE_SLABS, add};
use crate::base::breach::breach;
use crate::block::Block;
use crate::slab::{Misput, NONE, Put, Slab, heap};
use crate::space::SPACE;
use crate::sync::{Guard, Ordering::Relaxed};
use core::ptr::NonNull;

/// How a spill ended.
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub(crate) struct Spilled {
    /// First slab of the chain of released ones, linked by `parent`.
    released: Option<u32>,
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
fn locate(block: &Block) -> (u32, NonNull<()>) {
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
fn slab_of<'a>(block: &Block, bucket: &'a Bucket) -> Option<(u32, Slab<'a>)> {
    let (unit, owner) = locate(block);
    if !core::ptr::eq(owner.as_ptr().cast(), bucket) {
        return None;
    }
    // SAFETY: SLB-2; the slab names the bucket as its owner, and the lock is held.
    Some((unit, unsafe { SPACE.slab(unit) }))
}

/// Stops the process: a block that cannot be brought home.
#[cold]
fn refuse(unit: u32, base: NonNull<u8>, misput: Misput) -> ! {
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

impl Bucket {
    /// Brings home every block among `blocks` that belongs to this bucket's slabs; the others are
    /// moved to the front. Returns how many those are, and the slabs that became empty.
    ///
    /// `from_program` says whether the blocks came from threads (and count as returned) or from a
    /// depot (and counted already). Stops the process on a double free or a wrong pointer.
    pub(crate) fn restore(
        &self,
        blocks: &mut [Option<Block>],
        from_program: bool,
    ) -> (usize, Spilled) {
        let mut inner = self.inner.lock();
        let mut spilled = Spilled::default();
        let (mut kept, mut index, mut home) = (0, 0, 0);
        while index < blocks.len() {
            // Blocks freed one after another often lie in one slab: it is looked up once a run.
            let Some(first) = &blocks[index] else {
                index += 1;
                continue;
            };
            let Some((unit, mut slab)) = slab_of(first, self) else {
                // What lies between the two has been taken.
                blocks.swap(kept, index);
                kept += 1;
                index += 1;
                continue;
            };
            let (run, put) = match slab.put(&blocks[index..]) {
                Ok(done) => done,
                Err(misput) => refuse(unit, slab.base, misput),
            };
            blocks[index..index + run].fill_with(|| None);
            self.put_home(&mut inner, unit, put, &mut spilled);
            index += run;
            home += run as u64;
        }
        add(&self.free_in_slabs, home);
        add(&self.spilled, home);
        if from_program {
            add(&self.returned, home);
        }
        (kept, spilled)
    }

    /// What a put means for the heap of partial slabs.
    fn put_home(&self, inner: &mut Guard<'_, Inner>, unit: u32, put: Put, spilled: &mut Spilled) {
        match put {
            Put::Home => {}
            Put::WasFull => {
                // SAFETY: SLB-2, HEP-3; the slab is ours, our lock is held.
                inner.partial =
                    unsafe { heap::insert(&mut SPACE.descriptors(), inner.partial, unit) };
            }
            Put::Empty => {
                // SAFETY: SLB-2; as above.
                let listed = unsafe { SPACE.slab(unit) }.descriptor.listed;
                if !listed {
                    // SAFETY: SLB-2, HEP-3; as above.
                    inner.partial =
                        unsafe { heap::insert(&mut SPACE.descriptors(), inner.partial, unit) };
                }
                inner.empty += 1;
                if inner.empty > SPARE_SLABS {
                    self.expel(inner, unit, spilled);
                }
            }
        }
    }

    /// Takes an empty slab out of the heap and chains it to what is released.
    fn expel(&self, inner: &mut Guard<'_, Inner>, unit: u32, spilled: &mut Spilled) {
        inner.empty -= 1;
        // SAFETY: SLB-2, HEP-3; the slab is ours and our lock is held.
        inner.partial = unsafe { heap::remove(&mut SPACE.descriptors(), inner.partial, unit) };
        // SAFETY: SLB-2; the slab is ours and our lock is held.
        let slab = unsafe { SPACE.slab(unit) };
        let blocks = u64::from(slab.descriptor.blocks);
        slab.descriptor.parent = spilled.released.unwrap_or(NONE);
        spilled.released = Some(unit);
        if let Some(tag) = SPACE.tag(unit) {
            tag.owner.store(core::ptr::null_mut(), Relaxed);
        }
        SPACE.set_class(unit, u32::from(slab.descriptor.units), 0);
        self.slabs.store(self.slabs.load(Relaxed) - 1, Relaxed);
        self.free_in_slabs.store(
            self.free_in_slabs.load(Relaxed).wrapping_sub(blocks),
            Relaxed,
        );
    }

    /// Releases every empty slab.
    pub(crate) fn expel_empty(&self) -> Spilled {
        let mut spilled = Spilled::default();
        let mut inner = self.inner.lock();
        if inner.empty == 0 {
            return spilled;
        }
        // Rebuilds the heap without the empty ones; bounded by the partial slabs.
        let mut kept = NONE;
        while inner.partial != NONE {
            let unit = inner.partial;
            // SAFETY: SLB-2; the slab is ours (BKT-1) and our lock is held.
            let empty = unsafe { SPACE.slab(unit) }.is_empty();
            if empty {
                self.expel(&mut inner, unit, &mut spilled);
            } else {
                // SAFETY: SLB-2, HEP-3; as above.
                inner.partial = unsafe { heap::remove(&mut SPACE.descriptors(), unit, unit) };
                // SAFETY: SLB-2, HEP-3; as above.
                kept = unsafe { heap::insert(&mut SPACE.descriptors(), kept, unit) };
            }
        }
        inner.partial = kept;
        spilled
    }
}

/// The owning bucket of a block, and the pool it belongs to.
///
/// The process stops if the block belongs to no pool.
pub(crate) fn owner_of(block: &Block) -> (&'static Bucket, *mut ()) {
    let (_, owner) = locate(block);
    // SAFETY: BKT-2; owners live for ever, and only buckets are made owners (`adopt`).
    let bucket = unsafe { owner.cast::<Bucket>().as_ref() };
    (bucket, bucket.identity.load(Relaxed))
}
