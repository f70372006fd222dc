//! What belongs to a thread: its class magazines, its registration, its exit; and the slow paths
//! behind an empty or full magazine and a full bag.
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
//! The thread's place among the participants of the epoch is set by its first pin, and given up at its end
//! when no guard is left.
//!
//! # Invariants
//! - `THR-1`: `first` chains the records of this thread's registered magazines. Each magazine is in
//!   a thread-local without destructor, whose memory lives until after the exit work is done.
//! - `THR-2`: a registered magazine has a record, and only this thread uses either.
//!
//! # Concurrency
//! All of it is the thread's own.

use crate::base::breach::breach;
use crate::block::optional;
use crate::class;
use crate::fallback::Reason;
use crate::limbo::Participant;
use crate::magazine::Magazine;
use crate::manager::{MANAGER, Seated};
use crate::os;
use crate::pool::{Pool, Record};
use crate::reclaim::{self, CLOCK};
use crate::registry;
use crate::shard::{Event, Shard, count};
use crate::sync::{AtomicBool, Ordering::Relaxed};
use core::cell::Cell;
use core::ptr::NonNull;

mod upkeep;
mod slow;

pub(crate) use slow::{pop_slow, pop_slow_zeroed, push_all, push_slow, retire_slow};
use upkeep::tick;
pub(crate) use upkeep::{collect_garbage, maintain, trim, trim_pool};

/// Rounds of key destructors that a guard which is still there is given; POSIX promises four.
const LATE_ROUNDS: u8 = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    Fresh,
    Registered,
    Gone,
}

struct Thread {
    life: Cell<Life>,
    seated: Cell<Seated>,
    slow_paths: Cell<u32>,
    first: Cell<Option<NonNull<Record>>>,
    participant: Cell<Option<&'static Participant>>,
    late_rounds: Cell<u8>,
    classes: [Magazine; class::COUNT],
}

std::thread_local! {
    static THREAD: Thread = const {
        Thread {
            life: Cell::new(Life::Fresh),
            seated: Cell::new(Seated { number: 0, seat: 0 }),
            slow_paths: Cell::new(0),
            first: Cell::new(None),
            participant: Cell::new(None),
            late_rounds: Cell::new(0),
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
fn register(thread: &Thread) -> Option<Seated> {
    match thread.life.get() {
        Life::Registered => {}
        Life::Gone => return None,
        Life::Fresh => {
            install_fork_hooks();
            // From here on a free in this thread finds it registered, also one made by whatever
            // the runtime does to arrange for the destructor.
            thread.life.set(Life::Registered);
            thread.seated.set(MANAGER.sit_down());
            // A thread may meet us for the first time in a pthread-key destructor, when the
            // destructors of thread-locals have run and `EXIT`'s never will.
            os::at_thread_exit(leave_late);
            if EXIT.try_with(|_| ()).is_err() {
                // First use from within another destructor, after ours would have run.
                thread.life.set(Life::Gone);
                MANAGER.stand_up(thread.seated.get().seat);
                return None;
            }
        }
    }
    Some(thread.seated.get())
}

/// After the destructors of all thread-locals: a guard that is still there has been leaked.
unsafe extern "C" fn leave_late(_: *mut core::ffi::c_void) {
    THREAD.with(|thread| {
        leave(thread);
        if let Some(place) = thread.participant.take() {
            let (depth, entered) = place.depths();
            if depth > entered && thread.late_rounds.get() < LATE_ROUNDS {
                // Some systems run thread-locals' destructors in a later round than ours.
                thread.late_rounds.set(thread.late_rounds.get() + 1);
                thread.participant.set(Some(place));
                os::at_thread_exit(leave_late);
                return;
            }
            if depth > entered {
                // References that borrow the guard may live on in other threads.
                breach!("a thread has ended with an epoch guard that was never dropped");
            }
            // SAFETY: PTC-1; nothing of this thread runs any more that could use the guard.
            unsafe { reclaim::leave(place) };
        }
    });
}

/// Does the exit work; once done, there is nothing left to do.
fn leave(thread: &Thread) {
    // Bounded by the pools the thread met; nothing enrols while the thread is `Gone`.
    let before = thread.life.replace(Life::Gone);
    if let Some(place) = thread.participant.get() {
        let (depth, entered) = place.depths();
        if depth == entered {
            thread.participant.set(None);
            // SAFETY: PTC-1; no guard is alive, and whoever pins later gets another place.
            unsafe { reclaim::leave(place) };
        }
        // Otherwise a guard may be in a thread-local whose destructor is still to come: the place
        // stays until `leave_late`.
    }
    while let Some(record) = thread.first.take() {
        // SAFETY: THR-1, REC-1; the chain holds records that are alive until dismissed below.
        let leaving = unsafe { record.as_ref() };
        thread.first.set(leaving.thread_next.get());
        bring_home(leaving);
        leaving.pool.dismiss(record);
    }
    if before == Life::Registered {
        MANAGER.stand_up(thread.seated.get().seat);
    }
}

/// The calling thread's place among the participants of the epoch.
#[inline(always)]
pub(crate) fn participant() -> &'static Participant {
    match THREAD.with(|thread| thread.participant.get()) {
        Some(place) => place,
        None => participate(),
    }
}

/// Gets a place; without memory for one there is no going on.
#[cold]
#[inline(never)]
fn participate() -> &'static Participant {
    THREAD.with(|thread| {
        if register(thread).is_none() {
            // Gone already: once more at the very end, for this place.
            os::at_thread_exit(leave_late);
        }
        if let Some(place) = thread.participant.get() {
            return place;
        }
        let Some(place) = CLOCK.claim() else {
            breach!("no memory for a thread's place in the epoch");
        };
        thread.participant.set(Some(place));
        place
    })
}

/// The calling thread's place, if it has one.
pub(crate) fn participant_if_any() -> Option<&'static Participant> {
    THREAD.with(|thread| thread.participant.get())
}

/// Brings every block of a magazine of this thread home and says so.
fn empty(record: &Record) {
    record.settle();
    bring_home(record);
    record.forget_blocks();
}

/// Brings every block of a magazine of this thread home. It still counts them: the caller forgets them next.
fn bring_home(record: &Record) {
    let magazine = record.magazine();
    let length = magazine.read().length;
    // SAFETY: MAG-1; the blocks move out, as the caller's next step says.
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
        let seated = register(thread)?;
        list(pool);
        // What the runtime did for the registration may have come through here.
        if let Some(record) = Record::of(magazine) {
            return Some(record);
        }
        let record = pool.enroll(magazine, seated)?;
        // SAFETY: REC-1; just enrolled.
        unsafe { record.as_ref() }
            .thread_next
            .set(thread.first.get());
        thread.first.set(Some(record));
        Record::of(magazine)
    })
}

/// The place of the calling thread among the process's shards.
fn shard() -> Shard {
    THREAD.with(|thread| match register(thread) {
        Some(seated) => MANAGER.assign(seated.seat, MANAGER.shards()),
        None => Shard::Central,
    })
}

/// Counts an allocation of a type that lives in the backing allocator.
pub(crate) fn count_single(pool: &'static Pool) {
    list(pool);
    pool.count_single_allocation();
}

/// Counts a request that no class serves at the calling thread's shard.
///
/// A `fork` will find the locks that it may take.
pub(crate) fn count_beyond(reason: Reason) {
    install_fork_hooks();
    match reason {
        Reason::TooLarge => count(shard(), Event::TooLarge, 1),
        Reason::OverAligned => count(shard(), Event::OverAligned, 1),
        // Counted where the refill failed.
        Reason::RefillFailed | Reason::Shadow => {}
    }
}

/// A large block was made or freed: a slow path as any other.
pub(crate) fn passed_large() {
    let registered = THREAD.with(|thread| thread.life.get() == Life::Registered);
    if registered {
        tick(false);
    }
}

/// The shard of the calling thread in a pool.
pub(crate) fn shard_in(pool: &'static Pool) -> Shard {
    list(pool);
    pool.home().start();
    THREAD.with(|thread| match register(thread) {
        Some(seated) => pool.home().assign(seated.seat),
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
        THREAD.with(|thread| (thread.life.get() == Life::Registered).then(|| thread.seated.get()));
    MANAGER.clear_seats(own.map(|own| own.seat));
    // Before any lock opens: a thread that a handler of the program started must not be forgotten.
    registry::each(|pool| pool.forget_other_threads(own.map(|own| own.number)));
    reclaim::forget_others(participant_if_any());
    registry::open_all();
}
