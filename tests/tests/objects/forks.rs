//! `fork` with values in the book, and while other threads write in it.

use core::ffi::c_void;
use core::ptr::null_mut;
use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use sydra_pool::{PoolArc, PoolBox, Pooled, coerce, pool};
use tests::child::Apart;
use tests::fork::{in_a_bare_thread, wait_for};
use tests::patience::Raise;

const FORKS: u64 = 100;

/// Outside of the slabs, so it is entered in the book.
#[derive(Pooled)]
struct Huge([u64; 5_000]);

#[derive(Pooled)]
struct Small(#[expect(dead_code, reason = "gives the value a size")] [u64; 3]);

fn churn(mark: u64) {
    let mut held: Vec<PoolBox<dyn Any + Send + Sync>> = Vec::new();
    for number in 0..20 {
        held.push(coerce!(PoolBox::new(Huge([mark ^ number; 5_000])) => dyn Any + Send + Sync));
        held.push(coerce!(PoolBox::new(Small([mark ^ number; 3])) => dyn Any + Send + Sync));
        let shared = coerce!(PoolArc::new(Huge([number; 5_000])) => dyn Any + Send + Sync);
        drop(shared.clone());
        if number % 3 == 0 {
            let back = held.swap_remove(0).downcast::<Huge>();
            drop(back.map_err(|_| "another type"));
        }
    }
}

/// Keeps the book's lock busy: a value forgotten and known again, over and over.
fn turn(stop: &AtomicBool) {
    let mut huge = PoolBox::new(Huge([3; 5_000]));
    while !stop.load(Relaxed) {
        let any = coerce!(huge => dyn Any);
        let known = any.downcast::<Huge>().map_err(|_| "its type");
        huge = known.expect("its own type");
    }
}

/// What a child does: it must not return into the test runner.
fn in_the_child(kept: Vec<PoolBox<dyn Any + Send + Sync>>) -> ! {
    extern "C" fn run(_: *mut c_void) -> *mut c_void {
        churn(98);
        null_mut()
    }
    let sound = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
        churn(99);
        // Entered before the fork, known again or dropped here.
        for (number, object) in kept.into_iter().enumerate() {
            if number % 2 == 0 {
                let huge = object.downcast::<Huge>().map_err(|_| "its type");
                assert_eq!(huge.expect("its own type").0[4_999], 7);
            } else {
                drop(object);
            }
        }
        in_a_bare_thread(run);
        churn(97);
        sydra_pool::trim();
    }));
    // SAFETY: ends the child at once, without the test runner's exit handlers.
    unsafe { libc::_exit(i32::from(sound.is_err())) }
}

#[test]
fn children_find_the_book_as_it_was() {
    let apart = Apart::new("forks::children_find_the_book_as_it_was", |_| {
        let stop = AtomicBool::new(false);
        let keep = || -> Vec<PoolBox<dyn Any + Send + Sync>> {
            let huge = || coerce!(PoolBox::new(Huge([7; 5_000])) => dyn Any + Send + Sync);
            (0..20).map(|_| huge()).collect()
        };
        let mut kept = Some(keep());
        thread::scope(|scope| {
            let raise = Raise(&stop);
            for _ in 0..3 {
                scope.spawn(|| turn(&stop));
            }
            scope.spawn(|| {
                while !stop.load(Relaxed) {
                    churn(1);
                }
            });
            for _ in 0..FORKS {
                // SAFETY: the child only uses the engine, the system's heap (whose own handlers make
                // it usable) and `_exit`.
                match unsafe { libc::fork() } {
                    0 => in_the_child(kept.take().expect("the child's own copy")),
                    child => {
                        assert!(child > 0, "a process for the child");
                        wait_for(child);
                    }
                }
            }
            drop(raise);
        });
        assert_eq!(pool::<Huge>().live(), 20);
        drop(kept);
        assert_eq!(pool::<Huge>().live(), 0);
    });
    apart.run("").succeeded();
}

/// A handler of the program's own runs while every lock of the engine is held by this thread.
#[test]
fn handlers_may_write_in_the_book() {
    extern "C" fn handler() {
        churn(5);
    }
    let apart = Apart::new("forks::handlers_may_write_in_the_book", |_| {
        // Before the engine's own are registered and after: one of them runs within.
        // SAFETY: functions that never unwind.
        unsafe { libc::pthread_atfork(Some(handler), Some(handler), Some(handler)) };
        churn(1);
        // SAFETY: as above.
        unsafe { libc::pthread_atfork(Some(handler), Some(handler), Some(handler)) };
        for _ in 0..10 {
            // SAFETY: single-threaded but for the watchdog; the child ends with `_exit`.
            match unsafe { libc::fork() } {
                0 => in_the_child(Vec::new()),
                child => wait_for(child),
            }
        }
        assert_eq!((pool::<Huge>().live(), pool::<Small>().live()), (0, 0));
    });
    apart.run("").succeeded();
}
