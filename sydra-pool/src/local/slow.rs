//! The slow paths behind an empty or full magazine, and behind a full bag of retired values.

use super::{list, record_for, tick};
use crate::block::{Block, optional};
use crate::limbo::Participant;
use crate::magazine::Magazine;
use crate::pool::Pool;
use crate::reclaim::{self, Kind};
use core::ptr::NonNull;

/// From this stride on a zeroed request prefers memory that was never touched over writing zeros.
const UNTOUCHED_FROM: usize = 1024;

/// An empty magazine: brings a batch and hands out one block. When the pool has no memory, the
/// backing allocator serves one if `fallback` says so; `None` is a refusal.
#[cold]
#[inline(never)]
pub(crate) fn pop_slow(pool: &'static Pool, magazine: &Magazine, fallback: bool) -> Option<Block> {
    let foreign = || if fallback { pool.take_foreign() } else { None };
    let Some(record) = record_for(pool, magazine) else {
        list(pool);
        return pool.take_one().or_else(|| {
            let block = foreign()?;
            pool.count_single_allocation();
            Some(block)
        });
    };
    if let Some(block) = magazine.pop() {
        // Something was freed while the thread registered.
        return Some(block);
    }
    record.settle();
    // SAFETY: MAG-1, MAG-2; the magazine is empty and holds at least a batch.
    let count = unsafe {
        pool.home()
            .refill(record.shard, &record.geometry, magazine.slots())
    };
    let block = if count == 0 {
        foreign().inspect(|_| record.note_allocation())
    } else {
        record.note_refilled(count);
        magazine.set_length(count);
        magazine.pop()
    };
    // Last, as it may put blocks into this very magazine.
    tick(false);
    block
}

/// An empty magazine and a request for zeroed memory: the flag says whether the block is zero
/// already. Large blocks come one at a time from memory that was never touched, if there is any.
#[cold]
#[inline(never)]
pub(crate) fn pop_slow_zeroed(pool: &'static Pool, magazine: &Magazine) -> Option<(Block, bool)> {
    // Blocks that are watched are filled, not zero.
    if !cfg!(feature = "paranoid")
        && pool.plan.stride >= UNTOUCHED_FROM
        && let Some(record) = record_for(pool, magazine)
        && magazine.read().length == 0
        && let Some(block) = pool.home().take_untouched(record.shard)
    {
        record.settle();
        record.note_allocation();
        tick(false);
        return Some((block, true));
    }
    pop_slow(pool, magazine, true).map(|block| (block, false))
}

/// A full magazine: the older half goes to the shard, the block on top of the rest.
#[cold]
#[inline(never)]
pub(crate) fn push_slow(pool: &'static Pool, magazine: &Magazine, block: Block) {
    let Some(record) = record_for(pool, magazine) else {
        list(pool);
        pool.give_one(block);
        return;
    };
    let Err(block) = magazine.push(block) else {
        return;
    };
    record.settle();
    let (slots, length) = (magazine.slots(), magazine.read().length);
    let batch = record.geometry.batch.min(length);
    // SAFETY: MAG-1; the older half moves out, as the length set below says.
    let kept = pool.give_foreigners(unsafe { optional(slots, batch) });
    if kept > 0 {
        // SAFETY: MAG-1; what is left of the older half.
        unsafe {
            pool.home()
                .flush(record.shard, &record.geometry, slots, kept)
        };
    }
    // SAFETY: MAG-2; within the slots.
    let newer = unsafe { slots.add(batch) };
    // SAFETY: MAG-1; the newer half moves down over slots whose blocks have moved out.
    unsafe { slots.copy_from(newer, length - batch) };
    record.note_flushed(batch);
    magazine.set_length(length - batch);
    if let Err(block) = magazine.push(block) {
        // Not reached: half the slots have just become free. Never lose a block, though.
        pool.give_one(block);
    }
    tick(false);
}

/// Takes blocks back as if they were freed one by one.
///
/// # Safety
/// `blocks[..count]` are initialised free blocks of the pool, and move out.
pub(crate) unsafe fn push_all(
    pool: &'static Pool,
    magazine: &Magazine,
    blocks: NonNull<Block>,
    count: usize,
) {
    let mut done = 0;
    while done < count {
        // SAFETY: BLK-3; within the blocks.
        let rest = unsafe { blocks.add(done) };
        // SAFETY: BLK-1; passed on to the caller.
        done += unsafe { magazine.push_many(rest.as_ptr(), count - done) };
        if done < count {
            // SAFETY: BLK-3; within the blocks.
            let next = unsafe { blocks.add(done) };
            // SAFETY: BLK-1; it has not moved yet, and does now.
            push_slow(pool, magazine, unsafe { next.read() });
            done += 1;
        }
    }
}

/// Puts a block into limbo the slow way; gives it back for want of memory.
///
/// # Safety
/// The block holds a value of the kind, which nobody reaches any more but readers that are pinned.
/// `me` is the calling thread's place, pinned; the magazine is its own of the kind's pool.
#[cold]
#[inline(never)]
pub(crate) unsafe fn retire_slow(
    me: &'static Participant,
    magazine: &Magazine,
    kind: &'static Kind,
    block: Block,
) -> Option<Block> {
    // SAFETY: PTC-1; passed on to the caller.
    let refused = unsafe { reclaim::retire_slow(me, &magazine.side, kind, block) };
    tick(true);
    refused
}
