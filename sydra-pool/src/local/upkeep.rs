//! Upkeep, done by whoever passes a slow path now and then, or asked for.

use super::{THREAD, empty, list, participant, participant_if_any};
use crate::manager::MANAGER;
use crate::pool::Pool;
use crate::reclaim::{self, Budget};
use crate::registry;
use crate::space::SPACE;

/// Slow paths between two looks at the clock.
const TICK_EVERY: u32 = 8;
/// Bags of retired values that one tick empties at most, so that it stays short.
const BAGS_A_TICK: usize = 64;
/// Parts into which the maintenance of all pools is cut; one is done each tick.
const UPKEEP_PARTS: u64 = 8;

/// Counts a slow path; now and then looks at the clock and does a part of the maintenance.
///
/// `drops` says that values may be dropped here whose drop runs code of the program.
pub(super) fn tick(drops: bool) {
    let due = THREAD.with(|thread| {
        let count = thread.slow_paths.get().wrapping_add(1);
        thread.slow_paths.set(count);
        count % TICK_EVERY == 0
    });
    if due {
        maintain(Budget {
            bags: BAGS_A_TICK,
            patient: false,
            drops,
        });
    }
}

/// Does the maintenance that is due, if any: idle batches go home, the surplus of empty slabs goes
/// back to the system.
///
/// The budget bounds what is reclaimed of retired values on the way.
pub(crate) fn maintain(budget: Budget) {
    let due = MANAGER.tick_due();
    if let Some(number) = due {
        let mut place = number;
        registry::each(|pool| {
            if place % UPKEEP_PARTS == 0 {
                pool.plunder(false);
            }
            place += 1;
        });
        SPACE.tick();
    }
    // Whoever asks for all of it gets it, though the slow paths of busy threads were faster.
    if due.is_some() || budget.patient {
        // Drops may come back here: the place remembers that they are under way.
        let place = if budget.drops {
            Some(participant())
        } else {
            participant_if_any()
        };
        reclaim::collect_all(place, 1, budget);
    }
}

/// Reclaims whatever no reader can see any more; returns the number of values.
pub(crate) fn collect_garbage() -> usize {
    // What is sealed now has passed two steps later.
    reclaim::collect_all(Some(participant()), 2, Budget::ALL)
}

/// Empties all caches that can be reached and gives every empty slab back to the system; returns
/// the bytes. Magazines of other threads stay as they are.
pub(crate) fn trim() -> usize {
    empty_own(None);
    registry::each(|pool| {
        pool.plunder(true);
        pool.release_empty_slabs();
    });
    SPACE.purge_all()
}

/// The same for one pool.
pub(crate) fn trim_pool(pool: &'static Pool) -> usize {
    list(pool);
    empty_own(Some(pool));
    pool.home().plunder(true);
    pool.home().release_empty_slabs();
    SPACE.purge_all()
}

fn empty_own(only: Option<&'static Pool>) {
    THREAD.with(|thread| {
        let mut next = thread.first.get();
        while let Some(record) = next {
            // SAFETY: THR-1, REC-1; records in the chain are alive.
            let record = unsafe { record.as_ref() };
            next = record.thread_next.get();
            if only.is_none_or(|pool| core::ptr::eq(pool, record.pool)) {
                empty(record);
            }
        }
    });
}
