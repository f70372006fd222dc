//! The lock: try once, spin briefly, then sleep in the kernel; it counts how that went.
//!
//! `std::sync::Mutex` may allocate on some targets and poisons, so nothing that a global allocator
//! can reach may use it. Three states, as in Ulrich Drepper's "Futexes Are Tricky" (mutex 3): free,
//! held, held with sleepers. Fairness is the kernel's; critical sections here
//! are short: they move a batch or walk a few words of a bitmap. The longest make system calls,
//! which commit memory (two for each chunk of a large block) or purge a chunk's record.
//!
//! # Invariants
//! - `LCK-1`: at most one guard of a lock is alive, and only a guard reaches the value. Made by the
//!   exchange from `FREE`; ended by the guard's drop. Checked by loom (`loom_tests`).
//!   While a thread forks it holds all locks of the engine without guards; what its other `fork`
//!   handlers allocate then goes through *borrowed* guards, one at a time for each lock, that
//!   release nothing.
//! - `LCK-2`: whoever sleeps has set `SLEEPERS` first, and whoever releases a lock in that state
//!   wakes one, so no sleeper is forgotten.
//!
//! # Concurrency
//! `state`: everyone. The figures are written by the holder (acquisitions, hold) or, when
//! contended, by the holder too after it got in; everybody may read them, relaxed.

use super::{AtomicU32, AtomicU64, Ordering, Ordering::Relaxed};
use crate::os;
#[cfg(not(loom))]
use core::cell::UnsafeCell;
use core::fmt;
use core::marker::PhantomData;
use core::ops::{Deref, DerefMut};
use crossbeam_utils::Backoff;
#[cfg(loom)]
use loom::cell::UnsafeCell;

const FREE: u32 = 0;
const HELD: u32 = 1;
const SLEEPERS: u32 = 2;

/// Rounds of spinning before sleep: 1, 2, 4, .. 64 pauses.
const SPIN_ROUNDS: u32 = if cfg!(any(loom, miri)) { 1 } else { 7 };

/// Mask on the acquisition count: where it is zero, the hold time is taken. 1 in 1,024 by default.
static TIMING: core::sync::atomic::AtomicU32 = core::sync::atomic::AtomicU32::new(1023);

/// Sets how often hold times are sampled: `Some(mask)` when `count & mask == 0`, `None` once in
/// 2^32 acquisitions, which is practically never.
pub(crate) fn set_timing(mask: Option<u32>) {
    TIMING.store(
        mask.unwrap_or(u32::MAX),
        core::sync::atomic::Ordering::Relaxed,
    );
}

/// The thread that forks and has closed every lock, by its [`os::thread_token`]; 0 is nobody.
static FORKER: core::sync::atomic::AtomicUsize = core::sync::atomic::AtomicUsize::new(0);

/// Says that this thread has closed every lock for a `fork`, or is about to open them.
pub(crate) fn set_forking(forking: bool) {
    let token = if forking { os::thread_token() } else { 0 };
    FORKER.store(token, core::sync::atomic::Ordering::Relaxed);
}

/// Whether this thread has closed every lock for a `fork`. Only its own store can make that true,
/// so no ordering is needed.
#[cold]
pub(crate) fn forking_here() -> bool {
    let forker = FORKER.load(core::sync::atomic::Ordering::Relaxed);
    forker != 0 && forker == os::thread_token()
}

/// In place of the time at which a guard began: its lock was closed for a `fork` by this thread.
const BORROWED: u64 = u64::MAX;

/// What a lock tells of itself. Times in nanoseconds; hold time covers the samples only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LockFigures {
    pub(crate) acquisitions: u64,
    pub(crate) contentions: u64,
    pub(crate) wait_ns: u64,
    pub(crate) hold_ns: u64,
    pub(crate) hold_samples: u64,
}

/// A mutual-exclusion lock around a `T`, usable in a `static`, never poisoned.
pub(crate) struct Lock<T> {
    state: AtomicU32,
    acquisitions: AtomicU64,
    contentions: AtomicU64,
    wait_ns: AtomicU64,
    hold_ns: AtomicU64,
    hold_samples: AtomicU64,
    value: UnsafeCell<T>,
}

// SAFETY: LCK-1; the value is reached by one thread at a time, so sending it suffices.
unsafe impl<T: Send> Sync for Lock<T> {}

/// Adds to a counter that only the lock's holder writes.
fn bump(counter: &AtomicU64, by: u64) -> u64 {
    let sum = counter.load(Relaxed).wrapping_add(by);
    counter.store(sum, Relaxed);
    sum
}

impl<T> Lock<T> {
    #[cfg(not(loom))]
    pub(crate) const fn new(value: T) -> Self {
        Self {
            state: AtomicU32::new(FREE),
            acquisitions: AtomicU64::new(0),
            contentions: AtomicU64::new(0),
            wait_ns: AtomicU64::new(0),
            hold_ns: AtomicU64::new(0),
            hold_samples: AtomicU64::new(0),
            value: UnsafeCell::new(value),
        }
    }

    #[cfg(loom)]
    pub(crate) fn new(value: T) -> Self {
        Self {
            state: AtomicU32::new(FREE),
            acquisitions: AtomicU64::new(0),
            contentions: AtomicU64::new(0),
            wait_ns: AtomicU64::new(0),
            hold_ns: AtomicU64::new(0),
            hold_samples: AtomicU64::new(0),
            value: UnsafeCell::new(value),
        }
    }

    /// Takes the lock if it is free at this moment.
    #[inline]
    #[cfg_attr(sydra_count, track_caller)]
    pub(crate) fn try_lock(&self) -> Option<Guard<'_, T>> {
        // ORDERING: Acquire pairs with the Release in `Guard::drop`: what the last holder wrote is
        // seen by the next.
        match self
            .state
            .compare_exchange(FREE, HELD, Ordering::Acquire, Relaxed)
        {
            Ok(_) => Some(self.entered()),
            Err(_) if forking_here() => Some(self.borrowed()),
            Err(_) => None,
        }
    }

    /// Takes the lock, waiting as long as it takes.
    #[inline]
    #[cfg_attr(sydra_count, track_caller)]
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        match self.try_lock() {
            Some(guard) => guard,
            None => self.lock_contended(),
        }
    }

    #[cold]
    #[inline(never)]
    #[cfg_attr(sydra_count, track_caller)]
    fn lock_contended(&self) -> Guard<'_, T> {
        let since = os::now_ns();
        let backoff = Backoff::new();
        for _ in 0..SPIN_ROUNDS {
            if self.state.load(Relaxed) == FREE
                && let Some(guard) = self.try_lock()
            {
                self.count_wait(since);
                return guard;
            }
            backoff.spin();
        }
        // Bounded by the holders: each release of a lock with sleepers lets one of them through.
        loop {
            // ORDERING: Acquire pairs with the Release in `Guard::drop`, as in `try_lock`.
            if self.state.swap(SLEEPERS, Ordering::Acquire) == FREE {
                let guard = self.entered();
                self.count_wait(since);
                return guard;
            }
            os::wait(&self.state, SLEEPERS);
        }
    }

    /// A guard for the thread that holds the lock already, without one (LCK-1).
    fn borrowed(&self) -> Guard<'_, T> {
        Guard {
            lock: self,
            since: BORROWED,
            own_thread: PhantomData,
        }
    }

    fn count_wait(&self, since: u64) {
        bump(&self.contentions, 1);
        bump(&self.wait_ns, os::now_ns().saturating_sub(since));
    }

    #[inline]
    fn entered(&self) -> Guard<'_, T> {
        let count = bump(&self.acquisitions, 1);
        let mask = u64::from(TIMING.load(core::sync::atomic::Ordering::Relaxed));
        let since = if count & mask == 0 { os::now_ns() } else { 0 };
        Guard {
            lock: self,
            since,
            own_thread: PhantomData,
        }
    }

    /// What the lock has counted so far; racy while others hold it, exact when nobody does.
    pub(crate) fn figures(&self) -> LockFigures {
        LockFigures {
            acquisitions: self.acquisitions.load(Relaxed),
            contentions: self.contentions.load(Relaxed),
            wait_ns: self.wait_ns.load(Relaxed),
            hold_ns: self.hold_ns.load(Relaxed),
            hold_samples: self.hold_samples.load(Relaxed),
        }
    }

    /// Takes the lock for a `fork` and keeps it without a guard, until `open_after_fork`.
    pub(crate) fn close_for_fork(&self) {
        core::mem::forget(self.lock());
    }

    /// The value while the lock is closed.
    ///
    /// # Safety
    /// This thread called `close_for_fork` and holds no other reference to the value.
    #[cfg(not(loom))]
    pub(crate) unsafe fn while_closed(&self) -> &T {
        // SAFETY: LCK-1; the closed lock keeps everybody else out.
        unsafe { &*self.value.get() }
    }

    /// Releases a lock taken by `close_for_fork`, in the parent and in the child.
    ///
    /// # Safety
    /// This thread (or, in a child, the thread it is the copy of) called `close_for_fork`.
    pub(crate) unsafe fn open_after_fork(&self) {
        drop(Guard {
            lock: self,
            since: 0,
            own_thread: PhantomData,
        });
    }
}

/// The right to use the value of a [`Lock`] until dropped.
#[must_use]
pub(crate) struct Guard<'a, T> {
    lock: &'a Lock<T>,
    since: u64,
    /// Neither `Send` nor `Sync`.
    own_thread: PhantomData<*mut ()>,
}

impl<T> Drop for Guard<'_, T> {
    #[inline]
    fn drop(&mut self) {
        if self.since != 0 {
            if self.since == BORROWED {
                return;
            }
            bump(&self.lock.hold_ns, os::now_ns().saturating_sub(self.since));
            bump(&self.lock.hold_samples, 1);
        }
        // ORDERING: Release pairs with the Acquire in `try_lock` and `lock_contended`.
        if self.lock.state.swap(FREE, Ordering::Release) == SLEEPERS {
            os::wake_one(&self.lock.state);
        }
    }
}

#[cfg(not(loom))]
impl<T> Deref for Guard<'_, T> {
    type Target = T;
    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: LCK-1; this guard is the only one.
        unsafe { &*self.lock.value.get() }
    }
}

#[cfg(not(loom))]
impl<T> DerefMut for Guard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: LCK-1; this guard is the only one, and it is borrowed mutably.
        unsafe { &mut *self.lock.value.get() }
    }
}

#[cfg(loom)]
impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        // SAFETY: LCK-1; this guard is the only one; loom checks that.
        self.lock.value.with(|value| unsafe { &*value })
    }
}

#[cfg(loom)]
impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: LCK-1; this guard is the only one; loom checks that.
        self.lock.value.with_mut(|value| unsafe { &mut *value })
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock")
            .field("figures", &self.figures())
            .finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn excludes_and_counts() {
        static SUM: Lock<u64> = Lock::new(0);
        let rounds = if cfg!(miri) { 20 } else { 10_000 };
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..rounds {
                        *SUM.lock() += 1;
                    }
                });
            }
        });
        assert_eq!(*SUM.lock(), 3 * rounds);
        assert_eq!(SUM.figures().acquisitions, 3 * rounds + 1);
    }

    #[test]
    fn contention_is_counted_on_the_contended_branch_only() {
        let lock = Lock::new(());
        drop(lock.lock());
        assert_eq!(lock.figures().contentions, 0);
        assert_eq!(lock.figures().wait_ns, 0);
        std::thread::scope(|scope| {
            let guard = lock.lock();
            assert!(lock.try_lock().is_none());
            let waiter = scope.spawn(|| drop(lock.lock()));
            // The waiter announces itself in the state before it sleeps (LCK-2).
            while lock.state.load(Relaxed) != SLEEPERS {
                std::thread::yield_now();
            }
            drop(guard);
            assert!(waiter.join().is_ok());
        });
        assert_eq!(lock.figures().contentions, 1);
        assert!(lock.figures().wait_ns > 0);
    }

    #[test]
    fn the_thread_that_forks_passes_its_own_locks() {
        let lock = Lock::new(5);
        lock.close_for_fork();
        set_forking(true);
        *lock.lock() += 1;
        assert_eq!(lock.try_lock().as_deref(), Some(&6));
        std::thread::scope(|scope| {
            let other = scope.spawn(|| lock.try_lock().is_none());
            assert!(matches!(other.join(), Ok(true)), "others wait");
        });
        set_forking(false);
        assert!(
            lock.try_lock().is_none(),
            "a borrowed guard releases nothing"
        );
        // SAFETY: LCK-1; closed above by this thread.
        unsafe { lock.open_after_fork() };
        assert_eq!(*lock.lock(), 6);
    }

    #[test]
    fn a_lock_closed_for_fork_opens_again() {
        let lock = Lock::new(5);
        lock.close_for_fork();
        assert!(lock.try_lock().is_none());
        // SAFETY: LCK-1; closed two lines above by this thread.
        unsafe { lock.open_after_fork() };
        assert_eq!(*lock.lock(), 5);
    }
}
