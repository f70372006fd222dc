//! `fork` under load: the child allocates, frees and ends, whatever lock another thread held.

use core::ffi::c_void;
use core::ptr::{null, null_mut};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sydra_pool::{PoolBox, Pooled, SydraPool, pool};
use tests::child::Apart;
use tests::fork::wait_for;
use tests::op::Taste;
use tests::play::play_random;
use tests::rng::Rng;

static GLOBAL: SydraPool = SydraPool::new();

const FORKS: u64 = 150;

#[derive(Pooled)]
#[pooled(magazine = 4)]
struct Page([u64; 8]);

/// Enough blocks to go through magazine, depot and slabs and back.
fn churn(mark: u64) {
    let pages: Vec<_> = (0..200)
        .map(|number| PoolBox::new(Page([mark ^ number; 8])))
        .collect();
    for (number, page) in pages.iter().enumerate() {
        assert_eq!(page.0, [mark ^ number as u64; 8]);
    }
}

/// Starts a thread by the system's own call and waits for it: `std` takes a lock of its own when a
/// thread starts, which another thread of the parent may have held during the fork.
fn churn_in_a_bare_thread() {
    extern "C" fn run(_: *mut c_void) -> *mut c_void {
        churn(98);
        null_mut()
    }
    tests::fork::in_a_bare_thread(run);
}

/// What a child does: it must not return into the test runner.
fn in_the_child(kept: &[PoolBox<Page>]) -> ! {
    let sound = std::panic::catch_unwind(|| {
        churn(99);
        let mut rng = Rng::new(1);
        play_random(&GLOBAL, Taste::WIDE, 200, &mut rng).expect("the global door in the child");
        // Blocks made before the fork can be read and freed.
        assert!(kept.iter().all(|page| page.0 == [7; 8]));
        // A thread of the child's own.
        churn_in_a_bare_thread();
        let live = pool::<Page>().live();
        drop(PoolBox::new(Page([0; 8])));
        assert_eq!(pool::<Page>().live(), live);
        sydra_pool::trim();
        churn(97);
    });
    // SAFETY: ends the child at once, without the test runner's exit handlers.
    unsafe { libc::_exit(i32::from(sound.is_err())) }
}

#[test]
fn children_of_a_busy_parent_allocate_and_end() {
    let apart = Apart::new("forks::children_of_a_busy_parent_allocate_and_end", |_| {
        let stop = AtomicBool::new(false);
        let kept: Vec<_> = (0..100).map(|_| PoolBox::new(Page([7; 8]))).collect();
        thread::scope(|scope| {
            for mark in 0..3 {
                let stop = &stop;
                scope.spawn(move || {
                    let mut rng = Rng::new(mark);
                    while !stop.load(Ordering::Relaxed) {
                        churn(mark);
                        play_random(&GLOBAL, Taste::SMALL, 100, &mut rng).expect("the parent");
                        // Threads that come and go take the manager's locks.
                        thread::spawn(move || churn(mark))
                            .join()
                            .expect("a short thread");
                    }
                });
            }
            for _ in 0..FORKS {
                // SAFETY: the child only uses the engine, the system's heap (whose own handlers
                // make it usable) and `_exit`.
                match unsafe { libc::fork() } {
                    0 => in_the_child(&kept),
                    child => {
                        assert!(child > 0, "a process for the child");
                        wait_for(child);
                    }
                }
            }
            stop.store(true, Ordering::Relaxed);
        });
        assert_eq!(pool::<Page>().live(), 100);
        churn(5);
    });
    apart.run("").succeeded();
}

/// A child of a child.
#[test]
fn generations() {
    let apart = Apart::new("forks::generations", |_| {
        fn descend(depth: u32) {
            churn(u64::from(depth));
            if depth == 0 {
                return;
            }
            // SAFETY: single-threaded but for the watchdog; the child ends with `_exit`.
            match unsafe { libc::fork() } {
                0 => {
                    let sound = std::panic::catch_unwind(|| descend(depth - 1));
                    // SAFETY: ends the child at once.
                    unsafe { libc::_exit(i32::from(sound.is_err())) }
                }
                child => wait_for(child),
            }
            churn(u64::from(depth));
        }
        descend(8);
        assert_eq!(pool::<Page>().live(), 0);
    });
    apart.run("").succeeded();
}

/// Handlers registered before the engine's own run while the forking thread holds every lock.
#[test]
fn handlers_of_the_program_may_allocate() {
    #[derive(Pooled)]
    struct FirstMetInAHandler(#[allow(dead_code)] u64);

    extern "C" fn before() {
        churn(1);
        drop(PoolBox::new(FirstMetInAHandler(1)));
        for number in 0..2000 {
            // More than a depot takes, so that slabs are adopted and released as well.
            std::mem::forget(PoolBox::new(Page([number; 8])));
        }
        sydra_pool::trim();
    }
    extern "C" fn after() {
        churn(2);
    }

    let apart = Apart::new("forks::handlers_of_the_program_may_allocate", |_| {
        // SAFETY: functions that live for ever and do not unwind.
        let registered = unsafe { libc::pthread_atfork(Some(before), Some(after), Some(after)) };
        assert_eq!(registered, 0, "the handlers");
        // The engine registers its own handlers here, so that they run first before a fork.
        churn(3);
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            let busy = scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    churn(4);
                }
            });
            for _ in 0..20 {
                // SAFETY: the child only uses the engine and `_exit`.
                match unsafe { libc::fork() } {
                    0 => in_the_child(&[]),
                    child => wait_for(child),
                }
            }
            stop.store(true, Ordering::Relaxed);
            busy.join().expect("the busy thread");
        });
        assert_eq!(pool::<Page>().live(), 20 * 2000);
        assert_eq!(pool::<FirstMetInAHandler>().live(), 0);
    });
    apart.run("").succeeded();
}

/// A thread that a handler in the child starts arrives while the engine's locks are still closed.
#[test]
fn a_thread_started_by_a_handler_in_the_child_is_not_forgotten() {
    static THREAD: AtomicUsize = AtomicUsize::new(0);
    static ARRIVED: AtomicBool = AtomicBool::new(false);
    static GO: AtomicBool = AtomicBool::new(false);

    #[derive(Pooled)]
    struct Counted(#[allow(dead_code)] u64);

    extern "C" fn run(_: *mut c_void) -> *mut c_void {
        drop(PoolBox::new(Counted(1)));
        ARRIVED.store(true, Ordering::SeqCst);
        while !GO.load(Ordering::SeqCst) {
            std::hint::spin_loop();
        }
        null_mut()
    }

    extern "C" fn in_child() {
        let mut thread = 0;
        // SAFETY: as in `churn_in_a_bare_thread`.
        unsafe { libc::pthread_create(&raw mut thread, null(), run, null_mut()) };
        THREAD.store(thread as usize, Ordering::SeqCst);
        let start = Instant::now();
        while start.elapsed() < Duration::from_micros(20) {}
    }

    let name = "forks::a_thread_started_by_a_handler_in_the_child_is_not_forgotten";
    let apart = Apart::new(name, |_| {
        // SAFETY: a function that lives for ever and does not unwind.
        let registered = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        assert_eq!(registered, 0, "the handler");
        // Many pools, so that forgetting takes a while.
        churn(1);
        play_random(&GLOBAL, Taste::WIDE, 500, &mut Rng::new(1)).expect("the parent");
        let kept = PoolBox::new(Counted(1));
        for _ in 0..100 {
            // SAFETY: the child only uses the engine and `_exit`.
            match unsafe { libc::fork() } {
                0 => {
                    while !ARRIVED.load(Ordering::SeqCst) {
                        std::hint::spin_loop();
                    }
                    let during = pool::<Counted>().stats().magazines;
                    GO.store(true, Ordering::SeqCst);
                    let thread = THREAD.load(Ordering::SeqCst) as libc::pthread_t;
                    // SAFETY: made by the handler, waited for once.
                    unsafe { libc::pthread_join(thread, null_mut()) };
                    let after = pool::<Counted>().stats().magazines;
                    let sound = (during, after) == (2, 1);
                    // SAFETY: ends the child at once.
                    unsafe { libc::_exit(i32::from(!sound)) }
                }
                child => wait_for(child),
            }
        }
        drop(kept);
    });
    apart.run("").succeeded();
}

/// The inner fork's handlers must not open what the outer one closed.
#[test]
fn a_fork_within_a_handler_leaves_the_locks_closed() {
    static NEST: AtomicBool = AtomicBool::new(false);
    static ROUNDS: AtomicUsize = AtomicUsize::new(0);
    static SEEN: AtomicUsize = AtomicUsize::new(0);

    fn fork_once() {
        // SAFETY: the child only uses `_exit`.
        match unsafe { libc::fork() } {
            // SAFETY: ends the child at once.
            0 => unsafe { libc::_exit(0) },
            child => wait_for(child),
        }
    }

    extern "C" fn before() {
        if NEST.swap(false, Ordering::SeqCst) {
            fork_once();
            let rounds = ROUNDS.load(Ordering::SeqCst);
            thread::sleep(Duration::from_millis(20));
            SEEN.store(ROUNDS.load(Ordering::SeqCst) - rounds, Ordering::SeqCst);
        }
    }

    let name = "forks::a_fork_within_a_handler_leaves_the_locks_closed";
    let apart = Apart::new(name, |_| {
        // SAFETY: a function that lives for ever and does not unwind.
        let registered = unsafe { libc::pthread_atfork(Some(before), None, None) };
        assert_eq!(registered, 0, "the handler");
        churn(1);
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    churn(2);
                    ROUNDS.fetch_add(1, Ordering::SeqCst);
                }
            });
            thread::sleep(Duration::from_millis(20));
            NEST.store(true, Ordering::SeqCst);
            fork_once();
            stop.store(true, Ordering::Relaxed);
        });
        assert!(ROUNDS.load(Ordering::SeqCst) > 2, "the other thread worked");
        assert!(
            SEEN.load(Ordering::SeqCst) <= 1,
            "it went on while all stood still"
        );
    });
    apart.run("").succeeded();
}

/// Magazines of the parent's other threads lie in their stacks, which are gone in the child as soon as any thread
/// has come and gone there.
#[test]
fn a_thread_that_came_and_went_in_a_child_handler() {
    #[derive(Pooled)]
    struct Counted(#[allow(dead_code)] u64);

    extern "C" fn run(_: *mut c_void) -> *mut c_void {
        null_mut()
    }

    extern "C" fn in_child() {
        let mut thread = 0;
        // SAFETY: as in `churn_in_a_bare_thread`.
        unsafe { libc::pthread_create(&raw mut thread, null(), run, null_mut()) };
        // SAFETY: just made, waited for once.
        unsafe { libc::pthread_join(thread, null_mut()) };
    }

    /// More than the C library keeps stacks for, at 2 MiB each.
    const THREADS: usize = 40;
    let name = "forks::a_thread_that_came_and_went_in_a_child_handler";
    let apart = Apart::new(name, |_| {
        // SAFETY: a function that lives for ever and does not unwind.
        let registered = unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
        assert_eq!(registered, 0, "the handler");
        let kept = PoolBox::new(Counted(1));
        let (stop, here) = (AtomicBool::new(false), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    let one = PoolBox::new(Counted(1));
                    here.fetch_add(1, Ordering::SeqCst);
                    while !stop.load(Ordering::SeqCst) {
                        thread::sleep(Duration::from_millis(1));
                    }
                    drop(one);
                });
            }
            while here.load(Ordering::SeqCst) < THREADS {
                thread::yield_now();
            }
            // SAFETY: the child only uses the engine and `_exit`.
            match unsafe { libc::fork() } {
                0 => {
                    let stats = pool::<Counted>().stats();
                    let all = THREADS as u64 + 1;
                    let sound = (stats.live, stats.allocations, stats.magazines) == (all, all, 1);
                    // SAFETY: ends the child at once.
                    unsafe { libc::_exit(i32::from(!sound)) }
                }
                child => wait_for(child),
            }
            stop.store(true, Ordering::SeqCst);
        });
        drop(kept);
    });
    apart.run("").succeeded();
}
