//! Rows 4-7 and 19: several threads on one shard, several pools on one thread.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sydra_pool::{PoolBox, Pooled, SydraPool, pool};
use tests::op::Taste;
use tests::play::Company;
use tests::rng::announced_seed;

static GLOBAL: SydraPool = SydraPool::new();

/// Threads on each shard.
const CROWD: usize = 4;

/// Row 4: threads that share a shard. All on one shard, and on two.
#[cfg(all(unix, not(miri)))]
#[test]
fn row_04_four_threads_on_each_shard() {
    use tests::child::Apart;
    let apart = Apart::new("sharing::row_04_four_threads_on_each_shard", |shards| {
        let shards: usize = shards.parse().expect("a number");
        assert_eq!(
            sydra_pool::limit_shards(shards),
            64,
            "the old bound, none so far"
        );
        let seed = announced_seed("row 4");
        let threads = CROWD * shards.max(1);
        let company = Company {
            threads,
            rounds: 4,
            steps: 5_000,
            taste: Taste::SMALL,
            seed,
        };
        let done = company.play(&GLOBAL).expect("the shard's list stays whole");
        assert_eq!((done.allocations, done.live), (done.frees, 0));
    });
    for shards in [0, 1, 2] {
        apart.run(shards).succeeded();
    }
}

/// Row 5: a collector that is no owner takes nothing out of the owners' hands.
#[test]
fn row_05_only_owners_touch_their_lists() {
    #[derive(Pooled)]
    #[pooled(magazine = 4)]
    struct Held([u64; 4]);
    let stop = AtomicBool::new(false);
    let rounds = if cfg!(miri) { 2 } else { 3_000 };
    let many = if cfg!(miri) { 8 } else { 200 };
    thread::scope(|scope| {
        let owners: Vec<_> = (0..3_u64)
            .map(|owner| {
                scope.spawn(move || {
                    for round in 0..rounds {
                        let mark = owner << 32 | round;
                        let held: Vec<_> =
                            (0..many).map(|_| PoolBox::new(Held([mark; 4]))).collect();
                        assert!(held.iter().all(|held| held.0 == [mark; 4]));
                    }
                })
            })
            .collect();
        // The collector: everything that walks over others' stores.
        let collector = scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                sydra_pool::trim();
                pool::<Held>().trim();
                drop(sydra_pool::snapshot());
                thread::yield_now();
            }
        });
        owners
            .into_iter()
            .for_each(|owner| owner.join().expect("no owner is disturbed"));
        stop.store(true, Ordering::Relaxed);
        collector.join().expect("the collector ends");
    });
    assert_eq!(pool::<Held>().live(), 0);
}

/// Row 6: whole batches go in and out of the depot under everybody's hands; a batch taken
/// twice would give one block two owners.
#[test]
fn row_06_no_batch_is_taken_twice() {
    #[derive(Pooled)]
    #[pooled(magazine = 4, shards = 1)]
    struct Passed {
        owner: u64,
        again: u64,
    }
    let rounds = if cfg!(miri) { 3 } else { 150_000 };
    thread::scope(|scope| {
        for owner in 1..=4_u64 {
            scope.spawn(move || {
                for round in 0..rounds {
                    // From below a batch to several magazines: both sides of every boundary.
                    let count = 1 + (owner + round) % 14;
                    let mark = owner << 32 | round;
                    let mut passed: Vec<_> = (0..count)
                        .map(|_| {
                            PoolBox::new(Passed {
                                owner: mark,
                                again: 0,
                            })
                        })
                        .collect();
                    passed.iter_mut().for_each(|one| one.again = one.owner);
                    assert!(
                        passed
                            .iter()
                            .all(|one| (one.owner, one.again) == (mark, mark))
                    );
                }
            });
        }
    });
    // A scope does not wait for its threads' exit work, during which figures may be off.
    tests::patience::wait_until("no block alive, and every allocation freed", || {
        let figures = pool::<Passed>().stats();
        (figures.live, figures.allocations) == (0, figures.frees)
    });
}

/// Row 7: the pool itself hands the bytes over. Nothing but the pool orders one owner's writes before
/// the next one's: under Miri a missing ordering is a data race here. (That each ordering
/// is needed is what the weakening stage shows.)
#[test]
fn row_07_a_block_changes_hands_in_order() {
    #[derive(Pooled)]
    #[pooled(magazine = 2, shards = 1)]
    struct Handed([u64; 2]);
    let rounds = if cfg!(miri) { 12 } else { 200_000 };
    thread::scope(|scope| {
        for owner in 1..=3_u64 {
            scope.spawn(move || {
                for round in 0..rounds {
                    let mark = owner << 32 | round;
                    let mut some = [(); 5].map(|()| PoolBox::new(Handed([mark; 2])));
                    some.iter_mut().for_each(|one| one.0[1] += 1);
                    assert!(some.iter().all(|one| one.0 == [mark, mark + 1]));
                }
            });
        }
    });
    // A scope does not wait for its threads' exit work, during which figures may be off.
    tests::patience::wait_until("no block alive", || pool::<Handed>().live() == 0);
}

/// Row 19: a thread keeps its shard while it goes from pool to pool.
#[test]
fn row_19_many_pools_on_one_thread() {
    macro_rules! pools {
        ($($name:ident)*) => {$(
            #[derive(Pooled)]
            struct $name([u64; 3]);
        )*
            /// One block of each pool; the sum of what they hold.
            fn one_of_each(mark: u64) -> u64 {
                0 $(+ { let one = PoolBox::new($name([mark; 3])); one.0[2] })*
            }
            const POOLS: u64 = [$(stringify!($name)),*].len() as u64;
            fn figures() -> [sydra_pool::TypeFigures; POOLS as usize] {
                [$(pool::<$name>().stats()),*]
            }
        };
    }
    pools!(A B C D E F G H I J K L);
    let rounds = if cfg!(miri) { 3 } else { 2_000 };
    for mark in 0..rounds {
        assert_eq!(one_of_each(mark), mark * POOLS);
    }
    for figures in figures() {
        assert_eq!(
            (figures.live, figures.allocations),
            (0, rounds),
            "{figures:?}"
        );
        assert_eq!(
            figures.magazines, 1,
            "a switch of pools makes a magazine: {figures:?}"
        );
    }
    // One bucket of each pool has been at work, and it is the same shard's in all of them.
    let snapshot = sydra_pool::snapshot();
    let shards = snapshot
        .buckets
        .iter()
        .filter(|bucket| bucket.pool.len() == 1);
    let mut shards: Vec<_> = shards.filter(|bucket| bucket.allocations > 0).collect();
    assert_eq!(shards.len() as u64, POOLS);
    shards.dedup_by_key(|bucket| bucket.shard);
    assert_eq!(shards.len(), 1, "a switch of pools changes the shard");
}
