//! The fourth seed's two tests, on the typed pool: 1,000 items with 500 freed at random and 200 more
//! allocated, and a million cycles that must leave no holes.

use std::collections::{BTreeMap, BTreeSet};

use sydra_pool::{PoolBox, Pooled, pool};
use tests::rng::Rng;

/// An item that knows its number and carries it twice, far apart.
#[derive(Pooled)]
struct Item {
    number: u64,
    body: [u64; 5],
    again: u64,
}

impl Item {
    fn new(number: u64) -> Self {
        Self {
            number,
            body: [!number; 5],
            again: number,
        }
    }

    fn check(&self, number: u64) {
        assert_eq!(self.number, number);
        assert_eq!(self.body, [!number; 5]);
        assert_eq!(self.again, number);
    }
}

const ITEMS: usize = if cfg!(miri) { 100 } else { 1_000 };

fn address<T: Pooled>(item: &PoolBox<T>) -> usize {
    PoolBox::as_ptr(item).addr()
}

/// Every address is unique, no two items overlap, none is lost.
fn check_all(live: &BTreeMap<u64, PoolBox<Item>>) {
    let addresses: BTreeSet<usize> = live.values().map(address).collect();
    assert_eq!(
        addresses.len(),
        live.len(),
        "an address was handed out twice"
    );
    let apart = addresses.iter().zip(addresses.iter().skip(1));
    for (low, high) in apart {
        assert!(
            high - low >= size_of::<Item>(),
            "items at {low:x} and {high:x} overlap"
        );
    }
    for (&number, item) in live {
        item.check(number);
    }
}

#[test]
fn a_thousand_items_half_of_them_freed_at_random() {
    let mut rng = Rng::announced("a_thousand_items_half_of_them_freed_at_random");
    let before = pool::<Item>().stats();
    let mut live = BTreeMap::new();
    for number in 0..ITEMS as u64 {
        live.insert(number, PoolBox::new(Item::new(number)));
    }
    check_all(&live);

    let mut numbers: Vec<u64> = live.keys().copied().collect();
    rng.shuffle(&mut numbers);
    let mut freed = BTreeSet::new();
    for number in numbers.drain(..ITEMS / 2) {
        let item = live.remove(&number).expect("each number is freed once");
        freed.insert(address(&item));
    }
    check_all(&live);

    let (more, mut reused) = (ITEMS / 5, 0);
    for number in (ITEMS as u64..).take(more) {
        let item = PoolBox::new(Item::new(number));
        reused += usize::from(freed.remove(&address(&item)));
        live.insert(number, item);
    }
    check_all(&live);
    assert_eq!(reused, more, "freed blocks are used before new ones");
    let during = pool::<Item>().stats();
    assert_eq!(during.live - before.live, (ITEMS - ITEMS / 2 + more) as u64);

    drop(live);
    let after = pool::<Item>().stats();
    assert_eq!(after.live, before.live, "nothing is lost");
    assert_eq!(
        after.allocations - before.allocations,
        (ITEMS + more) as u64
    );
    assert_eq!(after.frees - before.frees, (ITEMS + more) as u64);
}

/// What the fragmentation test stores; a type of its own, so that its figures are its own.
#[derive(Pooled)]
struct Fragment {
    number: u64,
    check: [u64; 7],
}

#[test]
fn a_million_cycles_leave_no_holes() {
    let mut rng = Rng::announced("a_million_cycles_leave_no_holes");
    let cycles = if cfg!(miri) { 200 } else { 1_000_000 };
    let places = if cfg!(miri) { 40 } else { 5_000 };
    let slabs = || -> u64 {
        let snapshot = sydra_pool::snapshot();
        let buckets = snapshot
            .buckets
            .iter()
            .filter(|bucket| bucket.pool == "Fragment");
        buckets.map(|bucket| bucket.slabs).sum()
    };
    let fresh = |number| {
        PoolBox::new(Fragment {
            number,
            check: [number; 7],
        })
    };
    let mut live: Vec<PoolBox<Fragment>> = (0..places).map(|number| fresh(number as u64)).collect();
    let mut seen: BTreeSet<usize> = live.iter().map(address).collect();
    for cycle in 0..cycles {
        let place = rng.below(places);
        let fragment = fresh(cycle);
        let old = std::mem::replace(&mut live[place], fragment);
        assert_eq!(old.check, [old.number; 7]);
        if cycle % 64 == 0 {
            seen.insert(address(&live[place]));
        }
    }
    let geometry = pool::<Fragment>().geometry();
    // One block more than the places is alive at a time; caches may hold some batches of others.
    let cached = geometry.magazine + geometry.depot_batches * geometry.batch;
    let least = places + 1;
    let most = (least + cached).next_multiple_of(geometry.slab_blocks) + geometry.slab_blocks;
    assert!(
        seen.len() <= most,
        "{} addresses served {least} blocks, at most {most} expected",
        seen.len()
    );
    for fragment in &live {
        assert_eq!(fragment.check, [fragment.number; 7]);
    }
    assert_eq!(pool::<Fragment>().live(), places as u64);
    assert!(
        slabs() * geometry.slab_blocks as u64 <= most as u64,
        "{} slabs for {least} blocks",
        slabs()
    );
    drop(live);
    assert_eq!(pool::<Fragment>().live(), 0);
    pool::<Fragment>().trim();
    assert_eq!(slabs(), 0, "no hole keeps a slab");
}
