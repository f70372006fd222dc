//! Large blocks: above the largest class, in runs of units. Each test has a process of its own, for exact figures.
#![cfg(all(target_os = "linux", not(miri), not(feature = "shadow")))]

use core::alloc::GlobalAlloc;

use sydra_pool::__private::v1::faults;
use sydra_pool::LargeFigures;
use tests::block::Block;
use tests::child::Apart;
use tests::op::layout;
use tests::rng::Rng;

use super::{GLOBAL, SydraPool, door, fresh};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;
const UNIT: usize = 64 * KIB;

/// A unit behind each block keeps watch.
const GUARD: usize = if cfg!(feature = "paranoid") { UNIT } else { 0 };

fn figures() -> LargeFigures {
    GLOBAL.snapshot().large
}

fn counts(blocks: &[Block<SydraPool>]) -> (u64, u64, u64) {
    let sizes = blocks.iter().map(|block| block.layout().size());
    let units = sizes
        .clone()
        .map(|size| size.next_multiple_of(UNIT) + GUARD);
    (
        blocks.len() as u64,
        sizes.sum::<usize>() as u64,
        units.sum::<usize>() as u64,
    )
}

#[test]
fn from_the_largest_class_to_32_mib() {
    let name = "large::from_the_largest_class_to_32_mib";
    let apart = Apart::new(name, |_| {
        let sizes = [
            32 * KIB + 1,
            UNIT,
            UNIT + 1,
            1_000_000,
            2 * MIB + 1,
            32 * MIB,
        ];
        let blocks: Vec<_> = sizes
            .into_iter()
            .flat_map(|size| [(size, 0), (size, 12), (size, 16)])
            .map(|(size, log_align)| fresh(layout(size, log_align)))
            .collect();
        let (live, requested, bytes) = counts(&blocks);
        let is = figures();
        assert_eq!((is.live, is.requested, is.bytes), (live, requested, bytes));
        assert_eq!(GLOBAL.snapshot().bytes.large, bytes);
        assert_eq!(GLOBAL.snapshot().fallback.allocs, 0);
        for block in blocks {
            let size = block.layout().size();
            assert_eq!(block.first_stray(size as u64, size), None, "{block:?}");
            door().give(block);
        }
        let is = figures();
        assert_eq!((is.live, is.requested, is.bytes), (0, 0, 0));
        assert_eq!(
            (is.allocations, is.frees, is.bytes_peak),
            (live, live, bytes)
        );
        // The largest class, what is larger still, and what is aligned to more than a unit.
        let others = [(32 * KIB, 3), (32 * MIB + 1, 3), (UNIT, 17)];
        let others = others.map(|(size, log_align)| fresh(layout(size, log_align)));
        assert_eq!((figures(), GLOBAL.snapshot().fallback.allocs), (is, 2));
        others.into_iter().for_each(|block| door().give(block));
        assert_eq!(GLOBAL.snapshot().fallback.frees, 2);
    });
    apart.run("").succeeded();
}

/// What is free keeps its pages, then goes back at once when asked to; what is live stays.
#[test]
fn memory_goes_back() {
    let apart = Apart::new("large::memory_goes_back", |_| {
        let kept = fresh(layout(MIB, 3));
        let block = fresh(layout(20 * MIB, 3));
        let address = block.address();
        door().give(block);
        let empty = GLOBAL.snapshot().bytes.resident_empty as usize;
        assert!(empty >= 20 * MIB, "{empty}");
        let again = fresh(layout(20 * MIB, 3));
        assert_eq!(again.address(), address, "the same pages serve again");
        door().give(again);
        assert!(GLOBAL.trim() >= 20 * MIB);
        let bytes = GLOBAL.snapshot().bytes;
        assert_eq!(
            (bytes.resident_empty, bytes.large as usize),
            (0, MIB + GUARD)
        );
        assert_eq!(kept.first_stray(MIB as u64, MIB), None);
        door().give(kept);
    });
    apart.run("").succeeded();
}

/// A program that makes nothing but large blocks passes slow paths as well.
#[test]
fn a_surplus_decays_while_large_blocks_come_and_go() {
    let name = "large::a_surplus_decays_while_large_blocks_come_and_go";
    let apart = Apart::new(name, |_| {
        let blocks: Vec<_> = (0..40).map(|_| fresh(layout(MIB, 3))).collect();
        blocks.into_iter().for_each(|block| door().give(block));
        let began = std::time::Instant::now();
        loop {
            door().give(fresh(layout(UNIT, 3)));
            std::thread::sleep(std::time::Duration::from_millis(1));
            let empty = GLOBAL.snapshot().bytes.resident_empty as usize;
            if empty <= 3 * MIB {
                break;
            }
            assert!(began.elapsed().as_secs() < 60, "{empty} bytes stay");
        }
    });
    apart.run("").succeeded();
}

/// A program that drops all its tables and goes idle keeps 64 MiB at most, and as much as it still uses.
#[test]
fn what_idle_programs_keep_has_a_bound() {
    let name = "large::what_idle_programs_keep_has_a_bound";
    let apart = Apart::new(name, |_| {
        let blocks: Vec<_> = (0..8).map(|_| fresh(layout(32 * MIB, 3))).collect();
        blocks.into_iter().for_each(|block| door().give(block));
        let bytes = GLOBAL.snapshot().bytes;
        assert!(bytes.resident_empty as usize <= 65 * MIB, "{bytes:?}");
        assert!(bytes.purged_total as usize >= 8 * 32 * MIB - 65 * MIB);
    });
    apart.run("").succeeded();
}

#[cfg(not(feature = "paranoid"))]
#[test]
fn blocks_grow_and_shrink_where_they_are() {
    let name = "large::blocks_grow_and_shrink_where_they_are";
    let apart = Apart::new(name, |_| {
        let mut block = fresh(layout(UNIT, 3));
        let address = block.address();
        let steps = [
            UNIT + 1,
            3 * UNIT,
            40 * UNIT,
            20 * MIB,
            UNIT + 7,
            32 * MIB,
            40 * KIB,
        ];
        let mut size = UNIT;
        for to in steps {
            block = door().resize(block, to).expect("memory");
            assert_eq!(block.address(), address, "{size} to {to}");
            let kept = size.min(to);
            assert_eq!(block.first_stray(UNIT as u64, kept), None, "{size} to {to}");
            block.fill(UNIT as u64);
            size = to;
            let is = figures();
            assert_eq!((is.live, is.requested as usize), (1, to));
            assert_eq!(is.bytes as usize, to.next_multiple_of(UNIT));
        }
        assert_eq!(figures().resized, 7);
        // Somebody stands behind it: it moves, and its place is free.
        let neighbour = fresh(layout(UNIT, 3));
        assert_eq!(neighbour.address(), address + UNIT);
        let block = door().resize(block, 2 * UNIT).expect("memory");
        assert_ne!(block.address(), address);
        assert_eq!(block.first_stray(UNIT as u64, 40 * KIB), None);
        let first = fresh(layout(UNIT, 3));
        assert_eq!(first.address(), address);
        // To a class, and beyond what is large, and back.
        let block = door().resize(block, 32 * KIB).expect("memory");
        let block = door().resize(block, 33 * MIB).expect("memory");
        assert_eq!(GLOBAL.snapshot().fallback.allocs, 1);
        assert_eq!(block.first_stray(UNIT as u64, 32 * KIB), None);
        // The backing allocator keeps what it has.
        let block = door().resize(block, MIB).expect("memory");
        assert_eq!(
            (figures().live, GLOBAL.snapshot().fallback.reallocs),
            (2, 1)
        );
        for block in [block, neighbour, first] {
            door().give(block);
        }
        let snapshot = GLOBAL.snapshot();
        assert_eq!((snapshot.large.live, snapshot.fallback.bytes), (0, 0));
    });
    apart.run("").succeeded();
}

/// The address space refuses: the backing allocator serves, and gets its blocks back.
#[test]
fn what_is_refused_goes_to_the_fallback() {
    let name = "large::what_is_refused_goes_to_the_fallback";
    let apart = Apart::new(name, |_| {
        // All but a few units of the chunks there are.
        let held: Vec<_> = (0..3)
            .map(|_| fresh(layout(31 * UNIT - GUARD, 3)))
            .collect();
        let own = figures();
        // One request of the system is refused for each.
        let refused: Vec<_> = (0..5)
            .map(|_| {
                faults::refuse_only(0);
                let block = fresh(layout(MIB, 3));
                faults::allow_all();
                block
            })
            .collect();
        assert_eq!(figures(), own);
        let is = GLOBAL.snapshot();
        assert_eq!((is.fallback.refill_failed, is.slabs_refused), (5, 5));
        let mut refused = refused.into_iter();
        let grown = door().resize(refused.next().expect("five"), 2 * MIB);
        let grown = grown.expect("memory");
        assert_eq!(grown.first_stray(MIB as u64, MIB), None);
        for block in refused.chain([grown]).chain(held) {
            door().give(block);
        }
        let is = GLOBAL.snapshot();
        assert_eq!(
            (is.large.live, is.fallback.bytes, is.fallback.frees),
            (0, 0, 5)
        );
    });
    apart.run("").succeeded();
}

/// Four threads make, resize and free each other's large blocks.
#[test]
fn threads_share_the_units() {
    let apart = Apart::new("large::threads_share_the_units", |_| {
        let ring: Vec<_> = (0..4).map(|_| std::sync::Mutex::new(Vec::new())).collect();
        std::thread::scope(|scope| {
            for place in 0..4_usize {
                let ring = &ring;
                scope.spawn(move || {
                    let mut rng = Rng::new(place as u64);
                    for _ in 0..400 {
                        let size = 32 * KIB + 1 + rng.below(2 * MIB);
                        let mut block = fresh(layout(size, 3));
                        if rng.below(4) == 0 {
                            let to = 32 * KIB + 1 + rng.below(2 * MIB);
                            block = door().resize(block, to).expect("memory");
                            assert_eq!(block.first_stray(size as u64, size.min(to)), None);
                            block.fill(to as u64);
                        }
                        let next = (place + 1) % 4;
                        ring[next].lock().expect("whole").push(block);
                        let taken = ring[place].lock().expect("whole").pop();
                        if let Some(block) = taken {
                            let size = block.layout().size();
                            assert_eq!(block.first_stray(size as u64, size), None);
                            door().give(block);
                        }
                    }
                });
            }
        });
        for left in ring {
            for block in left.into_inner().expect("whole") {
                door().give(block);
            }
        }
        let is = figures();
        assert_eq!((is.live, is.requested, is.bytes), (0, 0, 0));
        assert_eq!(GLOBAL.snapshot().fallback.allocs, 0);
    });
    apart.run("").succeeded();
}

/// Frees that a run's mark finds out.
#[test]
fn wrong_frees_stop_the_process() {
    let apart = Apart::new("large::wrong_frees_stop_the_process", |case| {
        let right = layout(3 * UNIT, 3);
        // SAFETY: the layout has a size.
        let block = unsafe { GLOBAL.alloc(right) };
        let (address, wrong) = match case {
            "twice" => {
                // SAFETY: allocated above.
                unsafe { GLOBAL.dealloc(block, right) };
                (block, right)
            }
            "inside" => (block.wrapping_add(UNIT), right),
            "askew" => (block.wrapping_add(16), right),
            "longer" => (block, layout(4 * UNIT, 3)),
            _ => (block, layout(2 * UNIT, 3)),
        };
        // SAFETY: none, that is the point.
        unsafe { GLOBAL.dealloc(address, wrong) };
    });
    for case in ["twice", "inside", "askew", "longer", "shorter"] {
        apart.run(case).aborted("no large block of");
    }
}
