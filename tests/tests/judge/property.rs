//! Shrinkable sequences of operations on every heap of this project.
//!
//! A failing sequence is printed in its smallest form, with the seed that found it.

use std::alloc::{GlobalAlloc, System};
use std::sync::{Mutex, PoisonError};

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use sydra_pool::{Settings, SydraAlloc, SydraPool, TypePool, pool};
use tests::allocator_heap::AllocatorHeap;
use tests::judge::Judge;
use tests::op::{Op, Taste};
use tests::play::{Company, play, play_random};
use tests::rng::{Rng, announced_seed, mix};
use tests::typed_heap::rooms::Room256;
use tests::typed_heap::{ClassHeap, TypedHeap, counts_of};
use tests::verdict::{Counted, Counts, compare};

const CASES: u32 = if cfg!(miri) { 1 } else { 300 };
/// Weight of the small sizes; under Miri every byte that is filled and checked costs.
const SMALL: u32 = if cfg!(miri) { 60 } else { 4 };
const LONGEST: usize = if cfg!(miri) { 40 } else { 400 };
/// The one sequence that Miri plays shall do something.
const SHORTEST: usize = if cfg!(miri) { 20 } else { 0 };

/// One test at a time: the figures of typed pools belong to the process.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> impl Drop {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The seed's own class table, no magazines to speak of, and every block poisoned when freed.
#[derive(Debug)]
struct SeedsTable;

impl sydra_pool::Config for SeedsTable {
    const SETTINGS: Settings = Settings::new()
        .classes(&[16, 24, 32, 48, 64, 96, 128, 192, 256])
        .poison(true);
}

static DEFAULT: SydraPool = SydraPool::new();
static SEEDS_TABLE: SydraPool<SeedsTable> = SydraPool::new();

static ALLOCATOR: AllocatorHeap<SydraAlloc> = AllocatorHeap(SydraAlloc);

/// Sizes that lean on the boundaries of classes, slabs and routes.
fn size() -> impl Strategy<Value = usize> + Clone {
    prop_oneof![
        SMALL => 1_usize..=300,
        2 => 1_usize..=5_000,
        1 => 1_usize..=80_000,
        3 => (0_u32..=16, 0_usize..=2).prop_map(|(log, off)| ((1_usize << log) + off).max(2) - 1),
        1 => (1_usize..=40, 0_usize..=2).prop_map(|(eighth, off)| eighth * 1024 + off - 1),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let slot = 0_u8..24;
    let log_align = prop_oneof![6 => 0_u8..=4, 2 => 5_u8..=8, 1 => 9_u8..=13];
    let fresh = (slot.clone(), size(), log_align);
    prop_oneof![
        6 => fresh.clone().prop_map(|(slot, size, log_align)| Op::Alloc { slot, size, log_align }),
        2 => fresh.prop_map(|(slot, size, log_align)| Op::AllocZeroed { slot, size, log_align }),
        4 => slot.clone().prop_map(|slot| Op::Free { slot }),
        3 => (slot.clone(), size()).prop_map(|(slot, size)| Op::Realloc { slot, size }),
        1 => slot.clone().prop_map(|slot| Op::Write { slot }),
        1 => slot.prop_map(|slot| Op::Verify { slot }),
        1 => Just(Op::Verify { slot: 0 }),
    ]
}

/// Every sequence passes the judge on `heap`.
fn holds<A: GlobalAlloc>(name: &str, heap: &A) {
    let seed = announced_seed(name);
    let mut bytes = [0; 16];
    for (index, part) in bytes.chunks_mut(8).enumerate() {
        part.copy_from_slice(&mix(seed.wrapping_add(index as u64)).to_le_bytes());
    }
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    // Not proptest's own choice, ChaCha: that is a third of the work when an interpreter does it.
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&vec(op(), SHORTEST..LONGEST), |ops| {
        play(heap, ops)
            .map(|_| ())
            .map_err(|fault| proptest::test_runner::TestCaseError::fail(format!("{fault:?}")))
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, ops)) => panic!("{name}: {reason} after {ops:#?}"),
        Err(other) => panic!("{name}: {other}"),
    }
}

#[test]
fn sequences_on_the_system() {
    holds("sequences_on_the_system", &System);
}

#[test]
fn sequences_on_the_global_door() {
    let _alone = alone();
    holds("sequences_on_the_global_door", &DEFAULT);
}

#[test]
fn sequences_on_the_seeds_table() {
    let _alone = alone();
    holds("sequences_on_the_seeds_table", &SEEDS_TABLE);
}

#[test]
fn sequences_on_typed_pools() {
    let _alone = alone();
    holds("sequences_on_typed_pools", &TypedHeap);
}

#[test]
fn sequences_on_shared_classes() {
    let _alone = alone();
    holds("sequences_on_shared_classes", &ClassHeap);
}

#[test]
fn sequences_on_the_allocator() {
    let _alone = alone();
    holds("sequences_on_the_allocator", &ALLOCATOR);
}

/// Rooms of 256 bytes at 256, and the classes for the rest.
#[test]
fn sequences_on_a_types_pool_as_allocator() {
    let _alone = alone();
    let before = counts_of::<Room256>();
    let heap: AllocatorHeap<TypePool<Room256>> = AllocatorHeap(pool());
    holds("sequences_on_a_types_pool_as_allocator", &heap);
    let done = counts_of::<Room256>().since(before);
    assert!(done.allocations > 0 && done.allocations == done.frees);
}

/// The heap's figures are what the judge did, also while blocks are out. For sequences without
/// resizes, which may or may not move, and for layouts that have a pool.
fn counts_exactly<A: GlobalAlloc>(name: &str, heap: &A, counts: impl Fn() -> Counts) {
    let mut rng = Rng::announced(name);
    let steps = if cfg!(miri) { 80 } else { 20_000 };
    let taste = Taste {
        slots: 60,
        max_size: 1024,
        max_log_align: 3,
    };
    let (start, mut judge) = (counts(), Judge::new(heap));
    for step in 0..steps {
        let op = taste.draw(&mut rng);
        if matches!(op, Op::Realloc { .. }) {
            continue;
        }
        judge.step(op).expect("the heap keeps its promises");
        if step % (steps / 10) == 0 {
            compare(judge.counts(), counts().since(start)).expect("exact figures on the way");
        }
    }
    let done = judge.close().expect("the heap keeps its promises");
    compare(done, counts().since(start)).expect("exact figures at the end");
}

#[test]
fn typed_pools_count_what_the_judge_did() {
    let _alone = alone();
    let name = "typed_pools_count_what_the_judge_did";
    counts_exactly(name, &TypedHeap, || TypedHeap.counts());
}

// With `shadow` no block is a class's.
#[cfg(not(feature = "shadow"))]
#[test]
fn classes_count_what_the_judge_did() {
    let _alone = alone();
    let counts = || {
        let mut sum = Counts::default();
        for class in DEFAULT.snapshot().classes {
            sum.allocations += class.allocations;
            sum.frees += class.frees;
            sum.live += class.live;
        }
        sum
    };
    counts_exactly("classes_count_what_the_judge_did", &DEFAULT, counts);
}

fn company(name: &str) -> Company {
    let steps = if cfg!(miri) { 20 } else { 6_000 };
    let threads = if cfg!(miri) { 3 } else { 6 };
    Company {
        threads,
        rounds: 3,
        steps,
        taste: Taste::SMALL,
        seed: announced_seed(name),
    }
}

#[test]
fn threads_hand_blocks_around_on_the_global_door() {
    let _alone = alone();
    let name = "threads_hand_blocks_around_on_the_global_door";
    let done = company(name)
        .play(&DEFAULT)
        .expect("the global door keeps its promises");
    assert_eq!((done.allocations, done.live), (done.frees, 0));
}

#[test]
fn threads_hand_blocks_around_on_typed_pools() {
    let _alone = alone();
    let name = "threads_hand_blocks_around_on_typed_pools";
    let start = TypedHeap.counts();
    company(name)
        .play(&TypedHeap)
        .expect("typed pools keep their promises");
    let found = TypedHeap.counts().since(start);
    assert_eq!(found.live, 0);
    assert_eq!(found.allocations, found.frees);
}

#[test]
fn threads_hand_blocks_around_on_shared_classes() {
    let _alone = alone();
    let name = "threads_hand_blocks_around_on_shared_classes";
    company(name)
        .play(&ClassHeap)
        .expect("shared classes keep their promises");
}

#[test]
fn threads_hand_blocks_around_on_the_allocator() {
    let _alone = alone();
    let name = "threads_hand_blocks_around_on_the_allocator";
    let done = company(name)
        .play(&ALLOCATOR)
        .expect("the allocator keeps its promises");
    assert_eq!((done.allocations, done.live), (done.frees, 0));
}

#[test]
fn a_wide_taste_crosses_every_route() {
    let _alone = alone();
    let mut rng = Rng::announced("a_wide_taste_crosses_every_route");
    let steps = if cfg!(miri) { 60 } else { 20_000 };
    play_random(&DEFAULT, Taste::WIDE, steps, &mut rng).expect("every route keeps its promises");
}
