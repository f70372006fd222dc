//! The kind of a retired value: its type, for those who only hold the block.

use super::BYTES_A_LOOK;
use crate::block::Block;
use crate::limbo::capacity_for;
use crate::manager::MANAGER;
use crate::pool::{Kind as PoolKind, Plan, Pool, Route};
use core::ptr::NonNull;

/// Blocks in a bag of a type that lives in no pool.
const BATCH_BEYOND_POOLS: usize = 16;

/// How values of one type are dropped and freed.
#[derive(Debug)]
pub(crate) struct Kind {
    pub(crate) plan: Plan,
    pub(crate) pool: fn() -> &'static Pool,
    /// Whether dropping a value runs code of the program.
    pub(crate) drops: bool,
    /// Drops the values in so many blocks and frees these; returns how many drops panicked.
    ///
    /// # Safety
    /// The blocks hold values of the type, and are the caller's.
    pub(crate) reclaim: unsafe fn(NonNull<Block>, usize) -> usize,
}

/// The kind behind an opaque pointer of limbo.
pub(crate) fn kind_of(opaque: NonNull<()>) -> &'static Kind {
    // SAFETY: RCL-1; only `retire` puts blocks into limbo, with a constant.
    unsafe { opaque.cast::<Kind>().as_ref() }
}

impl Kind {
    /// The pool whose figures the values count in; none for a generic type that no pool serves.
    pub(crate) fn counted(&self) -> Option<&'static Pool> {
        let counted = self.plan.route == Route::Pool || self.plan.kind != PoolKind::Shared;
        counted.then(|| (self.pool)())
    }

    /// How many values a bag holds: half a magazine, but no more bytes than go between two looks, or
    /// than may wait.
    pub(super) fn bag_capacity(&self) -> usize {
        let batch = match self.plan.route {
            Route::Pool => (self.pool)().geometry().batch,
            // What waits in an open bag is missing from the few blocks there are.
            Route::Fixed => BATCH_BEYOND_POOLS.min(self.plan.capacity / 4 + 1),
            _ => BATCH_BEYOND_POOLS,
        };
        let most = BYTES_A_LOOK
            .min(self.plan.max_limbo as u64)
            .min(MANAGER.max_limbo())
            / self.bytes().max(1);
        capacity_for(batch).min(most.max(1) as usize)
    }

    /// Bytes that a retired value keeps.
    pub(crate) fn bytes(&self) -> u64 {
        match self.plan.route {
            Route::Nowhere => 0,
            Route::Pool | Route::Fixed => self.plan.stride as u64,
            _ => self.plan.layout().size() as u64,
        }
    }
}
