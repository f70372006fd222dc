//! Values that panic while they are dropped or made: each is dropped once, and its block goes back.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use sydra_pool::{Refusal, StaticBox, StaticPool};
use tests::ledger::Ledger;

/// Strikes its number when dropped, and panics if told to.
#[derive(Debug)]
struct Value {
    ledger: Arc<Ledger>,
    number: usize,
    panics: bool,
}

impl Drop for Value {
    fn drop(&mut self) {
        self.ledger.strike(self.number);
        assert!(!self.panics, "on purpose");
    }
}

fn caught(body: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(body)).is_err()
}

#[test]
fn a_value_that_panics_when_dropped_leaves_its_block() {
    const VALUES: usize = if cfg!(miri) { 12 } else { 60 };
    static POOL: StaticPool<Value, 6> = StaticPool::new();
    let ledger = Ledger::new(VALUES);
    for round in 0..VALUES / 6 {
        let boxes: Vec<_> = (0..6)
            .map(|at| {
                let value = Value {
                    ledger: Arc::clone(&ledger),
                    number: round * 6 + at,
                    panics: at % 2 == 0,
                };
                POOL.try_box(value).expect("all six have come back")
            })
            .collect();
        for (at, one) in boxes.into_iter().enumerate() {
            assert_eq!(caught(|| drop(one)), at % 2 == 0);
        }
        assert_eq!(POOL.len(), 0);
    }
    ledger.settled();
}

#[test]
fn a_value_that_is_moved_out_is_not_dropped_by_the_box() {
    static POOL: StaticPool<Value, 1> = StaticPool::new();
    let ledger = Ledger::new(1);
    let value = Value {
        ledger: Arc::clone(&ledger),
        number: 0,
        panics: false,
    };
    let boxed = POOL.try_box(value).expect("room");
    let value = StaticBox::into_inner(boxed);
    assert_eq!((ledger.struck(), POOL.len()), (0, 0));
    drop(value);
    ledger.settled();
}

#[test]
fn a_closure_that_panics_leaves_its_block() {
    static POOL: StaticPool<String, 1> = StaticPool::new();
    for _ in 0..10 {
        assert!(caught(|| drop(POOL.try_box_with(|| panic!("on purpose")))));
        assert_eq!(POOL.len(), 0);
    }
    let full = POOL.try_box_with(|| "one".to_owned()).expect("room");
    // Refused, the closure is not called and comes back.
    let calls = AtomicUsize::new(0);
    let refused = POOL.try_box_with(|| {
        calls.fetch_add(1, Relaxed);
        String::new()
    });
    let refused = refused.expect_err("the one block is out");
    assert_eq!(refused.reason(), Refusal::Full);
    let make = refused.into_inner();
    assert_eq!(calls.load(Relaxed), 0);
    make();
    assert_eq!(calls.load(Relaxed), 1);
    drop(full);
    // Within the closure the block is out already, and the pool may be used.
    let outer = POOL.try_box_with(|| {
        assert!(POOL.try_box(String::new()).is_err());
        "made".to_owned()
    });
    assert_eq!(*outer.expect("room"), "made");
}

#[test]
fn a_drop_may_use_the_pool() {
    #[derive(Debug)]
    struct Chain(Option<StaticBox<Chain>>);
    static POOL: StaticPool<Chain, 40> = StaticPool::new();
    impl Drop for Chain {
        fn drop(&mut self) {
            // The next one goes back first, and its room may be asked for.
            drop(self.0.take());
            assert!(!POOL.is_empty());
            // Refused while all are out: this one's own block is not back before this function ends.
            match POOL.try_box(Chain(None)) {
                Ok(again) => core::mem::forget(StaticBox::into_inner(again)),
                Err(refused) => core::mem::forget(refused.into_inner()),
            }
        }
    }
    let mut chain = None;
    for _ in 0..40 {
        chain = Some(POOL.try_box(Chain(chain)).expect("room"));
    }
    assert_eq!(POOL.len(), 40);
    drop(chain);
    assert_eq!(POOL.len(), 0);
}

#[test]
fn a_leaked_value_keeps_its_block() {
    static POOL: StaticPool<u64, 2> = StaticPool::new();
    let leaked = StaticBox::leak(POOL.try_box(5).expect("room"));
    *leaked += 1;
    assert_eq!((*leaked, POOL.len()), (6, 1));
    drop(POOL.try_box(1).expect("one is left"));
    assert_eq!(POOL.len(), 1);
}
