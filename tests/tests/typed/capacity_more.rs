//! `capacity`: the torture of the design's fixed pool, the figures, trait objects, values without size.

use std::any::Any;
use std::collections::HashSet;

use sydra_pool::{PoolArc, PoolBox, Pooled, Refusal, coerce, pool};
use tests::child::Apart;
use tests::rng::Rng;

#[derive(Debug, PartialEq, Pooled)]
#[pooled(capacity = 1000)]
struct Item {
    number: u64,
    twice: u64,
}

fn item(number: u64) -> PoolBox<Item> {
    let twice = number * 2;
    PoolBox::try_new(Item { number, twice }).expect("room")
}

fn address<T>(boxed: &PoolBox<T>) -> usize
where
    T: Pooled,
{
    PoolBox::as_ptr(boxed).addr()
}

#[test]
fn a_thousand_items_half_of_them_freed_at_random() {
    let outcome = Apart::new(
        "capacity_more::a_thousand_items_half_of_them_freed_at_random",
        |_| {
            let mut rng = Rng::new(7);
            let mut items: Vec<_> = (0..1_000).map(item).collect();
            let first: HashSet<usize> = items.iter().map(address).collect();
            assert_eq!(first.len(), 1_000, "every pointer is unique");
            for _ in 0..500 {
                let freed = items.swap_remove(rng.below(items.len()));
                assert_eq!(freed.twice, freed.number * 2);
            }
            items.extend((1_000..1_200).map(item));
            let now: HashSet<usize> = items.iter().map(address).collect();
            assert_eq!(now.len(), 700, "every pointer is unique");
            assert!(now.is_subset(&first), "no block but the thousand");
            assert!(items.iter().all(|item| item.twice == item.number * 2));
            assert_eq!(pool::<Item>().live(), 700);
            items.extend((0..300).map(item));
            assert!(
                PoolBox::try_new(Item {
                    number: 0,
                    twice: 0
                })
                .is_err()
            );
            drop(items);
            let stats = pool::<Item>().stats();
            assert_eq!((stats.live, stats.peak), (0, 1_000));
            assert_eq!((stats.allocations, stats.frees), (1_500, 1_500));
            assert_eq!(
                (1_200..2_200).map(item).collect::<Vec<_>>().len(),
                1_000,
                "nothing is lost"
            );
        },
    )
    .run("");
    outcome.succeeded();
}

#[test]
fn a_million_cycles_leave_no_hole() {
    #[derive(Pooled)]
    #[pooled(capacity = 64)]
    struct Cell(u64);
    let mut rng = Rng::new(11);
    let mut live: Vec<PoolBox<Cell>> = Vec::new();
    for cycle in 0..1_000_000_u64 {
        if live.len() < 64 && (live.is_empty() || rng.below(2) == 0) {
            live.push(
                PoolBox::try_new(Cell(cycle)).unwrap_or_else(|_| panic!("a hole at {cycle}")),
            );
        } else {
            let freed = live.swap_remove(rng.below(live.len()));
            assert!(freed.0 < cycle);
        }
    }
    drop(live);
    let all: Vec<_> = (0..64).map(|n| PoolBox::try_new(Cell(n))).collect();
    assert!(all.iter().all(Result::is_ok), "all 64 are there");
    assert_eq!(
        PoolBox::try_new(Cell(64)).err().map(|e| e.reason()),
        Some(Refusal::Full)
    );
}

#[test]
fn trait_objects_go_back_to_their_static() {
    #[derive(Debug, Pooled)]
    #[pooled(capacity = 2)]
    struct Pair(#[expect(dead_code, reason = "a value of some size")] [u64; 2]);
    #[derive(Debug, Pooled)]
    #[pooled(capacity = 2)]
    struct Nothing;
    for round in 0..10 {
        let pair = coerce!(PoolBox::new(Pair([round; 2])) => dyn Any + Send);
        let other = coerce!(PoolArc::new(Pair([round; 2])) => dyn Any + Send + Sync);
        let nothing = [(); 2].map(|()| coerce!(PoolBox::new(Nothing) => dyn Any + Send));
        assert!(
            PoolBox::try_new(Nothing).is_err(),
            "two, though they have no size"
        );
        let pair = pair.downcast::<Pair>().expect("a pair");
        let again = coerce!(pair => dyn Any + Send);
        let thread = std::thread::spawn(move || drop((again, other, nothing)));
        thread.join().expect("dropped elsewhere");
        assert_eq!((pool::<Pair>().live(), pool::<Nothing>().live()), (0, 0));
    }
}

#[test]
fn what_was_leaked_can_be_taken_back() {
    #[derive(Pooled)]
    #[pooled(capacity = 1, zero_on_free)]
    struct Only(u64);
    for round in 0..3 {
        let leaked = PoolBox::leak(PoolBox::new(Only(round)));
        leaked.0 += 1;
        assert!(PoolBox::try_new(Only(0)).is_err());
        // SAFETY: leaked above, taken back once.
        let back = unsafe { PoolBox::from_raw(leaked) };
        assert_eq!(back.0, round + 1);
    }
    assert_eq!(pool::<Only>().reserve(1).map_err(|e| e.reason()), Ok(()));
    assert_eq!(
        pool::<Only>().reserve(2).map_err(|e| e.reason()),
        Err(Refusal::Full)
    );
    assert_eq!(pool::<Only>().trim(), 0);
}

#[test]
fn the_snapshot_names_a_fixed_pool_from_its_first_value_on() {
    #[derive(Pooled)]
    #[pooled(capacity = 3, name = "three and no more")]
    struct Three(#[expect(dead_code, reason = "a value of some size")] u32);
    let seen = || {
        let taken = sydra_pool::snapshot();
        let found = taken
            .types
            .iter()
            .find(|one| one.name == "three and no more");
        found.map(|one| (one.live, one.peak, one.stride))
    };
    assert_eq!(seen(), None);
    let one = PoolBox::new(Three(1));
    assert_eq!(seen(), Some((1, 1, 16)), "4 bytes and a word behind them");
    drop(one);
    assert_eq!(seen(), Some((0, 1, 16)));
}

#[test]
fn new_aborts_when_all_are_in_use() {
    let outcome = Apart::new("capacity_more::new_aborts_when_all_are_in_use", |_| {
        #[derive(Pooled)]
        #[pooled(capacity = 1)]
        struct Only(#[expect(dead_code, reason = "a value of some size")] u64);
        let _one = PoolBox::new(Only(1));
        let _two = PoolBox::new(Only(2));
    })
    .run("");
    outcome.aborted("all 1 blocks of the fixed pool \"Only\" are in use");
}
