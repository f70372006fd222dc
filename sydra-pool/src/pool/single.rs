//! Single blocks: for threads without a magazine, and those of the backing allocator (POL-2).

use super::Pool;
use super::route::carve_to;
use crate::block::{BatchRoom, Block};
use crate::config::Backing;
use crate::fallback::{FALLBACK, Reason};
use crate::shard::Shard;
use crate::space::SPACE;
use crate::sync::Ordering::Relaxed;
use core::ptr::NonNull;

impl Pool {
    /// One block for a thread that has no magazine: not yet, or not any more.
    pub(crate) fn take_one(&'static self) -> Option<Block> {
        let home = self.home();
        home.start();
        let geometry = home.geometry();
        let mut room = BatchRoom::new();
        // SAFETY: BLK-3; the room holds the largest batch.
        let mut taken = unsafe { carve_to(&home.central, 1, room.start()) };
        if taken == 0 && home.grow(&home.central, Shard::Central, &geometry) {
            // SAFETY: BLK-3; as above.
            taken = unsafe { carve_to(&home.central, 1, room.start()) };
        }
        if taken == 0 {
            // A batch would be more than one: only single blocks are carved here.
            for bucket in home.shard_buckets() {
                // SAFETY: BLK-3; as above.
                taken = unsafe { carve_to(bucket, 1, room.start()) };
                if taken > 0 {
                    break;
                }
            }
        }
        // SAFETY: BLK-3; just written.
        let block = unsafe { room.filled(taken) }.first_mut()?.take();
        self.count_single_allocation();
        block
    }

    /// Takes one block from a thread that has no magazine.
    pub(crate) fn give_one(&'static self, block: Block) {
        self.count_single_free();
        if let Some(block) = self.give_foreign(block) {
            self.home()
                .go_home(Shard::Central, &mut [Some(block)], true);
        }
    }

    /// Counts a free that no magazine counts.
    pub(crate) fn count_single_free(&self) {
        self.level.published.fetch_sub(1, Relaxed);
    }

    /// Counts an allocation that no magazine counts.
    pub(crate) fn count_single_allocation(&self) {
        self.level.allocations.fetch_add(1, Relaxed);
        let live = self.level.published.fetch_add(1, Relaxed) + 1;
        self.level.peak.fetch_max(live, Relaxed);
    }

    /// A block of the backing allocator in the canonical layout (POL-2), when the plan allows it.
    pub(crate) fn take_foreign(&self) -> Option<Block> {
        if !self.plan.fallback {
            return None;
        }
        let layout = self.plan.canonical();
        let zeroed = self.plan.zeroed_slabs;
        let start = FALLBACK.alloc(Backing::System, layout, Reason::RefillFailed, zeroed);
        let block = Block(NonNull::new(start)?);
        self.foreign.fetch_add(1, Relaxed);
        Some(block)
    }

    /// Whether blocks of the backing allocator are alive.
    #[cfg(feature = "paranoid")]
    pub(crate) fn may_have_foreign(&self) -> bool {
        self.foreign.load(Relaxed) > 0
    }

    /// Gives a block of the backing allocator back to it; any other is returned.
    fn give_foreign(&self, block: Block) -> Option<Block> {
        if self.foreign.load(Relaxed) <= 0 || SPACE.window.offset_of(block.0.addr().get()).is_some()
        {
            return Some(block);
        }
        self.foreign.fetch_sub(1, Relaxed);
        // SAFETY: FBK-1, POL-2; outside the range, and such blocks of this pool are alive, so it
        // came from `take_foreign`.
        unsafe { FALLBACK.dealloc(Backing::System, block.0.as_ptr(), self.plan.canonical()) };
        None
    }

    /// Gives the blocks of the backing allocator among `blocks` back to it and moves the others to
    /// the front; returns how many those are.
    pub(crate) fn give_foreigners(&self, blocks: &mut [Option<Block>]) -> usize {
        if self.foreign.load(Relaxed) <= 0 {
            return blocks.len();
        }
        let mut kept = 0;
        for index in 0..blocks.len() {
            if let Some(block) = blocks[index]
                .take()
                .and_then(|block| self.give_foreign(block))
            {
                blocks[kept] = Some(block);
                kept += 1;
            }
        }
        kept
    }
}
