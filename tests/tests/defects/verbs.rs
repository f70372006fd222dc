//! Rows 10 and 12: the oldest pin counts, and dropping is not retiring.

use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::mpsc::channel;
use std::thread;

use sydra_pool::{PoolBox, Pooled, epoch, pool};
use tests::ledger::Ledger;
use tests::patience::{Raise, collect_until, wait_until};

/// Row 10: a true minimum: a thread that pins all the time does not speak for one that stays pinned.
#[test]
fn row_10_the_oldest_pin_counts() {
    #[derive(Pooled)]
    struct Leaf(std::sync::Arc<Ledger>);
    impl Drop for Leaf {
        fn drop(&mut self) {
            self.0.strike(0);
        }
    }
    // The slow one comes before and after the fast one into the list of all threads.
    for slow_first in [true, false] {
        let ledger = Ledger::new(1);
        let (stop, repins) = (AtomicBool::new(false), AtomicU64::new(0));
        thread::scope(|scope| {
            let _end = Raise(&stop);
            let fast = || {
                scope.spawn(|| {
                    let mut guard = epoch::pin();
                    while !stop.load(Relaxed) {
                        guard.repin();
                        repins.fetch_add(1, Relaxed);
                        thread::yield_now();
                    }
                });
                wait_until("the fast reader", || repins.load(Relaxed) > 0);
            };
            if !slow_first {
                fast();
            }
            let (pinned, when_pinned) = channel();
            let (leave, when_to_leave) = channel::<()>();
            let slow = scope.spawn(move || {
                let guard = epoch::pin();
                pinned.send(epoch::current()).expect("the test listens");
                when_to_leave.recv().expect("the test speaks");
                drop(guard);
            });
            let seen = when_pinned.recv().expect("the slow reader pins");
            if slow_first {
                fast();
            }
            PoolBox::retire(PoolBox::new(Leaf(ledger.clone())), &epoch::pin());
            for round in 1..50 {
                let so_far = repins.load(Relaxed);
                wait_until("the fast reader", || repins.load(Relaxed) >= so_far + 2);
                sydra_pool::collect_garbage();
                let now = epoch::advance();
                assert!(now <= seen + 1, "round {round}: {now}, pinned at {seen}");
                assert_eq!(ledger.struck(), 0, "round {round}");
            }
            leave.send(()).expect("the slow reader listens");
            slow.join().expect("the slow reader ends");
            collect_until("the value's drop", || ledger.struck() > 0);
        });
        ledger.settled();
    }
}

/// Row 12: `drop` and `retire` are two verbs: the one frees at once, the other when readers have let go.
#[test]
fn row_12_dropping_and_retiring_are_told_apart() {
    static DROPPED: AtomicU64 = AtomicU64::new(0);
    #[derive(Pooled)]
    #[pooled(magazine = 8)]
    struct Sheet(u64);
    impl Drop for Sheet {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, SeqCst);
        }
    }
    let place = |sheet: &PoolBox<Sheet>| PoolBox::as_ptr(sheet).addr();
    thread::scope(|scope| {
        let (pinned, when_pinned) = channel();
        let (leave, when_to_leave) = channel::<()>();
        let reader = scope.spawn(move || {
            let guard = epoch::pin();
            pinned.send(()).expect("the test listens");
            when_to_leave.recv().expect("the test speaks");
            drop(guard);
        });
        when_pinned.recv().expect("the reader pins");
        let first = PoolBox::new(Sheet(1));
        let freed = place(&first);
        drop(first);
        assert_eq!(DROPPED.load(SeqCst), 1, "dropped at once, reader or not");
        let second = PoolBox::new(Sheet(2));
        assert_eq!(place(&second), freed, "its block is the next to be used");
        PoolBox::retire(second, &epoch::pin());
        let others: Vec<_> = (0..2_000)
            .map(|number| {
                if number % 50 == 0 {
                    sydra_pool::collect_garbage();
                }
                PoolBox::new(Sheet(number))
            })
            .collect();
        assert!(others.iter().all(|sheet| place(sheet) != freed));
        assert_eq!(DROPPED.load(SeqCst), 1, "dropped under a reader's eyes");
        let figures = pool::<Sheet>().stats();
        assert_eq!((figures.live, figures.limbo, figures.frees), (2_000, 1, 1));
        leave.send(()).expect("the reader listens");
        reader.join().expect("the reader ends");
        collect_until("the second sheet", || DROPPED.load(SeqCst) == 2);
        assert_eq!(others.iter().map(|sheet| sheet.0).sum::<u64>(), 1_999_000);
        drop(others);
    });
    assert_eq!(DROPPED.load(SeqCst), 2_002);
    assert_eq!(pool::<Sheet>().live(), 0);
}
