//! Reclaiming: the process's clock, when it is moved on, and what is done with what has passed.
//!
//! # Invariants
//! - `RCL-1`: the kind of a bag in limbo is a [`Kind`], a constant; its `reclaim` drops and frees
//!   blocks that were retired as that kind.
//!
//! # Concurrency
//! Counters are relaxed read-modify-writes, once for each bag. Drop glue runs without any lock of the
//! engine.

use crate::block::Block;
use crate::limbo::{self, Advance, Bag, Clock, Participant};
use crate::manager::MANAGER;
use crate::os;
use crate::sync::{AtomicPtr, Ordering::Relaxed};
use core::ptr::NonNull;

mod kind;
mod counters;

pub(crate) use counters::figures;
use counters::{COUNTERS, count_out, count_sealed};
pub(crate) use kind::{Kind, kind_of};

/// Bags that one slow path empties at most, so that it stays short.
const AT_ONCE: usize = 4;
/// Bags that are sealed, in the whole process, between two looks at the threads; a look costs a fence
/// in each of them, some microseconds.
const BAGS_A_LOOK: u64 = 32;
/// Bytes that are sealed between two looks, at most.
const BYTES_A_LOOK: u64 = 256 * 1024;
/// Milliseconds between two forced looks while a reader stands in the way.
const PATIENCE_MS: u64 = 1;
/// Milliseconds from which on a thread's own pin, while it retires, counts as standing in the way.
const OWN_PATIENCE_MS: u64 = 20;

/// The clock of the process.
pub(crate) static CLOCK: Clock = Clock::new();

/// Puts a block into limbo the slow way; gives it back for want of memory.
///
/// # Safety
/// The block holds a value of the kind, which nobody reaches any more but readers that are pinned.
/// `me` is the calling thread's place, pinned; `side` is its own and belongs to the kind's memory.
pub(crate) unsafe fn retire_slow(
    me: &'static Participant,
    side: &AtomicPtr<()>,
    kind: &'static Kind,
    block: Block,
) -> Option<Block> {
    let as_limbo_sees = limbo::Kind {
        opaque: NonNull::from(kind).cast(),
        drops: kind.drops,
    };
    let mut counted = None;
    // SAFETY: PTC-1; passed on to the caller.
    let refused = unsafe {
        me.put_slow(
            &CLOCK.epoch,
            side,
            as_limbo_sees,
            kind.bag_capacity(),
            block,
            |sealed| counted = Some((sealed.count as u64 * kind.bytes(), count_sealed(sealed))),
        )
    };
    if let Some((bytes, (all, of_pool))) = counted {
        if all > MANAGER.max_limbo() || of_pool > kind.plan.max_limbo as u64 {
            force(me);
        } else if is_due(bytes) {
            let _ = CLOCK.try_advance();
        }
        collect(me, AT_ONCE);
    }
    refused
}

/// Whether it is time for a look at the other threads, now that so many bytes more were sealed.
fn is_due(bytes: u64) -> bool {
    let bags = COUNTERS.bags_since_look.fetch_add(1, Relaxed) + 1;
    let bytes = COUNTERS.bytes_since_look.fetch_add(bytes, Relaxed) + bytes;
    let due = bags >= BAGS_A_LOOK || bytes >= BYTES_A_LOOK;
    if due {
        COUNTERS.bags_since_look.store(0, Relaxed);
        COUNTERS.bytes_since_look.store(0, Relaxed);
    }
    due
}

/// The cap is reached: moves the epoch twice if it can, which is what it takes for all that is sealed
/// now. A reader that stands in the way is counted as a stall, and then the next try waits a moment.
///
/// The caller's own pin allows one step; the next comes with its next pin. It counts as a stall only
/// when it has been in the way for long.
#[cold]
fn force(me: &Participant) {
    let now = os::now_coarse_ms();
    let last = COUNTERS.last_stall_ms.load(Relaxed);
    if last != 0 && now.saturating_sub(last) < PATIENCE_MS {
        return;
    }
    let mut forced = false;
    for _ in 0..2 {
        let held = if me.pinned_at() != Some(CLOCK.epoch.now()) {
            if now.saturating_sub(CLOCK.advances().1) < OWN_PATIENCE_MS {
                break;
            }
            true
        } else {
            forced = true;
            !matches!(CLOCK.try_advance(), Advance::Moved)
        };
        if held {
            COUNTERS.stalls.fetch_add(1, Relaxed);
            COUNTERS.last_stall_ms.store(now, Relaxed);
            break;
        }
    }
    if forced {
        COUNTERS.forced.fetch_add(1, Relaxed);
    }
}

/// Empties up to `most` of the bags whose time has come: the caller's own, then those that ended
/// threads left. Nothing while the caller is at it already, within a drop.
fn collect(me: &'static Participant, most: usize) -> usize {
    if me.set_reclaiming(true) {
        return 0;
    }
    let mut reclaimed = 0;
    for _ in 0..most {
        let Some(bag) = me
            .take_passed(&CLOCK.epoch, true)
            .or_else(|| CLOCK.take_orphan(true))
        else {
            break;
        };
        reclaimed += empty(bag);
    }
    me.set_reclaiming(false);
    reclaimed
}

/// Drops and frees what is in a bag that was taken out of limbo.
fn empty(bag: NonNull<Bag>) -> usize {
    let (kind, blocks, count) = Bag::contents(bag);
    let kind = kind_of(kind);
    // SAFETY: RCL-1, BAG-2; retired as this kind, and ours since the bag was taken.
    let panics = unsafe { (kind.reclaim)(blocks, count) };
    // SAFETY: BAG-2; the blocks have moved out.
    unsafe { Bag::dissolve(bag) };
    COUNTERS.reclaimed.fetch_add(count as u64, Relaxed);
    count_out(kind, count);
    if panics > 0 {
        COUNTERS.drop_panics.fetch_add(panics as u64, Relaxed);
    }
    count
}

/// Seals what the calling thread has retired.
fn seal_own(me: &Participant) {
    me.flush(&CLOCK.epoch, |sealed| {
        count_sealed(sealed);
    });
}

/// Seals what the calling thread has retired, moves the epoch on if it can, and reclaims.
pub(crate) fn flush(me: &'static Participant) {
    seal_own(me);
    let _ = CLOCK.try_advance();
    collect(me, usize::MAX);
}

/// Seals what all threads have retired that are not pinned, moves the epoch on up to `steps` times,
/// and empties bags whose time has come, as far as the budget says. Returns the number of values.
///
/// `me` is the calling thread's place, if it has one.
pub(crate) fn collect_all(
    me: Option<&'static Participant>,
    steps: usize,
    mut budget: Budget,
) -> usize {
    if CLOCK.participants().next().is_none() {
        return 0;
    }
    if me.is_some_and(|me| me.set_reclaiming(true)) {
        return 0;
    }
    CLOCK.sweep(me, budget.patient, |sealed| {
        count_sealed(sealed);
    });
    let mut reclaimed = empty_passed(&mut budget);
    for _ in 0..steps {
        if COUNTERS.objects.load(Relaxed) == 0 || budget.bags == 0 {
            break;
        }
        let Advance::Moved = CLOCK.try_advance() else {
            break;
        };
        reclaimed += empty_passed(&mut budget);
    }
    if let Some(me) = me {
        me.set_reclaiming(false);
    }
    reclaimed
}

/// What may be emptied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Budget {
    /// So many bags.
    pub(crate) bags: usize,
    /// Also values whose drop runs code of the program. Never in the middle of an allocation: that
    /// code may want what the program holds while it allocates.
    pub(crate) drops: bool,
    /// Whether to wait for another thread that is at it.
    pub(crate) patient: bool,
}

impl Budget {
    /// Everything.
    pub(crate) const ALL: Self = Self {
        bags: usize::MAX,
        drops: true,
        patient: true,
    };
}

/// Empties bags whose time has come, and takes them off the budget.
fn empty_passed(budget: &mut Budget) -> usize {
    let places = CLOCK.participants().map(Some).chain(core::iter::once(None));
    let mut reclaimed = 0;
    for place in places {
        while budget.bags > 0 {
            let taken = match place {
                Some(one) => one.take_passed(&CLOCK.epoch, budget.drops),
                None => CLOCK.take_orphan(budget.drops),
            };
            let Some(bag) = taken else {
                break;
            };
            budget.bags -= 1;
            reclaimed += empty(bag);
        }
    }
    reclaimed
}

/// In the child of a `fork`: what the other threads had retired is alive for ever, and no longer in
/// limbo.
pub(crate) fn forget_others(own: Option<&'static Participant>) {
    CLOCK.forget_others(own, |lost| count_out(kind_of(lost.kind), lost.count));
}

/// Pins the calling thread until [`leave_entered`].
pub(crate) fn enter(me: &Participant) {
    me.pin(&CLOCK.epoch);
    me.set_entered(me.depths().1 + 1);
}

/// Lets the calling thread go of everything and protects afresh. As it may never be seen unpinned,
/// it also seals what a sweep wanted in vain.
pub(crate) fn refresh(me: &Participant) {
    if me.take_wanted() {
        seal_own(me);
    }
    me.refresh(&CLOCK.epoch);
}

/// Ends one `enter` of the calling thread; `false` if there was none.
pub(crate) fn leave_entered(me: &'static Participant) -> bool {
    let entered = me.depths().1;
    if entered == 0 {
        return false;
    }
    me.set_entered(entered - 1);
    me.unpin();
    true
}

/// A thread ends: what it has retired is left to the others.
///
/// # Safety
/// As for [`Clock::release`].
pub(crate) unsafe fn leave(me: &'static Participant) {
    // SAFETY: PTC-1; passed on to the caller.
    unsafe {
        CLOCK.release(me, |sealed| {
            count_sealed(sealed);
        })
    };
}
