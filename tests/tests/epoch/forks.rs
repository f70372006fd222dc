//! `fork` with readers and retirers at work: the child pins, retires and collects, and no reader of the
//! parent's stands in its way.
#![cfg(all(target_os = "linux", not(miri)))]

use core::ffi::c_void;
use core::ptr::null_mut;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::thread;
use std::time::Duration;

use sydra_pool::epoch::{self, Atomic};
use sydra_pool::{PoolBox, Pooled, pool};
use tests::child::Apart;
use tests::fork::wait_for;
use tests::ledger::Ledger;
use tests::patience::Raise;

const FORKS: usize = 200;

#[derive(Pooled)]
#[pooled(magazine = 8)]
struct Leaf {
    number: usize,
    ledger: Arc<Ledger>,
}

impl Drop for Leaf {
    fn drop(&mut self) {
        self.ledger.strike(self.number);
    }
}

fn retire(number: usize, ledger: &Arc<Ledger>) {
    let ledger = ledger.clone();
    PoolBox::retire(PoolBox::new(Leaf { number, ledger }), &epoch::pin());
}

/// Retires and collects until everything is back; in the child there is no limit but the parent's.
fn retire_and_collect() {
    const MANY: usize = 300;
    let ledger = Ledger::new(MANY);
    let start = epoch::current();
    (0..MANY).for_each(|number| retire(number, &ledger));
    while ledger.struck() < MANY {
        sydra_pool::collect_garbage();
    }
    ledger.settled();
    assert!(epoch::current() >= start + 2);
}

/// Starts a thread by the system's own call: `std` takes a lock of its own when a thread starts, which
/// another thread of the parent may have held during the fork.
fn in_a_bare_thread() {
    extern "C" fn run(_: *mut c_void) -> *mut c_void {
        retire_and_collect();
        null_mut()
    }
    tests::fork::in_a_bare_thread(run);
}

/// Forks, runs `body` in the child, and waits for its end.
fn fork(body: impl FnOnce()) {
    // SAFETY: the child only uses the engine, the system's heap (whose own handlers make it usable)
    // and `_exit`.
    match unsafe { libc::fork() } {
        0 => {
            let sound = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
            // SAFETY: ends the child at once, without the test runner's exit handlers.
            unsafe { libc::_exit(i32::from(sound.is_err())) }
        }
        child => {
            assert!(child > 0, "a process for the child");
            wait_for(child);
        }
    }
}

#[test]
fn children_of_a_busy_parent() {
    let apart = Apart::new("forks::children_of_a_busy_parent", |_| {
        let stop = AtomicBool::new(false);
        let busy = Ledger::new(0);
        thread::scope(|scope| {
            let _end = Raise(&stop);
            // Readers that hold on, retirers, collectors, threads that come and go.
            scope.spawn(|| {
                while !stop.load(Relaxed) {
                    let guard = epoch::pin();
                    thread::sleep(Duration::from_millis(3));
                    drop(guard);
                }
            });
            scope.spawn(|| {
                epoch::enter();
                while !stop.load(Relaxed) {
                    (0..50).for_each(|_| retire(0, &busy));
                    assert!(epoch::quiescent());
                }
                assert!(epoch::leave());
            });
            scope.spawn(|| {
                while !stop.load(Relaxed) {
                    sydra_pool::collect_garbage();
                    let busy = busy.clone();
                    let short = thread::spawn(move || (0..5).for_each(|_| retire(0, &busy)));
                    short.join().expect("a short thread");
                }
            });
            for round in 0..FORKS {
                (0..round % 20).for_each(|_| retire(0, &busy));
                fork(|| {
                    let figures = sydra_pool::snapshot().epoch;
                    assert_eq!(figures.pinned_threads, 0, "{figures:?}");
                    retire_and_collect();
                    in_a_bare_thread();
                    assert!(!epoch::is_pinned());
                    // Nothing was counted out that had not been counted in: that would wrap around.
                    let figures = sydra_pool::snapshot().epoch;
                    assert!(figures.limbo_objects < 1 << 40, "{figures:?}");
                    assert!(figures.limbo_bytes < 1 << 40, "{figures:?}");
                });
            }
        });
        // All is well in the parent.
        let ledger = Ledger::new(1);
        retire(0, &ledger);
        while pool::<Leaf>().stats().limbo > 0 {
            sydra_pool::collect_garbage();
        }
        ledger.settled();
    });
    apart.run("").succeeded();
}

/// The forking thread's own guard protects on in the child; its half-full bag is its own there.
#[test]
fn the_forking_thread_is_the_same_reader_in_the_child() {
    let name = "forks::the_forking_thread_is_the_same_reader_in_the_child";
    let apart = Apart::new(name, |_| {
        let ledger = Ledger::new(4);
        let boxed = |number| {
            let ledger = ledger.clone();
            PoolBox::new(Leaf { number, ledger })
        };
        let place = Atomic::from(boxed(3));
        retire(0, &ledger);
        let guard = epoch::pin();
        // SAFETY: not null; loaded under the guard.
        let seen = unsafe { place.load(Acquire, &guard).deref() };
        PoolBox::retire(boxed(1), &guard);
        let check = || {
            assert!(epoch::is_pinned());
            PoolBox::retire(boxed(2), &guard);
            let old = place.swap(epoch::Shared::null(), AcqRel, &guard);
            // SAFETY: taken out by this swap alone.
            unsafe { guard.retire(old) };
            (0..20).for_each(|_| _ = sydra_pool::collect_garbage());
            assert_eq!(seen.number, 3);
            assert!(ledger.struck() <= 1, "only what was retired before the pin");
        };
        fork(check);
        check();
        let end = || {
            while ledger.struck() < 4 {
                sydra_pool::collect_garbage();
            }
            ledger.settled();
        };
        drop(guard);
        fork(end);
        end();
    });
    apart.run("").succeeded();
}

/// What the parent's other threads had in limbo is not dropped in the child, where their readers cannot
/// be asked; the parent drops it, once.
#[test]
fn a_child_leaves_the_limbo_of_others_alone() {
    let apart = Apart::new("forks::a_child_leaves_the_limbo_of_others_alone", |_| {
        const MANY: usize = 100;
        let ledger = Ledger::new(MANY);
        let (retired, when_retired) = std::sync::mpsc::channel();
        let (end, when_to_end) = std::sync::mpsc::channel::<()>();
        thread::scope(|scope| {
            let theirs = &ledger;
            scope.spawn(move || {
                let guard = epoch::pin();
                (0..MANY).for_each(|number| retire(number, theirs));
                retired.send(()).expect("the test listens");
                when_to_end.recv().expect("the test speaks");
                drop(guard);
            });
            when_retired.recv().expect("the thread retires");
            fork(|| {
                retire_and_collect();
                assert_eq!(ledger.struck(), 0, "dropped in the child");
                let figures = pool::<Leaf>().stats();
                assert!(figures.live >= MANY as u64, "{figures:?}");
                assert_eq!(figures.limbo, 0, "{figures:?}");
            });
            end.send(()).expect("the thread listens");
        });
        while ledger.struck() < MANY {
            sydra_pool::collect_garbage();
        }
        ledger.settled();
    });
    apart.run("").succeeded();
}
