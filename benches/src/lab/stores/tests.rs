//! Every store against a map: what is put in is there until it is freed, whatever happens to the others.

use std::collections::HashMap;
use std::sync::mpsc;
use std::thread;

use super::{arenas, blocks, keys, objects, slots};
use crate::lab::hot::{Header, Item, Node, Record, Tombstone};
use crate::lab::store::{Boxes, Family, Offers, OffersShared, Pools, Shared, SharedFamily, Store};
use crate::random::Random;

/// Values that are alive at once, at most.
const LIVE: usize = 300;

/// Random puts and frees against a map of stamps; everything is looked at from time to time. Then the same in the same store
/// after all was freed.
fn model<T: Item, S: Store<T>>(seed: u64) {
    let mut store = S::open(LIVE);
    let mut random = Random::new(seed);
    let mut stamp = 0;
    for _ in 0..2 {
        let mut live: HashMap<u64, S::Held> = HashMap::new();
        for step in 0..4000 {
            // More puts than frees until it is full, then the reverse: both ends are reached.
            let filling = (step / 1000) % 2 == 0;
            let puts = random.below(4) > 0;
            if puts == filling && live.len() < LIVE {
                stamp += 1;
                let held = store.put(T::new(stamp));
                store.keep(&held);
                live.insert(stamp, held);
            } else if let Some(&old) = live.keys().nth(random.below(live.len().max(1))) {
                let held = live.remove(&old).expect("the key was there");
                assert_eq!(store.stamp(&held), old);
                store.free(held);
            }
            if step % 256 == 0 {
                for (stamp, held) in &live {
                    assert_eq!(store.stamp(held), *stamp);
                }
            }
        }
        for (stamp, held) in live.drain() {
            assert_eq!(store.stamp(&held), stamp);
            store.free(held);
        }
        store.sweep();
    }
}

fn models<F: Family>() {
    model::<Tombstone, <F as Offers<Tombstone>>::Store>(1);
    model::<Header, <F as Offers<Header>>::Store>(2);
    model::<Node, <F as Offers<Node>>::Store>(3);
    model::<Record, <F as Offers<Record>>::Store>(4);
}

/// Values that two threads put in or hand over, each.
const MANY: u64 = 20_000;

/// Two threads put in and free at the same time; each finds its own values only.
fn contended<T: Item, S: Shared<T>>() {
    let stores = S::several(4 * LIVE, 2);
    assert_eq!(stores.len(), 2);
    thread::scope(|scope| {
        for (mut store, thread) in stores.into_iter().zip(0_u64..) {
            scope.spawn(move || {
                let mut random = Random::new(thread);
                let mut live: Vec<(u64, S::Held)> = Vec::new();
                for number in 0..MANY {
                    let stamp = number * 2 + thread;
                    live.push((stamp, store.put(T::new(stamp))));
                    while live.len() >= LIVE || random.below(4) == 0 && !live.is_empty() {
                        let (stamp, held) = live.swap_remove(random.below(live.len()));
                        assert_eq!(store.stamp(&held), stamp);
                        store.free(held);
                    }
                }
                for (stamp, held) in live {
                    assert_eq!(store.stamp(&held), stamp);
                    store.free(held);
                }
            });
        }
    });
}

/// One thread puts in, another finds what was put in, in order, and frees it.
fn handed<T: Item, S: Shared<T>>() {
    let mut stores = S::several(2 * LIVE, 2).into_iter();
    let (mut first, mut second) = (stores.next().unwrap(), stores.next().unwrap());
    let (sender, receiver) = mpsc::sync_channel(LIVE);
    thread::scope(|scope| {
        scope.spawn(move || {
            for stamp in 0..MANY {
                let sent = sender.send(first.put(T::new(stamp)));
                assert!(sent.is_ok(), "the other thread has gone");
            }
        });
        let mut expected = 0;
        for held in receiver {
            assert_eq!(second.stamp(&held), expected);
            second.free(held);
            expected += 1;
        }
        assert_eq!(expected, MANY);
    });
}

fn both<F: SharedFamily>() {
    contended::<Tombstone, <F as OffersShared<Tombstone>>::Contended>();
    contended::<Header, <F as OffersShared<Header>>::Contended>();
    contended::<Node, <F as OffersShared<Node>>::Contended>();
    contended::<Record, <F as OffersShared<Record>>::Contended>();
    handed::<Tombstone, <F as OffersShared<Tombstone>>::Handed>();
    handed::<Header, <F as OffersShared<Header>>::Handed>();
    handed::<Node, <F as OffersShared<Node>>::Handed>();
    handed::<Record, <F as OffersShared<Record>>::Handed>();
}

macro_rules! of_one_thread {
    ($($test:ident $Family:ty;)+) => {
        $(#[test] fn $test() { models::<$Family>(); })+
    };
}

macro_rules! of_two_threads {
    ($($test:ident $Family:ty;)+) => {
        $(#[test] fn $test() { both::<$Family>(); })+
    };
}

of_one_thread! {
    boxes_keep_what_they_hold Boxes;
    our_pools_keep_what_they_hold Pools;
    slab_keeps_what_it_holds keys::Slab;
    slotmap_keeps_what_it_holds keys::Slotmap;
    sharded_slab_keeps_what_it_holds keys::ShardedSlab;
    typed_arena_keeps_what_it_holds arenas::TypedArena;
    bumpalo_keeps_what_it_holds arenas::Bumpalo;
    object_pool_keeps_what_it_holds objects::ObjectPool;
    lockfree_object_pool_keeps_what_it_holds objects::LockfreeObjectPool;
    opool_keeps_what_it_holds objects::Opool;
    plurality_keeps_what_it_holds slots::Plurality;
    infinity_pool_keeps_what_it_holds slots::InfinityPool;
    heapless_keeps_what_it_holds blocks::Heapless;
}

of_two_threads! {
    boxes_are_shared Boxes;
    our_pools_are_shared Pools;
    sharded_slab_is_shared keys::ShardedSlab;
    object_pool_is_shared objects::ObjectPool;
    lockfree_object_pool_is_shared objects::LockfreeObjectPool;
    opool_is_shared objects::Opool;
    plurality_is_shared slots::Plurality;
    infinity_pool_is_shared slots::InfinityPool;
    heapless_is_shared blocks::Heapless;
}
