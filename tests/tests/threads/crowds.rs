//! Many threads at once, and one after another.

use std::sync::mpsc::sync_channel;
use std::thread;

use sydra_pool::{PoolBox, Pooled, pool};
use tests::rng::Rng;

/// Carries its owner's mark at both ends.
macro_rules! parcel {
    ($name:ident) => {
        #[derive(Pooled)]
        struct $name {
            mark: u64,
            body: [u64; 4],
            again: u64,
        }

        impl $name {
            fn boxed(mark: u64) -> PoolBox<Self> {
                PoolBox::new(Self {
                    mark,
                    body: [!mark; 4],
                    again: mark,
                })
            }

            fn check(&self) {
                assert_eq!((self.body, self.again), ([!self.mark; 4], self.mark));
            }
        }
    };
}

/// Each thread keeps a random set of blocks alive; nobody else may write into them.
#[test]
fn four_threads_for_each_shard() {
    const SHARDS: usize = 2;
    #[derive(Pooled)]
    #[pooled(shards = 2, magazine = 8)]
    struct Crowded {
        owner: usize,
        stamp: u64,
        check: u64,
    }
    let steps = if cfg!(miri) { 40 } else { 30_000 };
    let seed = tests::rng::announced_seed("four_threads_for_each_shard");
    thread::scope(|scope| {
        for owner in 0..4 * SHARDS {
            scope.spawn(move || {
                let mut rng = Rng::new(seed ^ ((owner as u64) << 56));
                let mut mine: Vec<PoolBox<Crowded>> = Vec::new();
                for step in 0..steps {
                    if mine.len() < 200 && rng.chance(52) {
                        let stamp = rng.bits();
                        mine.push(PoolBox::new(Crowded {
                            owner,
                            stamp,
                            check: !stamp ^ step,
                        }));
                        mine.last_mut().expect("just pushed").check = !stamp;
                    } else if !mine.is_empty() {
                        let one = mine.swap_remove(rng.below(mine.len()));
                        assert_eq!((one.owner, one.check), (owner, !one.stamp));
                    }
                }
                for one in &mine {
                    assert_eq!((one.owner, one.check), (owner, !one.stamp));
                }
            });
        }
    });
    let figures = pool::<Crowded>().stats();
    assert_eq!(figures.live, 0);
    assert_eq!(figures.allocations, figures.frees);
    assert!(figures.allocations > 0);
}

#[test]
fn blocks_outlive_the_thread_that_made_them() {
    parcel!(Heirloom);
    let count = if cfg!(miri) { 20 } else { 3_000 };
    let heirlooms: Vec<_> =
        thread::spawn(move || (0..count).map(Heirloom::boxed).collect::<Vec<_>>())
            .join()
            .expect("the maker ends");
    assert_eq!(pool::<Heirloom>().live(), count);
    // Other threads allocate while the orphans live on.
    thread::spawn(move || drop((0..count).map(Heirloom::boxed).collect::<Vec<_>>()))
        .join()
        .expect("the second maker ends");
    for (number, heirloom) in heirlooms.iter().enumerate() {
        assert_eq!(heirloom.mark, number as u64);
        heirloom.check();
    }
    thread::spawn(move || drop(heirlooms))
        .join()
        .expect("the heir ends");
    let figures = pool::<Heirloom>().stats();
    assert_eq!((figures.live, figures.allocations), (0, 2 * count));
}

/// The live set is fixed, the consumer's thread never allocates: memory must not pile up there.
#[test]
fn a_consumer_that_never_allocates_returns_what_it_frees() {
    parcel!(Message);
    let (count, in_flight) = if cfg!(miri) { (60, 4) } else { (400_000, 256) };
    let (send, receive) = sync_channel::<PoolBox<Message>>(in_flight);
    let consumer = thread::spawn(move || {
        let mut received = 0;
        for message in receive {
            message.check();
            received += 1;
        }
        received
    });
    let mut addresses = std::collections::BTreeSet::new();
    for mark in 0..count {
        let message = Message::boxed(mark);
        addresses.insert(PoolBox::as_ptr(&message).addr());
        send.send(message).expect("the consumer listens");
    }
    drop(send);
    assert_eq!(consumer.join().expect("the consumer ends"), count);
    assert_eq!(pool::<Message>().live(), 0);
    let geometry = pool::<Message>().geometry();
    let cached = 2 * geometry.magazine + geometry.depot_batches * geometry.batch * 4;
    let most = (in_flight + 2 + cached).next_multiple_of(geometry.slab_blocks);
    assert!(
        addresses.len() <= most + geometry.slab_blocks,
        "{} blocks served {in_flight} in flight",
        addresses.len()
    );
}

/// One thread makes, another frees, then the roles change, again and again.
#[test]
fn producers_and_consumers_change_roles() {
    parcel!(Ball);
    let (rounds, many) = if cfg!(miri) { (3, 12) } else { (40, 2_000) };
    let (there, back) = (sync_channel::<Vec<PoolBox<Ball>>>(1), sync_channel::<()>(1));
    let (serve, catch) = there;
    let (done, wait) = back;
    let partner = thread::spawn(move || {
        for balls in catch {
            balls.iter().for_each(|ball| ball.check());
            drop(balls);
            let own: Vec<_> = (0..many).map(Ball::boxed).collect();
            own.iter().for_each(|ball| ball.check());
            drop(own);
            done.send(()).expect("the other side waits");
        }
    });
    for _ in 0..rounds {
        serve
            .send((0..many).map(Ball::boxed).collect())
            .expect("the partner catches");
        wait.recv().expect("the partner answers");
    }
    drop(serve);
    partner.join().expect("the partner ends");
    let figures = pool::<Ball>().stats();
    assert_eq!((figures.live, figures.frees), (0, 2 * rounds * many));
}

/// Defect 18 at full size: nothing of a dead thread stays behind.
#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn ten_thousand_threads_come_and_go() {
    use tests::child::Apart;
    use tests::resident::resident_bytes;

    parcel!(Mayfly);
    const THREADS: u64 = 10_000;
    const BLOCKS: u64 = 40;

    fn generation(threads: u64) {
        for pair in 0..threads / 2 {
            // Two at a time, so that slots are taken while others are given up.
            thread::scope(|scope| {
                for side in 0..2 {
                    scope.spawn(move || {
                        let mayflies: Vec<_> = (0..BLOCKS)
                            .map(|n| Mayfly::boxed(pair << 20 | side << 10 | n))
                            .collect();
                        mayflies.iter().for_each(|mayfly| mayfly.check());
                    });
                }
            });
        }
    }

    let apart = Apart::new("crowds::ten_thousand_threads_come_and_go", |_| {
        generation(THREADS / 5);
        let settled = resident_bytes();
        generation(THREADS - THREADS / 5);
        let end = resident_bytes();
        let figures = pool::<Mayfly>().stats();
        assert_eq!(figures.live, 0);
        assert_eq!(
            (figures.allocations, figures.frees),
            (THREADS * BLOCKS, THREADS * BLOCKS)
        );
        // 8,000 threads more: less than 64 bytes each is no slope.
        assert!(
            end <= settled + (512 << 10),
            "resident memory grew from {settled} to {end}"
        );
    });
    apart.run("").succeeded();
}

/// A thread that comes when another has ended gets that one's shard, and what is left there: generations of two
/// threads take no more slabs than the first.
#[cfg(all(target_os = "linux", not(any(miri, feature = "shadow"))))]
#[test]
fn those_who_come_after_others_get_their_shards() {
    use tests::child::Apart;

    // More shards than threads.
    #[derive(Pooled)]
    #[pooled(shards = 16)]
    struct Heir(u64, [u64; 5]);
    let apart = Apart::new(
        "crowds::those_who_come_after_others_get_their_shards",
        |_| {
            let generation = || {
                let both = std::sync::Barrier::new(2);
                let heirs = [1, 2].map(|mark| {
                    let both = &both;
                    move || {
                        both.wait();
                        let heirs: Vec<_> = (0..20_000)
                            .map(|number| PoolBox::new(Heir(mark, [number; 5])))
                            .collect();
                        assert!(
                            heirs
                                .iter()
                                .all(|heir| heir.0 == mark && heir.1[4] == heir.1[0])
                        );
                        both.wait();
                    }
                });
                thread::scope(|scope| {
                    // Joined: a scope may return before its threads have ended.
                    for thread in heirs.map(|heir| scope.spawn(heir)) {
                        thread.join().expect("no panic");
                    }
                });
            };
            let shards = || {
                let buckets = sydra_pool::snapshot().buckets.into_iter();
                buckets
                    .filter(|bucket| bucket.pool == "Heir" && bucket.allocations > 0)
                    .filter_map(|bucket| bucket.shard)
                    .collect::<Vec<_>>()
            };
            generation();
            let first = shards();
            (0..30).for_each(|_| generation());
            assert_eq!(shards(), first);
        },
    );
    apart.run("").succeeded();
}
