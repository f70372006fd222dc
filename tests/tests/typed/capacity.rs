//! `capacity`: exactly so many values, whoever allocates and frees them.

use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use sydra_pool::{PoolArc, PoolBox, Pooled, Refusal};

/// Fills the pool of `T`, sees what is refused, and that each freed value makes room for one.
fn exactly<T: Pooled + PartialEq + std::fmt::Debug>(
    capacity: usize,
    align: usize,
    value: impl Fn(usize) -> T,
) {
    let mut live: Vec<PoolBox<T>> = Vec::new();
    for number in 0..capacity {
        let fresh = PoolBox::try_new(value(number));
        live.push(fresh.unwrap_or_else(|_| panic!("{number} of {capacity} values")));
        let start = &raw const **live.last().expect("the latest");
        assert!(start.addr().is_multiple_of(align), "{start:p}");
    }
    for round in 0..3 {
        let refused = PoolBox::try_new(value(capacity)).expect_err("one too many");
        assert_eq!(refused.reason(), Refusal::Full);
        assert_eq!(refused.into_inner(), value(capacity), "it comes back");
        drop(live.swap_remove(round * 7 % live.len()));
        live.push(PoolBox::new(value(capacity + 1 + round)));
    }
}

#[test]
fn so_many_and_no_more() {
    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(capacity = 5)]
    struct Five(u8);
    exactly(5, 1, |number| Five(number as u8));

    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(capacity = 1)]
    struct One([u64; 9]);
    exactly(1, 8, |number| One([number as u64; 9]));

    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(capacity = 300, align = 64, zero_on_free)]
    struct Lines(u64);
    exactly(300, 64, |number| Lines(number as u64));

    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(capacity = 3)]
    struct Large(Vec<u8>, [u64; 5_000]);
    exactly(3, 8, |number| {
        Large(vec![number as u8], [number as u64; 5_000])
    });
}

#[test]
fn each_instance_and_each_kind_of_pointer_has_blocks_of_its_own() {
    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(instances(Slot<u8>, Slot<u64>), capacity = 2)]
    struct Slot<T>(T);
    let bytes = [PoolBox::new(Slot(1_u8)), PoolBox::new(Slot(2_u8))];
    exactly(2, 8, |number| Slot(number as u64));
    let shared = [PoolArc::new(Slot(3_u8)), PoolArc::new(Slot(4_u8))];
    assert!(PoolBox::try_new(Slot(5_u8)).is_err());
    assert!(PoolArc::try_new(Slot(5_u8)).is_err());
    assert_eq!((bytes[1].0, shared[1].0), (2, 4));
}

#[test]
fn threads_never_have_more_than_there_are() {
    #[derive(Debug, Pooled)]
    #[pooled(capacity = 8)]
    struct Token(usize);
    static LIVE: AtomicUsize = AtomicUsize::new(0);
    let rounds = if cfg!(miri) { 20 } else { 20_000 };
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for thread in 0..4 {
            let start = &start;
            scope.spawn(move || {
                start.wait();
                let mut held = Vec::new();
                for round in 0..rounds {
                    if let Ok(token) = PoolBox::try_new(Token(thread)) {
                        let live = LIVE.fetch_add(1, SeqCst) + 1;
                        assert!(live <= 8, "{live} of 8");
                        held.push(token);
                    }
                    if held.len() > round % 16 {
                        let token = held.swap_remove(round % held.len());
                        assert_eq!(token.0, thread);
                        LIVE.fetch_sub(1, SeqCst);
                        drop(token);
                    }
                }
                LIVE.fetch_sub(held.len(), SeqCst);
            });
        }
    });
    let all: Vec<_> = (0..8).map(Token).map(PoolBox::new).collect();
    assert_eq!(all.len(), 8);
}

#[test]
fn what_is_retired_comes_back_to_its_static() {
    #[derive(Debug, Pooled)]
    #[pooled(capacity = 3)]
    struct Retired(#[expect(dead_code, reason = "a value of some size")] u64);
    for round in 0..50 {
        // Nobody is pinned for long, so what was retired comes back.
        let value = (0..1_000).find_map(|_| {
            let taken = PoolBox::try_new(Retired(round)).ok();
            if taken.is_none() {
                sydra_pool::collect_garbage();
                thread::yield_now();
            }
            taken
        });
        let value = value.expect("what was retired has come back");
        PoolBox::retire(value, &sydra_pool::epoch::pin());
    }
}
