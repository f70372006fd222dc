//! Rows 1-3, 20-22, 26, 27, 33: the route is a function of the layout.

use std::collections::BTreeSet;
use std::thread;

use sydra_pool::{PoolBox, Pooled, SydraPool, pool};
use tests::block::{Block, Door};
use tests::op::{Op, layout};
use tests::play::play;

static GLOBAL: SydraPool = SydraPool::new();

/// A layout of every route: small class, aligned class, the largest class, the fallback for size,
/// the fallback for alignment.
const ROUTES: [(usize, u8); 7] = [
    (8, 0),
    (24, 3),
    (100, 4),
    (4_096, 12),
    (32 << 10, 3),
    ((32 << 10) + 1, 3),
    (100, 13),
];

/// Row 1: nothing points at the pool's value, so it may move between any two calls.
#[test]
fn row_01_a_moved_pool_works() {
    let here = SydraPool::<sydra_pool::DefaultConfig>::new();
    let boxed = Box::new(here);
    let door = Door::new(&*boxed);
    let mut block = door.take(layout(40, 3)).expect("memory");
    block.fill(1);
    let there = *boxed;
    let door = Door::new(&there);
    let mut second = door.take(layout(40, 3)).expect("memory");
    second.fill(2);
    assert_ne!(block.address(), second.address());
    assert_eq!(
        (block.first_stray(1, 40), second.first_stray(2, 40)),
        (None, None)
    );
    door.give(block);
    let moved = thread::spawn(move || {
        Door::new(&there).give(second);
        there
    });
    let there = moved.join().expect("a pool may move to another thread");
    play(
        &there,
        [Op::Alloc {
            slot: 0,
            size: 40,
            log_align: 3,
        }],
    )
    .expect("and work there");
    const _: SydraPool = SydraPool::new();
}

/// Row 2: what lies before a block is not a header, whatever it looks like; and a block freed by
/// another thread through another value of the pool's type finds its way.
#[test]
fn row_02_the_bytes_before_a_block_mean_nothing() {
    let door = Door::new(&GLOBAL);
    for (size, log_align) in ROUTES {
        for garbage in [0, u64::MAX, 0x5AB_C0DE, GLOBAL_ADDRESS_LIKE] {
            let mut blocks: Vec<Block<SydraPool>> = (0..24)
                .map(|_| door.take(layout(size, log_align)).expect("memory"))
                .collect();
            // Every block, and so what lies before its successor, is full of the garbage.
            blocks.iter_mut().for_each(|block| block.fill(garbage));
            let odd = blocks.split_off(12);
            blocks.into_iter().for_each(|block| door.give(block));
            thread::spawn(move || {
                let other = SydraPool::new();
                odd.into_iter()
                    .for_each(|block| Door::new(&other).give(block));
            })
            .join()
            .expect("every block finds its way");
        }
    }
}

/// Looks like a pointer to somewhere.
const GLOBAL_ADDRESS_LIKE: u64 = 0x0000_7FFF_FFFF_F000;

/// Row 2: every pair of routes by resize, with the contents kept.
#[test]
fn row_02_every_pair_of_routes() {
    for (from, log_align) in ROUTES {
        for (to, _) in ROUTES {
            let ops = [
                Op::Alloc {
                    slot: 0,
                    size: from,
                    log_align,
                },
                Op::Alloc {
                    slot: 1,
                    size: to,
                    log_align,
                },
                Op::Realloc { slot: 0, size: to },
                Op::Realloc {
                    slot: 1,
                    size: from,
                },
                Op::Verify { slot: 0 },
                Op::Free { slot: 1 },
                Op::AllocZeroed {
                    slot: 2,
                    size: from,
                    log_align,
                },
                Op::Realloc { slot: 2, size: to },
            ];
            play(&GLOBAL, ops).unwrap_or_else(|fault| panic!("{from} to {to}: {fault:?}"));
        }
    }
}

/// Row 3: a resize within the class keeps the place, one beyond it moves the contents.
#[test]
fn row_03_growing_decides_by_route() {
    let door = Door::new(&GLOBAL);
    let mut block = door.take(layout(57, 3)).expect("memory");
    block.fill(3);
    let place = block.address();
    for size in [58, 64, 60, 57, 64] {
        block = door.resize(block, size).expect("memory");
        assert_eq!(block.address(), place, "{size} bytes are the same class");
    }
    assert_eq!(block.first_stray(3, 57), None);
    block.fill(3);
    block = door.resize(block, 65).expect("memory");
    assert_ne!(block.address(), place, "65 bytes are the next class");
    assert_eq!(block.first_stray(3, 64), None);
    door.give(block);
}

/// Row 3: a vector of bytes grows from 1 to 10,000, as `Vec` would and byte by byte.
#[test]
fn row_03_a_vector_grows_from_1_to_10_000() {
    let most = if cfg!(miri) { 100 } else { 10_000 };
    let door = Door::new(&GLOBAL);
    for step in [1, 7] {
        let mut block = door.take(layout(1, 0)).expect("memory");
        block.fill(5);
        let mut size = 1;
        while size < most {
            block = door.resize(block, size + step).expect("memory");
            assert_eq!(block.first_stray(5, size), None, "{size}");
            block.fill_from(5, size);
            size += step;
        }
        door.give(block);
    }
}

/// Row 20: a request that misses its class is served elsewhere, and its free goes there too.
/// The sweep in `faults` does this for every request; here the one that matters: the slabs run out.
#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn row_20_a_missed_request_is_freed_where_it_was_served() {
    use sydra_pool::__private::v1::faults;
    use tests::child::Apart;

    let apart = Apart::new(
        "routes::row_20_a_missed_request_is_freed_where_it_was_served",
        |first| {
            let first: u64 = first.parse().expect("a number");
            let door = Door::new(&GLOBAL);
            let take = |mark: u64| {
                let mut block = door.take(layout(200, 3)).expect("the fallback serves");
                block.fill(mark);
                block
            };
            let mut blocks: Vec<_> = (0..500).map(take).collect();
            // Just the next slab is refused: the backing allocator, asked after it, still gives.
            for round in 0..20 {
                faults::refuse_only(first);
                blocks.extend((0..500).map(|number| take(500 * (round + 1) + number)));
            }
            faults::allow_all();
            let missed = GLOBAL.snapshot().fallback.refill_failed;
            assert!(missed > 0, "no request missed: the test saw nothing");
            for (mark, block) in blocks.into_iter().enumerate() {
                assert_eq!(block.first_stray(mark as u64, 200), None);
                door.give(block);
            }
            GLOBAL.trim();
            drop(
                (0..20_000)
                    .map(take)
                    .map(|block| door.give(block))
                    .collect::<Vec<_>>(),
            );
        },
    );
    // A slab needs two requests when a chunk is used up: for its record and for its memory.
    for first in 0..2 {
        apart.run(first).succeeded();
    }
}

/// Row 21: class and geometry are constants of the type; nothing is searched.
/// `codegen` reads in the assembly that the class of a run-time size is not searched either.
#[test]
fn row_21_the_class_comes_from_a_table() {
    #[derive(Pooled)]
    struct Odd(#[expect(dead_code, reason = "gives the value a size")] [u8; 72]);
    assert_eq!(pool::<Odd>().geometry().stride, 72);
    // The class of a layout is that of all layouts of its class: their blocks trade places.
    let door = Door::new(&GLOBAL);
    let block = door.take(layout(121, 3)).expect("memory");
    let place = block.address();
    door.give(block);
    let again = door.take(layout(128, 4)).expect("memory");
    assert_eq!(again.address(), place, "121 and 128 bytes are one class");
    door.give(again);
}

/// Row 26: no header, so the blocks of a slab lie side by side.
#[test]
fn row_26_no_header() {
    fn smallest_gap<T: Pooled>(make: impl Fn() -> T) -> usize {
        let boxes: Vec<_> = (0..200).map(|_| PoolBox::new(make())).collect();
        let places: BTreeSet<usize> = boxes
            .iter()
            .map(|boxed| PoolBox::as_ptr(boxed).addr())
            .collect();
        let gaps = places
            .iter()
            .zip(places.iter().skip(1))
            .map(|(low, high)| high - low);
        gaps.min().expect("more than one block")
    }
    #[derive(Pooled)]
    struct Sixteen(#[expect(dead_code, reason = "gives the value a size")] [u64; 2]);
    #[derive(Pooled)]
    struct TwentyFour(#[expect(dead_code, reason = "gives the value a size")] [u64; 3]);
    assert_eq!(smallest_gap(|| Sixteen([0; 2])), 16);
    assert_eq!(smallest_gap(|| TwentyFour([0; 3])), 24);
    let door = Door::new(&GLOBAL);
    let blocks: Vec<_> = (0..200)
        .map(|_| door.take(layout(16, 3)).expect("memory"))
        .collect();
    let places: BTreeSet<usize> = blocks.iter().map(Block::address).collect();
    assert!(
        places
            .iter()
            .zip(places.iter().skip(1))
            .any(|(low, high)| high - low == 16)
    );
    blocks.into_iter().for_each(|block| door.give(block));
}

/// Row 33: the smallest requests have room of their own.
#[test]
fn row_33_nothing_is_smaller_than_its_class() {
    let sizes = 1..=17;
    let ops = sizes.clone().flat_map(|size| {
        let slot = size as u8;
        [
            Op::Alloc {
                slot,
                size,
                log_align: 0,
            },
            Op::Alloc {
                slot: slot + 100,
                size,
                log_align: 0,
            },
        ]
    });
    let again = sizes.clone().map(|size| Op::Write { slot: size as u8 });
    let check = sizes.map(|size| Op::Verify {
        slot: size as u8 + 100,
    });
    play(&GLOBAL, ops.chain(again).chain(check)).expect("no block reaches into its neighbour");
}
