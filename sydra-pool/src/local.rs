//! What belongs to a thread: its class magazines, its registration, its exit; and the slow paths
//! behind an empty or full magazine.
//!
//! Two thread-locals. The hot one has no destructor, so it is plain memory at a fixed distance from
//! the thread pointer and works at any moment of the thread's life. The other has one and is
//! touched once, when the thread registers: its destructor spills every magazine and folds the
//! counts. The program's own destructors may run after it, and pthread-key destructors later still:
//! the thread is *gone* then, and single blocks go straight to the central buckets. A pthread key
//! of our own is the backstop for a thread that registers after the destructors of its
//! thread-locals have run. (One that registers in the fourth and last round of key destructors is
//! not called back: its magazine stays in the roster, and figures read what has become of its
//! memory. That takes a destructor in C or unsafe code which allocates in its fourth round; no way
//! to notice it is known.)
//!
//! # Invariants
//! - `THR-1`: `first` chains the records of this thread's registered magazines. Each magazine is in
//!   a thread-local without destructor, whose memory lives until after the exit work is done.
//! - `THR-2`: a registered magazine has a record, and only this thread uses either.
//!
//! # Concurrency
//! All of it is the thread's own.

use crate::block::{Block, optional};
use crate::class;
use crate::fallback::Reason;
use crate::magazine::Magazine;
use crate::manager::MANAGER;
use crate::os;
use crate::pool::{Pool, Record};
use crate::registry;
use crate::shard::{Event, Shard, count};
use crate::space::SPACE;
use crate::sync::{AtomicBool, Ordering::Relaxed};
use core::cell::Cell;
use core::ptr::NonNull;

/// From this stride on a zeroed request prefers memory that was never touched over writing zeros.
const UNTOUCHED_FROM: usize = 1024;
/// Slow paths between two looks at the clock.
const TICK_EVERY: u32 = 8;
/// Parts into which the maintenance of all pools is cut; one is done each tick.
const UPKEEP_PARTS: u64 = 8;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Fresh,
    Registered,
    Gone,
}

struct Thread {
    life: Cell<Life>,
    number: Cell<u32>,
    slow_paths: Cell<u32>,
    first: Cell<Option<NonNull<Record>>>,
    classes: [Magazine; class::COUNT],
}

std::thread_local! {
    static THREAD: Thread = const {
        Thread {
            life: Cell::new(Life::Fresh),
            number: Cell::new(0),
            slow_paths: Cell::new(0),
            first: Cell::new(None),
            classes: [const { Magazine::new() }; class::COUNT],
        }
    };
    /// The magazines of handles that poison; not linked in where there is none.
    static POISONED: [Magazine; class::COUNT] =
        const { [const { Magazine::new() }; class::COUNT] };
    static EXIT: Exit = const { Exit };
}

const _: () = assert!(!core::mem::needs_drop::<Thread>());

/// Does the exit work when dropped.
struct Exit;

impl Drop for Exit {
    fn drop(&mut self) {
        THREAD.with(leave);
    }
}

/// Runs `body` on the calling thread's magazine of a class.
#[inline(always)]
pub(crate) fn with_class<R>(class: usize, body: impl FnOnce(&Magazine) -> R) -> R {
    THREAD.with(|thread| {
        debug_assert!(class < class::COUNT);
        // SAFETY: CLS-3; classes come from `class::of`, which stays below the count.
        body(unsafe { thread.classes.get_unchecked(class) })
    })
}

/// The same for handles that poison.
#[inline(always)]
pub(crate) fn with_poisoned_class<R>(class: usize, body: impl FnOnce(&Magazine) -> R) -> R {
    POISONED.with(|magazines| body(&magazines[class]))
}

/// Registers the calling thread, once; `None` when it is gone.
fn register(thread: &Thread) -> Option<u32> {
    match thread.life.get() {
        Life::Registered => {}
        Life::Gone => return None,
        Life::Fresh => {
            install_fork_hooks();
            // From here on a free in this thread finds it registered, also one made by whatever
            // the runtime does to arrange for the destructor.
            thread.life.set(Life::Registered);
            thread.number.set(MANAGER.next_thread());
            // A thread may meet us for the first time in a pthread-key destructor, when the
            // destructors of thread-locals have run and `EXIT`'s never will.
            os::at_thread_exit(leave_late);
            if EXIT.try_with(|_| ()).is_err() {
                // First use from within another destructor, after ours would have run.
                thread.life.set(Life::Gone);
                return None;
            }
        }
    }
    Some(thread.number.get())
}

unsafe extern "C" fn leave_late(_: *mut core::ffi::c_void) {
    THREAD.with(leave);
}

/// Does the exit work; once done, there is nothing left to do.
fn leave(thread: &Thread) {
    // Bounded by the pools the thread met; nothing enrols while the thread is `Gone`.
    thread.life.set(Life::Gone);
    while let Some(record) = thread.first.take() {
        // SAFETY: THR-1, REC-1; the chain holds records that are alive until dismissed below.
        let leaving = unsafe { record.as_ref() };
        thread.first.set(leaving.thread_next.get());
        empty(leaving);
        leaving.pool.dismiss(record);
    }
}

/// Brings every block of a magazine of this thread home.
fn empty(record: &Record) {
    record.settle();
    let magazine = record.magazine();
    let length = magazine.read().length;
    // SAFETY: MAG-1; the blocks move out, as the length set below says.
    let kept = record
        .pool
        .give_foreigners(unsafe { optional(magazine.slots(), length) });
    // SAFETY: MAG-1; what is left of them.
    unsafe {
        record
            .pool
            .home()
            .bring_home(record.shard, magazine.slots(), kept)
    };
    record.note_flushed(length);
    magazine.set_length(0);
}

/// Enters a pool in the registry. Before any of its locks is taken, so that a `fork` finds them.
pub(crate) fn list(pool: &'static Pool) {
    install_fork_hooks();
    registry::list(pool);
}

/// The record of this thread's magazine of `pool`, made if need be; `None` when the thread is gone
/// or there is no memory for it.
///
/// Only the calling thread reaches either (THR-2).
fn record_for<'a>(pool: &'static Pool, magazine: &'a Magazine) -> Option<&'a Record> {
    if let Some(record) = Record::of(magazine) {
        return Some(record);
    }
    THREAD.with(|thread| {
        let number = register(thread)?;
        list(pool);
        // What the runtime did for the registration may have come through here.
        if let Some(record) = Record::of(magazine) {
            return Some(record);
        }
        let record = pool.enroll(magazine, number)?;
        // SAFETY: REC-1; just enrolled.
        unsafe { record.as_ref() }
            .thread_next
            .set(thread.first.get());
        thread.first.set(Some(record));
        Record::of(magazine)
    })
}

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
    tick();
    if count == 0 {
        let block = foreign()?;
        record.note_allocation();
        return Some(block);
    }
    record.note_refilled(count);
    magazine.set_length(count);
    magazine.pop()
}

/// An empty magazine and a request for zeroed memory: the flag says whether the block is zero
/// already. Large blocks come one at a time from memory that was never touched, if there is any.
#[cold]
#[inline(never)]
pub(crate) fn pop_slow_zeroed(pool: &'static Pool, magazine: &Magazine) -> Option<(Block, bool)> {
    if pool.plan.stride >= UNTOUCHED_FROM
        && let Some(record) = record_for(pool, magazine)
        && magazine.read().length == 0
        && let Some(block) = pool.home().take_untouched(record.shard)
    {
        record.settle();
        record.note_allocation();
        tick();
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
    tick();
}

/// Counts a slow path; now and then looks at the clock and does a part of the maintenance.
fn tick() {
    let due = THREAD.with(|thread| {
        let count = thread.slow_paths.get().wrapping_add(1);
        thread.slow_paths.set(count);
        count % TICK_EVERY == 0
    });
    if due {
        maintain();
    }
}

/// Does the maintenance that is due, if any: idle batches go home, the surplus of empty slabs goes
/// back to the system.
pub(crate) fn maintain() {
    let Some(number) = MANAGER.tick_due() else {
        return;
    };
    let mut place = number;
    registry::each(|pool| {
        if place % UPKEEP_PARTS == 0 {
            pool.plunder(false);
        }
        place += 1;
    });
    SPACE.tick();
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

/// The place of the calling thread among the process's shards.
fn shard() -> Shard {
    THREAD.with(|thread| match register(thread) {
        Some(number) => MANAGER.assign(number, MANAGER.shards()),
        None => Shard::Central,
    })
}

/// Counts an allocation of a type that lives in the backing allocator.
pub(crate) fn count_single(pool: &'static Pool) {
    list(pool);
    pool.count_single_allocation();
}

/// Counts a request that no class serves at the calling thread's shard.
pub(crate) fn count_beyond(reason: Reason) {
    match reason {
        Reason::TooLarge => count(shard(), Event::TooLarge, 1),
        Reason::OverAligned => count(shard(), Event::OverAligned, 1),
        // Counted where the refill failed.
        Reason::RefillFailed => {}
    }
}

/// The shard of the calling thread in a pool.
pub(crate) fn shard_in(pool: &'static Pool) -> Shard {
    list(pool);
    pool.home().start();
    THREAD.with(|thread| match register(thread) {
        Some(number) => pool.home().assign(number),
        None => Shard::Central,
    })
}

fn install_fork_hooks() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.load(Relaxed) || INSTALLED.swap(true, Relaxed) {
        return;
    }
    let installed = os::at_fork(os::ForkHooks {
        prepare: registry::prepare,
        parent: registry::open_all,
        child: after_fork_in_child,
    });
    if !installed {
        // No memory for it, or no `fork` on this target: the next pool tries again.
        INSTALLED.store(false, Relaxed);
    }
}

extern "C" fn after_fork_in_child() {
    let own =
        THREAD.with(|thread| (thread.life.get() == Life::Registered).then(|| thread.number.get()));
    // Before any lock opens: a thread that a handler of the program started must not be forgotten.
    registry::each(|pool| pool.forget_other_threads(own));
    registry::open_all();
}
