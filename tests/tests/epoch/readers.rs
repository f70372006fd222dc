//! Readers: pins that nest, threads that enter and leave.

use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use sydra_pool::{PoolBox, Pooled, SydraPool, epoch};
use tests::ledger::Ledger;
use tests::patience::{self, collect_until};

static GLOBAL: SydraPool = SydraPool::new();

#[derive(Pooled)]
struct Leaf(Arc<Ledger>);

impl Drop for Leaf {
    fn drop(&mut self) {
        self.0.strike(0);
    }
}

/// A value that somebody else retires now, which the calling thread keeps from being dropped.
fn holds_back() -> Arc<Ledger> {
    let ledger = Ledger::new(1);
    let theirs = ledger.clone();
    let other = thread::spawn(move || {
        PoolBox::retire(PoolBox::new(Leaf(theirs)), &epoch::pin());
    });
    other.join().expect("the other thread");
    stays(&ledger, || ());
    ledger
}

/// The value is not dropped, whatever is collected and done.
fn stays(held: &Ledger, mut deed: impl FnMut()) {
    let kept = patience::stays(|| {
        deed();
        held.struck() == 0
    });
    assert!(kept, "dropped under a reader's eyes");
}

/// Runs the body in a thread of its own, which is no reader yet, and while no other test here has one.
fn afresh(body: impl FnOnce() + Send) {
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    thread::scope(|scope| {
        scope.spawn(body).join().expect("the body's promises hold");
    });
}

#[test]
fn a_pin_ends_with_its_last_guard() {
    afresh(|| {
        assert!(!epoch::is_pinned());
        let outer = epoch::pin();
        assert!(epoch::is_pinned());
        let inner = epoch::pin();
        let held = holds_back();
        drop(outer);
        assert!(epoch::is_pinned(), "guards go in any order");
        stays(&held, || ());
        drop(inner);
        assert!(!epoch::is_pinned());
        collect_until("the value", || held.struck() == 1);
    });
}

#[test]
fn a_repin_lets_go_unless_another_guard_is_alive() {
    afresh(|| {
        let mut guard = epoch::pin();
        let held = holds_back();
        {
            let mut inner = epoch::pin();
            stays(&held, || {
                inner.repin();
                guard.repin();
            });
        }
        collect_until("the value", || {
            guard.repin();
            held.struck() == 1
        });
        assert!(epoch::is_pinned());
        let again = holds_back();
        drop(guard);
        collect_until("the value", || again.struck() == 1);
    });
}

#[test]
fn entering_pins_until_leaving() {
    afresh(|| {
        assert!(!epoch::leave(), "not entered");
        assert!(!epoch::quiescent(), "not entered");
        epoch::enter();
        assert!(epoch::is_pinned());
        let held = holds_back();
        // A pin within only counts.
        drop(epoch::pin());
        assert!(epoch::is_pinned());
        stays(&held, || ());
        assert!(epoch::leave());
        assert!(!epoch::is_pinned());
        collect_until("the value", || held.struck() == 1);
        assert!(!epoch::leave(), "left already");
    });
}

#[test]
fn a_thread_that_has_entered_says_that_it_holds_nothing() {
    afresh(|| {
        epoch::enter();
        let held = holds_back();
        let guard = epoch::pin();
        stays(&held, || assert!(!epoch::quiescent(), "a guard is alive"));
        drop(guard);
        collect_until("the value", || {
            assert!(epoch::quiescent());
            held.struck() == 1
        });
        assert!(epoch::is_pinned(), "still entered");
        let again = holds_back();
        assert!(epoch::leave());
        collect_until("the value", || again.struck() == 1);
    });
}

#[test]
fn entering_nests() {
    afresh(|| {
        epoch::enter();
        GLOBAL.enter_epoch();
        // Quiescent means all of it.
        assert!(epoch::quiescent());
        let held = holds_back();
        assert!(epoch::leave());
        assert!(epoch::is_pinned());
        stays(&held, || ());
        assert!(GLOBAL.leave_epoch());
        assert!(!GLOBAL.leave_epoch());
        collect_until("the value", || held.struck() == 1);
    });
}

/// A guard that outlives the `enter` it was made under protects on.
#[test]
fn a_guard_may_outlive_the_enter() {
    afresh(|| {
        epoch::enter();
        let guard = epoch::pin();
        assert!(epoch::leave());
        assert!(epoch::is_pinned());
        let held = holds_back();
        drop(guard);
        collect_until("the value", || held.struck() == 1);
    });
}

/// What a thread retires while it has entered is reclaimed when it says that it holds nothing, though
/// it never unpins.
#[test]
fn a_thread_that_never_leaves_reclaims_what_it_retires() {
    const COUNT: usize = 10;
    let (send, receive) = channel();
    let ledger = Ledger::new(COUNT);
    struct Numbered(usize, Arc<Ledger>);
    #[derive(Pooled)]
    struct Entry(Numbered);
    impl Drop for Entry {
        fn drop(&mut self) {
            self.0.1.strike(self.0.0);
        }
    }
    let theirs = ledger.clone();
    let entered = thread::spawn(move || {
        epoch::enter();
        for number in 0..COUNT {
            let entry = Entry(Numbered(number, theirs.clone()));
            PoolBox::retire(PoolBox::new(entry), &epoch::pin());
        }
        while receive.try_recv().is_err() {
            assert!(epoch::quiescent());
            thread::yield_now();
        }
        assert!(epoch::leave());
    });
    // Somebody else does the collecting.
    collect_until("the values", || ledger.struck() == COUNT);
    send.send(()).expect("the thread listens");
    entered.join().expect("the thread leaves");
    ledger.settled();
}

#[test]
fn the_epoch_grows_and_a_reader_holds_it_up() {
    afresh(|| {
        let guard = epoch::pin();
        let pinned = epoch::current();
        let mut last = pinned;
        for _ in 0..50 {
            let now = epoch::advance();
            assert!((last..=pinned + 1).contains(&now));
            last = GLOBAL.advance_epoch();
        }
        assert!(format!("{guard:?}").contains("Guard"));
        drop(guard);
        collect_until("the epoch", || epoch::advance() > pinned + 1);
    });
}
