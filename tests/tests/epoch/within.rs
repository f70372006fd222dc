//! Drops happen when they are asked for, and never within one another: not within another drop, an
//! allocation or a free.
#![cfg(all(unix, not(miri)))]

use std::cell::Cell;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use sydra_pool::{PoolBox, Pooled, epoch, pool};
use tests::child::Apart;
use tests::ledger::Ledger;
use tests::patience::collect_until;

/// A thread that has never pinned collects what others have left; the drops collect in turn.
#[test]
fn a_thread_that_never_pinned_collects_once_at_a_time() {
    thread_local! {
        static DEPTH: Cell<u64> = const { Cell::new(0) };
    }
    static DEEPEST: AtomicU64 = AtomicU64::new(0);
    #[derive(Pooled)]
    #[pooled(magazine = 4)]
    struct Greedy {
        number: usize,
        pins: bool,
        ledger: Arc<Ledger>,
    }
    impl Drop for Greedy {
        fn drop(&mut self) {
            self.ledger.strike(self.number);
            DEPTH.set(DEPTH.get() + 1);
            DEEPEST.fetch_max(DEPTH.get(), Relaxed);
            // Bounded here, so that a failure is one and not the end of the stack.
            if DEPTH.get() < 50 {
                let guard = self.pins.then(epoch::pin);
                sydra_pool::collect_garbage();
                drop(guard);
            }
            DEPTH.set(DEPTH.get() - 1);
        }
    }
    const COUNT: usize = 400;
    let name = "within::a_thread_that_never_pinned_collects_once_at_a_time";
    let apart = Apart::new(name, |pins| {
        let pins = pins == "pins";
        let ledger = Ledger::new(COUNT);
        thread::scope(|scope| {
            // Nothing of it can go while its own thread is pinned.
            let retiring = scope.spawn(|| {
                let guard = epoch::pin();
                for number in 0..COUNT {
                    let ledger = ledger.clone();
                    let greedy = Greedy {
                        number,
                        pins,
                        ledger,
                    };
                    PoolBox::retire(PoolBox::new(greedy), &guard);
                }
            });
            retiring.join().expect("the retiring thread");
        });
        assert!(!epoch::is_pinned());
        collect_until("all drops", || ledger.struck() >= COUNT);
        ledger.settled();
        assert_eq!(DEEPEST.load(Relaxed), 1, "drops within drops");
    });
    apart.run("").succeeded();
    apart.run("pins").succeeded();
}

/// Allocating and freeing never run a drop of the program's: it may want what the program holds while
/// it allocates. Values without one go on the way.
#[test]
fn no_drop_runs_within_an_allocation_or_a_free() {
    #[derive(Pooled)]
    struct Loud(usize, Arc<Ledger>);
    impl Drop for Loud {
        fn drop(&mut self) {
            self.1.strike(self.0);
        }
    }
    #[derive(Pooled)]
    struct Quiet(#[expect(dead_code, reason = "gives the value a size")] u64);
    #[derive(Pooled)]
    #[pooled(magazine = 2)]
    struct Other(#[expect(dead_code, reason = "gives the value a size")] [u64; 4]);
    let name = "within::no_drop_runs_within_an_allocation_or_a_free";
    let apart = Apart::new(name, |_| {
        const COUNT: usize = 10;
        let ledger = Ledger::new(COUNT);
        let retire = |numbers: Range<usize>| {
            for number in numbers {
                let loud = PoolBox::new(Loud(number, ledger.clone()));
                PoolBox::retire(loud, &epoch::pin());
                PoolBox::retire(PoolBox::new(Quiet(1)), &epoch::pin());
            }
        };
        // This thread's own, and what an ended one has left.
        retire(0..COUNT / 2);
        thread::scope(|scope| _ = scope.spawn(|| retire(COUNT / 2..COUNT)));
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(400) {
            drop(
                (0..50)
                    .map(|n| PoolBox::new(Other([n; 4])))
                    .collect::<Vec<_>>(),
            );
            (0..3).for_each(|_| _ = epoch::advance());
        }
        assert_eq!(ledger.struck(), 0, "dropped in the middle of something");
        assert_eq!(pool::<Quiet>().stats().limbo, 0);
        collect_until("all drops", || ledger.struck() == COUNT);
        ledger.settled();
    });
    apart.run("").succeeded();
}
