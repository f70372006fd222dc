//! The fourth seed's two tests on the allocator: 1,000 items with 500 freed at random and 200 more
//! allocated, and a million cycles that must leave no holes.

use std::collections::{BTreeMap, BTreeSet};

use allocator_api2::boxed::Box;
use sydra_pool::{SydraAlloc, trim};
use tests::rng::Rng;

use crate::{alone, classes};

/// An item that knows its number and carries it twice, far apart.
struct Item {
    number: u64,
    body: [u64; 5],
    again: u64,
}

type Owned = Box<Item, SydraAlloc>;

fn item(number: u64) -> Owned {
    let item = Item {
        number,
        body: [!number; 5],
        again: number,
    };
    Box::new_in(item, SydraAlloc)
}

fn address(item: &Owned) -> usize {
    std::ptr::from_ref::<Item>(item).addr()
}

/// Every address is unique, no two items overlap, none is lost.
fn check_all(live: &BTreeMap<u64, Owned>) {
    let addresses: BTreeSet<usize> = live.values().map(address).collect();
    assert_eq!(
        addresses.len(),
        live.len(),
        "an address was handed out twice"
    );
    for (low, high) in addresses.iter().zip(addresses.iter().skip(1)) {
        assert!(
            high - low >= size_of::<Item>(),
            "items at {low:x} and {high:x} overlap"
        );
    }
    for (&number, item) in live {
        assert_eq!((item.number, item.again), (number, number));
        assert_eq!(item.body, [!number; 5]);
    }
}

#[test]
fn a_thousand_items_half_of_them_freed_at_random() {
    let _alone = alone();
    let items = if cfg!(miri) { 50 } else { 1_000 };
    let mut rng = Rng::announced("allocator_a_thousand_items");
    let before = classes();
    let mut live: BTreeMap<u64, Owned> = (0..items).map(|number| (number, item(number))).collect();
    check_all(&live);

    let mut numbers: Vec<u64> = live.keys().copied().collect();
    rng.shuffle(&mut numbers);
    let mut freed = BTreeSet::new();
    for number in numbers.drain(..items as usize / 2) {
        let item = live.remove(&number).expect("each number is freed once");
        freed.insert(address(&item));
    }
    check_all(&live);

    let (more, mut reused) = (items / 5, 0);
    for number in items..items + more {
        let item = item(number);
        reused += u64::from(freed.remove(&address(&item)));
        live.insert(number, item);
    }
    check_all(&live);
    assert_eq!(reused, more, "freed blocks are used before new ones");
    assert_eq!(classes().0 - before.0, items - items / 2 + more);
    drop(live);
    assert_eq!(
        classes(),
        (before.0, before.1 + items + more),
        "nothing is lost"
    );
}

/// Slabs of all classes.
fn slabs() -> u64 {
    let snapshot = sydra_pool::snapshot();
    let buckets = snapshot
        .buckets
        .iter()
        .filter(|bucket| bucket.pool.is_empty());
    buckets.map(|bucket| bucket.slabs).sum()
}

#[test]
fn a_million_cycles_do_not_grow() {
    let _alone = alone();
    let mut rng = Rng::announced("allocator_a_million_cycles");
    let (cycles, places) = if cfg!(miri) {
        (80, 20)
    } else {
        (1_000_000, 5_000)
    };
    let sizes = [24_usize, 56, 100, 300];
    let fresh = |number: u64| {
        let mut bytes = allocator_api2::vec::Vec::new_in(SydraAlloc);
        bytes.resize(sizes[number as usize % sizes.len()], number as u8);
        bytes
    };
    trim();
    let before = (classes().0, slabs());
    let mut live: Vec<_> = (0..places as u64).map(fresh).collect();
    let mut most = 0;
    for cycle in 0..cycles {
        let place = rng.below(places);
        let old = std::mem::replace(&mut live[place], fresh(cycle));
        assert!(old.iter().all(|&byte| byte == old[0]));
        // Half-way through the heap is as aged as it gets.
        if cycle * 2 == cycles {
            most = slabs();
        }
    }
    assert_eq!(classes().0 - before.0, places as u64);
    // The classes' shares of the places wander a little: a slab more for each of the four.
    assert!(slabs() <= most + 4, "{} slabs after {most}", slabs());
    drop(live);
    trim();
    assert_eq!(classes().0, before.0);
    // The tests before this one may just have given theirs back.
    assert!(slabs() <= before.1, "no hole keeps a slab");
}
