//! The fourth seed's two tests: 1,000 items with 500 freed at random and 200 more allocated, and a million cycles.

use std::collections::{BTreeMap, BTreeSet};

use sydra_pool::{Refusal, StaticBox, StaticPool};
use tests::rng::Rng;

/// An item that knows its number and carries it twice, far apart.
#[derive(Debug)]
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
        assert_eq!((self.number, self.again), (number, number));
        assert_eq!(self.body, [!number; 5]);
    }
}

const ITEMS: usize = if cfg!(miri) { 20 } else { 1_000 };

fn address(item: &StaticBox<Item>) -> usize {
    StaticBox::as_ptr(item).addr()
}

/// Every address is unique, no two items overlap, none is lost.
fn check_all(live: &BTreeMap<u64, StaticBox<Item>>) {
    let addresses: BTreeSet<usize> = live.values().map(address).collect();
    assert_eq!(addresses.len(), live.len(), "an address twice");
    for (low, high) in addresses.iter().zip(addresses.iter().skip(1)) {
        assert!(high - low >= size_of::<Item>(), "items overlap");
    }
    for (&number, item) in live {
        item.check(number);
    }
}

#[test]
fn a_thousand_items_half_of_them_freed_at_random() {
    static POOL: StaticPool<Item, ITEMS> = StaticPool::new();
    let mut rng = Rng::announced("a_thousand_items_half_of_them_freed_at_random");
    let take = |number| POOL.try_box(Item::new(number)).expect("not all are out");
    let mut live: BTreeMap<u64, _> = (0..ITEMS as u64).map(|at| (at, take(at))).collect();
    check_all(&live);
    let refused = POOL.try_box(Item::new(7)).expect_err("all are out");
    assert_eq!(refused.reason(), Refusal::Full);
    refused.into_inner().check(7);
    assert_eq!((POOL.len(), POOL.available()), (ITEMS, 0));

    let mut numbers: Vec<u64> = live.keys().copied().collect();
    rng.shuffle(&mut numbers);
    let freed: BTreeSet<usize> = numbers
        .drain(..ITEMS / 2)
        .map(|number| address(&live.remove(&number).expect("each is freed once")))
        .collect();
    assert_eq!((POOL.len(), POOL.available()), (ITEMS / 2, ITEMS / 2));
    check_all(&live);

    for number in (ITEMS as u64..).take(ITEMS / 5) {
        let item = take(number);
        assert!(freed.contains(&address(&item)), "a block out of nowhere");
        live.insert(number, item);
    }
    check_all(&live);
    assert_eq!(POOL.len(), ITEMS / 2 + ITEMS / 5);
    assert_eq!(POOL.high_water(), ITEMS);

    live.clear();
    assert!(POOL.is_empty());
    let all: Vec<_> = (0..ITEMS as u64).map(take).collect();
    assert_eq!(all.len(), ITEMS, "a block is lost");
}

#[test]
fn a_million_cycles_leave_no_hole() {
    const BLOCKS: usize = if cfg!(miri) { 8 } else { 64 };
    const CYCLES: usize = if cfg!(miri) { 60 } else { 1_000_000 };
    static POOL: StaticPool<Item, BLOCKS> = StaticPool::new();
    let mut rng = Rng::announced("a_million_cycles_leave_no_hole");
    let mut places: [Option<StaticBox<Item>>; BLOCKS] = [const { None }; BLOCKS];
    let mut live = 0;
    for cycle in 0..CYCLES as u64 {
        let place = &mut places[rng.below(BLOCKS)];
        match place.take() {
            Some(item) => {
                item.check(item.number);
                live -= 1;
            }
            None => {
                *place = Some(
                    POOL.try_box(Item::new(cycle))
                        .expect("fewer than N are out"),
                );
                live += 1;
            }
        }
        debug_assert_eq!(POOL.len(), live);
    }
    places.fill_with(|| None);
    assert_eq!((POOL.len(), POOL.available()), (0, BLOCKS));
    let all: Vec<_> = (0..)
        .map_while(|at| POOL.try_box(Item::new(at)).ok())
        .collect();
    assert_eq!(all.len(), BLOCKS);
}
