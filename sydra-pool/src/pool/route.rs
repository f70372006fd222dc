//! The route of a batch: from where a magazine is filled and where it is emptied to.

use super::Pool;
use crate::base::breach::breach;
use crate::block::{Block, optional};
use crate::bucket::{Bucket, PutBatch, owner_of};
use crate::geometry::Geometry;
use crate::shard::{Event, Shard, count};
use crate::space::SPACE;

/// How many other shards' depots a dry shard tries to lock.
const STEAL_TRIES: usize = 2;

impl Pool {
    /// Moves up to a batch of free blocks to `out`; returns how many, 0 when there is no memory.
    ///
    /// # Safety
    /// `out` is valid for writing a batch. `self` is a home.
    pub(crate) unsafe fn refill(
        &'static self,
        shard: Shard,
        geometry: &Geometry,
        out: *mut Block,
    ) -> usize {
        let own = self.bucket(shard);
        // SAFETY: BLK-3; passed on to the caller.
        let taken = unsafe { own.take_batch(out) };
        if taken > 0 {
            return taken;
        }
        // SAFETY: BLK-3; passed on to the caller.
        let stolen = unsafe { self.steal(shard, out) };
        if stolen > 0 {
            count(shard, Event::Stolen, 1);
            return stolen;
        }
        // SAFETY: BLK-3; passed on to the caller.
        let mut carved = unsafe { carve_to(own, geometry.batch, out) };
        if carved == 0 && self.grow(own, shard, geometry) {
            // SAFETY: BLK-3; passed on to the caller.
            carved = unsafe { carve_to(own, geometry.batch, out) };
        }
        if carved > 0 {
            count(shard, Event::FromSlabs, 1);
            return carved;
        }
        // SAFETY: BLK-3; passed on to the caller.
        let scraped = unsafe { self.scrape(geometry, out) };
        count(
            shard,
            if scraped > 0 {
                Event::FromCentral
            } else {
                Event::RefillFailed
            },
            1,
        );
        scraped
    }

    /// Takes a batch from the depot of another shard.
    ///
    /// # Safety
    /// As for [`refill`](Self::refill).
    unsafe fn steal(&'static self, shard: Shard, out: *mut Block) -> usize {
        let buckets = self.shard_buckets();
        let Shard::Numbered(number) = shard else {
            return 0;
        };
        let mut busy = None;
        let mut tries = STEAL_TRIES;
        for step in 1..buckets.len() {
            let victim = &buckets[(usize::from(number) + step) % buckets.len()];
            if !victim.has_batch() {
                continue;
            }
            // SAFETY: BLK-3; passed on to the caller.
            match unsafe { victim.steal_batch(out, false) } {
                Some(taken) if taken > 0 => return taken,
                Some(_) => {}
                None => busy = Some(victim),
            }
            tries -= 1;
            if tries == 0 {
                break;
            }
        }
        // Waiting for a lock that is held for some hundred nanoseconds is cheaper than taking
        // memory that nobody has touched.
        // SAFETY: BLK-3; passed on to the caller.
        busy.and_then(|victim| unsafe { victim.steal_batch(out, true) })
            .unwrap_or(0)
    }

    /// Gets a fresh slab for a bucket.
    pub(super) fn grow(&'static self, bucket: &Bucket, shard: Shard, geometry: &Geometry) -> bool {
        let Some(slab) = SPACE.take_slab(geometry.slab_units()) else {
            return false;
        };
        let slab = if self.plan.zeroed_slabs {
            SPACE.zeroed(slab)
        } else {
            slab
        };
        count(shard, Event::FreshSlab, 1);
        bucket.adopt(geometry, slab);
        true
    }

    /// The last resort when the system gives no more: whatever any bucket of the pool still has.
    ///
    /// # Safety
    /// As for [`refill`](Self::refill).
    unsafe fn scrape(&'static self, geometry: &Geometry, out: *mut Block) -> usize {
        for bucket in core::iter::once(&self.central).chain(self.shard_buckets()) {
            // SAFETY: BLK-3; passed on to the caller.
            let taken = unsafe { bucket.steal_batch(out, true) }.unwrap_or(0);
            if taken > 0 {
                return taken;
            }
            // SAFETY: BLK-3; passed on to the caller.
            let carved = unsafe { carve_to(bucket, geometry.batch, out) };
            if carved > 0 {
                return carved;
            }
        }
        0
    }

    /// Takes a full batch (or what is left of one) from a magazine.
    ///
    /// # Safety
    /// `blocks[..blocks_count]` are initialised free blocks of this pool's stride; they have moved
    /// out of it afterwards. `self` is a home.
    pub(crate) unsafe fn flush(
        &'static self,
        shard: Shard,
        geometry: &Geometry,
        blocks: *mut Block,
        blocks_count: usize,
    ) {
        let own = self.bucket(shard);
        // SAFETY: BLK-1, BLK-3; the caller hands the blocks over.
        let (count, from_program) = match unsafe { own.put_batch(geometry, blocks, blocks_count) } {
            PutBatch::Taken => return,
            PutBatch::Evicted(count) => (count, false),
            PutBatch::Refused => (blocks_count, true),
        };
        // SAFETY: BLK-1; those of the depot that are there now, or the caller's, passed on.
        self.go_home(shard, unsafe { optional(blocks, count) }, from_program);
    }

    /// Brings blocks home to their slabs, one lock for each owner.
    pub(super) fn go_home(
        &'static self,
        shard: Shard,
        blocks: &mut [Option<Block>],
        from_program: bool,
    ) {
        count(shard, Event::Spilled, 1);
        let mut left = blocks.len();
        // Each round brings home at least the first block, so it is bounded by the batch.
        while let Some(Some(first)) = blocks[..left].first() {
            let (bucket, identity) = owner_of(first);
            if identity != self.identity() {
                breach!(
                    "wrong pool: block {:p} does not belong to pool {:?}",
                    first.0,
                    self.plan.name
                );
            }
            let (kept, spilled) = bucket.restore(&mut blocks[..left], from_program);
            left = kept;
            count(shard, Event::SlabReleased, spilled.give_back());
        }
    }
}

/// The pool whose slab lies at an offset into the range, if there is a slab.
#[cfg(feature = "paranoid")]
pub(crate) fn pool_at(offset: usize) -> Option<&'static Pool> {
    let (_, owner) = SPACE.slab_at(offset)?;
    // SAFETY: BKT-2; owners live for ever, and only buckets are made owners.
    let bucket = unsafe { owner.cast::<Bucket>().as_ref() };
    // SAFETY: POL-4, BKT-3; a bucket that owns slabs was given its pool.
    Some(unsafe { &*bucket.identity().cast::<Pool>() })
}

/// The pool whose slab a block lies in. The process stops if there is none.
pub(crate) fn pool_of(block: &Block) -> &'static Pool {
    let (_, identity) = owner_of(block);
    // SAFETY: POL-4, BKT-3; a bucket that owns slabs was given its pool.
    unsafe { &*identity.cast::<Pool>() }
}

/// Carves up to `wanted` blocks out of a bucket to `out`, so that the lowest is popped first.
///
/// # Safety
/// `out` is valid for writing `wanted` blocks.
pub(super) unsafe fn carve_to(bucket: &Bucket, wanted: usize, out: *mut Block) -> usize {
    let mut place = wanted;
    let carved = bucket.carve(wanted, |block| {
        place -= 1;
        // SAFETY: BLK-3; `carve` gives at most `wanted` blocks.
        let room = unsafe { out.add(place) };
        // SAFETY: BLK-3; the place is free.
        unsafe { room.write(Block(block)) };
    });
    if place > 0 {
        // SAFETY: BLK-3; within the room.
        let first = unsafe { out.add(place) };
        // SAFETY: BLK-3; the blocks just written, at the end of the room, move to its start.
        unsafe { core::ptr::copy(first, out, carved) };
    }
    carved
}
