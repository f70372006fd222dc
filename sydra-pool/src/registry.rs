//! The registry: every pool that has been used, without life before main. And `fork`.
//!
//! A pool is entered when the first thread meets it. Nothing ever leaves.
//!
//! # Invariants
//! - `REG-1`: pools are statics, so a pointer in the registry is valid for ever. `next` is written
//!   under the lock before the pool becomes reachable.
//!
//! # Concurrency
//! The lock is the first in the order: registry, rosters, buckets, limbo, the book of `outside`, `meta`, address space;
//! with the feature `paranoid` the watch's comes last. A `fork` takes all of them in that order before and releases
//! them in both processes after. In between the forking thread may come back, because the program's own `fork` handlers
//! may allocate, or fork.

use crate::meta::META;
use crate::pool::{Pool, outside};
use crate::reclaim::CLOCK;
use crate::space::SPACE;
use crate::sync::{AtomicUsize, Lock, Ordering::Relaxed, forking_here, set_forking};
#[cfg(feature = "paranoid")]
use crate::watch;
use core::ptr::NonNull;

struct Pools {
    first: Option<NonNull<Pool>>,
}

// SAFETY: REG-1; pools are statics and `Sync`.
unsafe impl Send for Pools {}

static POOLS: Lock<Pools> = Lock::new(Pools { first: None });

/// Forks under way within a fork's handlers; used by the thread that holds every lock.
static NESTED: AtomicUsize = AtomicUsize::new(0);

/// Enters a pool and the one whose buckets serve it, once.
pub(crate) fn list(pool: &'static Pool) {
    if pool.listed.load(Relaxed) {
        return;
    }
    enter(pool.home());
    enter(pool);
}

fn enter(pool: &'static Pool) {
    let mut pools = POOLS.lock();
    if pool.listed.load(Relaxed) {
        return;
    }
    if forking_here() {
        // A pool first met by a `fork` handler: closed like the others, opened with them.
        pool.close_for_fork();
    }
    pool.next.store(
        pools.first.map_or(core::ptr::null_mut(), NonNull::as_ptr),
        Relaxed,
    );
    pools.first = Some(NonNull::from(pool));
    pool.listed.store(true, Relaxed);
}

fn walk(first: Option<NonNull<Pool>>, visit: &mut dyn FnMut(&'static Pool)) {
    let mut next = first;
    // Bounded by the pools of the program, each of which is entered once.
    while let Some(pool) = next {
        // SAFETY: REG-1; a static.
        let pool: &'static Pool = unsafe { pool.as_ref() };
        next = NonNull::new(pool.next.load(Relaxed));
        visit(pool);
    }
}

/// Visits every pool, the latest first.
pub(crate) fn each(mut visit: impl FnMut(&'static Pool)) {
    // Entries are only ever put in front, so the walk needs no lock.
    let first = POOLS.lock().first;
    walk(first, &mut visit);
}

/// Before a `fork`: takes every lock of the engine.
pub(crate) extern "C" fn prepare() {
    if forking_here() {
        NESTED.store(NESTED.load(Relaxed) + 1, Relaxed);
        return;
    }
    POOLS.close_for_fork();
    each_closed(|pool| pool.close_for_fork());
    CLOCK.close_for_fork();
    outside::close_for_fork();
    META.close_for_fork();
    SPACE.close_for_fork();
    #[cfg(feature = "paranoid")]
    watch::close_for_fork();
    set_forking(true);
}

/// Visits every pool while this thread holds the registry's lock.
fn each_closed(mut visit: impl FnMut(&'static Pool)) {
    // SAFETY: LCK-1; `prepare` closed the lock, so nobody else holds or takes it.
    let first = unsafe { POOLS.while_closed() }.first;
    walk(first, &mut visit);
}

/// After a `fork`, in either process: releases them.
pub(crate) extern "C" fn open_all() {
    let nested = NESTED.load(Relaxed);
    if nested > 0 {
        NESTED.store(nested - 1, Relaxed);
        return;
    }
    set_forking(false);
    // SAFETY: LCK-1; closed by `prepare` in this thread or the one it is the copy of.
    #[cfg(feature = "paranoid")]
    unsafe {
        watch::open_after_fork()
    };
    // SAFETY: LCK-1; as above.
    unsafe { SPACE.open_after_fork() };
    // SAFETY: LCK-1; as above.
    unsafe { META.open_after_fork() };
    // SAFETY: LCK-1; as above.
    unsafe { outside::open_after_fork() };
    // SAFETY: LCK-1; as above.
    unsafe { CLOCK.open_after_fork() };
    // SAFETY: LCK-1; as above.
    each_closed(|pool| unsafe { pool.open_after_fork() });
    // SAFETY: LCK-1; as above.
    unsafe { POOLS.open_after_fork() };
}
