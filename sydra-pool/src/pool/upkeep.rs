//! Upkeep of a pool: reserve ahead, bring idle caches home, stand still for a `fork`.

use super::Pool;
use crate::block::{BatchRoom, Block, optional};
use crate::bucket::{Bucket, BucketCounts};
use crate::geometry::UNIT_BYTES;
use crate::os;
use crate::shard::{Event, Shard, count};
use crate::space::SPACE;

impl Pool {
    fn buckets(&'static self) -> impl Iterator<Item = (Shard, &'static Bucket)> {
        let numbered = self.shard_buckets().iter().enumerate();
        let numbered = numbered.map(|(number, bucket)| (Shard::Numbered(number as u16), bucket));
        core::iter::once((Shard::Central, &self.central)).chain(numbered)
    }

    /// Brings depots home: what lay idle since the last call, or everything.
    pub(crate) fn plunder(&'static self, all: bool) {
        let mut room = BatchRoom::new();
        for (shard, bucket) in self.buckets() {
            bucket.plunder(all, &mut room, |blocks| self.go_home(shard, blocks, false));
        }
    }

    /// Gives every empty slab back to the address space.
    pub(crate) fn release_empty_slabs(&'static self) {
        for (shard, bucket) in self.buckets() {
            count(shard, Event::SlabReleased, bucket.expel_empty().give_back());
        }
    }

    /// Gets memory for `blocks` more blocks into a shard and touches it, so that none of them
    /// costs a page fault later. `false` when the system refuses; what was got stays.
    pub(crate) fn reserve(&'static self, shard: Shard, blocks: usize) -> bool {
        let geometry = self.geometry();
        let bucket = self.bucket(shard);
        let ready = bucket.counts().free_in_slabs as usize;
        let slabs = blocks.saturating_sub(ready).div_ceil(geometry.slab_blocks);
        for taken in 0..slabs {
            // Refused before anything is touched if the range is too small for all of it.
            let left = (slabs - taken).saturating_mul(geometry.slab_bytes) as u64;
            if SPACE.room().is_some_and(|room| left > room) {
                return false;
            }
            let Some(slab) = SPACE.take_slab(geometry.slab_units()) else {
                return false;
            };
            let slab = SPACE.touch(slab, os::page_bytes().min(UNIT_BYTES));
            count(shard, Event::FreshSlab, 1);
            bucket.adopt(&geometry, slab);
        }
        true
    }

    /// Brings every block of a magazine home.
    ///
    /// # Safety
    /// `blocks[..blocks_count]` are initialised free blocks of this pool's stride and move out.
    pub(crate) unsafe fn bring_home(
        &'static self,
        shard: Shard,
        blocks: *mut Block,
        blocks_count: usize,
    ) {
        // SAFETY: BLK-1; passed on to the caller.
        let blocks = unsafe { optional(blocks, blocks_count) };
        if !blocks.is_empty() {
            self.go_home(shard, blocks, true);
        }
    }

    /// Takes one block of zero, never-touched memory, if recycled ones would not do as well.
    pub(crate) fn take_untouched(&'static self, shard: Shard) -> Option<Block> {
        let bucket = self.bucket(shard);
        if bucket.has_batch() {
            return None;
        }
        if let Some(block) = bucket.carve_untouched() {
            return Some(Block(block));
        }
        if bucket.counts().free_in_slabs > 0 || !self.grow(bucket, shard, &self.geometry()) {
            return None;
        }
        bucket.carve_untouched().map(Block)
    }

    /// The counts of each bucket, the central one first.
    pub(crate) fn each_bucket(&'static self, mut visit: impl FnMut(Shard, BucketCounts)) {
        for (shard, bucket) in self.buckets() {
            visit(shard, bucket.counts());
        }
    }

    /// Takes every lock of the pool, for a `fork`.
    pub(crate) fn close_for_fork(&'static self) {
        self.close_roster_for_fork();
        for (_, bucket) in self.buckets() {
            bucket.close_for_fork();
        }
    }

    /// Releases them again.
    ///
    /// # Safety
    /// As for [`crate::sync::Lock::open_after_fork`].
    pub(crate) unsafe fn open_after_fork(&'static self) {
        for (_, bucket) in self.buckets() {
            // SAFETY: LCK-1; closed by `close_for_fork`; the buckets are still the same, as
            // making them takes the roster's lock.
            unsafe { bucket.open_after_fork() };
        }
        // SAFETY: LCK-1; closed by `close_for_fork`.
        unsafe { self.roster.open_after_fork() };
    }
}
