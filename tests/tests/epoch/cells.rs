//! `EpochCell`: always a whole value, never a lost update.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;

use sydra_pool::epoch::{self, EpochCell};
use sydra_pool::{PoolBox, Pooled, pool};
use tests::ledger::Ledger;
use tests::patience::collect_until;

#[derive(Debug, Default, PartialEq, Pooled)]
struct Pair {
    low: u64,
    high: u64,
}

impl Pair {
    fn new(low: u64) -> Self {
        Self { low, high: !low }
    }

    fn check(&self) -> u64 {
        assert_eq!(self.high, !self.low);
        self.low
    }
}

#[test]
fn a_reader_keeps_what_it_saw() {
    let cell = EpochCell::new(Pair::new(1));
    let guard = epoch::pin();
    let first = cell.load(&guard);
    cell.store(Pair::new(2), &guard);
    let second = cell.load(&guard);
    cell.store_box(PoolBox::new(Pair::new(3)), &guard);
    sydra_pool::collect_garbage();
    // Whatever block is free has another owner now.
    let others = (100..200).map(|low| PoolBox::new(Pair::new(low)));
    let others: Vec<_> = others.collect();
    assert_eq!((first.check(), second.check()), (1, 2));
    drop(others);
    assert_eq!(cell.load(&guard).check(), 3);
    assert!(format!("{cell:?}").contains("low: 3"), "{cell:?}");
    drop(guard);
    assert_eq!(cell.into_inner(), Pair::new(3));
}

#[test]
fn who_has_it_alone_needs_no_guard() {
    let mut cell = EpochCell::<Pair>::default();
    assert_eq!(*cell.get_mut(), Pair::default());
    *cell.get_mut() = Pair::new(7);
    assert_eq!(cell.load(&epoch::pin()).check(), 7);
    let cell = EpochCell::from(PoolBox::new(Pair::new(8)));
    assert_eq!(cell.into_inner().check(), 8);
}

/// Every value is dropped once: replaced, updated, given up in an update that lost, taken out, or with
/// the cell.
#[test]
fn every_value_is_dropped_once() {
    #[derive(Pooled)]
    struct Entry(usize, Arc<Ledger>);
    impl Drop for Entry {
        fn drop(&mut self) {
            self.1.strike(self.0);
        }
    }
    let ledger = Ledger::new(6);
    let entry = |number| Entry(number, ledger.clone());
    let cell = EpochCell::new(entry(0));
    let guard = epoch::pin();
    cell.store(entry(1), &guard);
    sydra_pool::collect_garbage();
    assert_eq!(ledger.struck(), 0, "dropped under a reader's eyes");
    let mut tries = 0;
    cell.update(
        |_| {
            tries += 1;
            if tries == 1 {
                // Somebody comes in between.
                cell.store(entry(2), &guard);
            }
            entry(2 + tries)
        },
        &guard,
    );
    assert_eq!(tries, 2);
    assert_eq!(ledger.struck(), 1, "what lost is dropped at once");
    drop(guard);
    drop(cell);
    // Numbers 3 (which lost) and 4 (with the cell) so far.
    let cell = EpochCell::new(entry(5));
    drop(cell.into_inner());
    collect_until("the retired ones", || ledger.struck() == 6);
    ledger.settled();
    assert_eq!(pool::<Entry>().live(), 0);
}

#[test]
fn updates_count_exactly() {
    const THREADS: u64 = 4;
    let each = if cfg!(miri) { 20 } else { 20_000 };
    let cell = EpochCell::new(Pair::new(0));
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut last = 0;
            while !stop.load(Relaxed) {
                let guard = epoch::pin();
                let seen = cell.load(&guard);
                let now = seen.check();
                assert!(now >= last, "{now} after {last}");
                last = now;
                thread::yield_now();
                assert_eq!(seen.check(), now);
            }
        });
        let writers = [(); THREADS as usize].map(|()| {
            scope.spawn(|| {
                for round in 0..each {
                    let add = |old: &Pair| {
                        if round % 16 == 0 {
                            // So that somebody comes in between.
                            thread::yield_now();
                        }
                        Pair::new(old.check() + 1)
                    };
                    cell.update(add, &epoch::pin());
                }
            })
        });
        let ends = writers.map(|writer| writer.join());
        stop.store(true, Relaxed);
        ends.into_iter().for_each(|end| end.expect("no panic"));
        reader.join().expect("whole values, in order");
    });
    assert_eq!(cell.into_inner().check(), THREADS * each);
}

#[test]
fn an_update_that_panics_changes_nothing() {
    #[derive(Pooled)]
    struct Limit(u64);
    let cell = EpochCell::new(Limit(1));
    let guard = epoch::pin();
    let burnt = catch_unwind(AssertUnwindSafe(|| {
        cell.update(|_| panic!("no new limit"), &guard);
    }));
    assert!(burnt.is_err());
    assert_eq!(cell.load(&guard).0, 1);
    let before = pool::<Limit>().stats();
    assert_eq!((before.live, before.retired), (1, 0));
    cell.update(|limit| Limit(limit.0 + 1), &guard);
    assert_eq!(cell.load(&guard).0, 2);
}

/// A cell in a value that is itself retired.
#[test]
fn cells_in_cells() {
    #[derive(Pooled)]
    struct Inner(u64);
    #[derive(Pooled)]
    struct Outer {
        inner: EpochCell<Inner>,
    }
    let outer = |value| Outer {
        inner: EpochCell::new(Inner(value)),
    };
    let cell = EpochCell::new(outer(0));
    let rounds = if cfg!(miri) { 10 } else { 3_000 };
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..rounds {
                cell.store(outer(round), &epoch::pin());
            }
        });
        scope.spawn(|| {
            for _ in 0..rounds {
                let guard = epoch::pin();
                let seen = cell.load(&guard);
                seen.inner.update(|inner| Inner(inner.0 + 1), &guard);
                assert!(seen.inner.load(&guard).0 <= 2 * rounds);
            }
        });
    });
    drop(cell);
    collect_until("all inner values", || {
        pool::<Inner>().live() + pool::<Inner>().stats().limbo == 0
    });
    let figures = pool::<Outer>().stats();
    assert_eq!((figures.live, figures.frees), (0, rounds + 1));
}
