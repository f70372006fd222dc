//! The global door at its edges: every size and alignment around the classes' boundaries, the
//! largest layouts there are, resizes over every boundary, zeroed memory from used blocks.

mod large;
mod settings;

use std::alloc::Layout;

use sydra_pool::SydraPool;
use tests::block::{Block, Door};
use tests::op::layout;

static GLOBAL: SydraPool = SydraPool::new();

fn door() -> Door<'static, SydraPool> {
    Door::new(&GLOBAL)
}

/// Sizes at which some rounding changes: multiples of eight up to 256, quarters of each doubling
/// up to 64 KiB, each with its neighbours.
fn boundaries() -> Vec<usize> {
    let fine = (1..=32).map(|eighths| eighths * 8);
    let coarse = (7..16).flat_map(|log| (4..8).map(move |quarters| (quarters << log) / 4));
    let mut sizes: Vec<usize> = fine
        .chain(coarse)
        .chain([64 << 10])
        .flat_map(|size| [size - 1, size, size + 1])
        .collect();
    sizes.sort_unstable();
    sizes.dedup();
    if cfg!(miri) {
        sizes
            .into_iter()
            .step_by(6)
            .filter(|&size| size < 6_000)
            .collect()
    } else {
        sizes
    }
}

/// A filled block that is aligned and keeps its contents.
fn fresh(layout: Layout) -> Block<SydraPool> {
    let mut block = door()
        .take(layout)
        .unwrap_or_else(|| panic!("{layout:?} was refused"));
    assert!(block.is_aligned(), "{layout:?} came misaligned");
    block.fill(layout.size() as u64);
    block
}

#[test]
fn sizes_around_every_boundary_at_every_alignment() {
    let most_log = if cfg!(miri) { 7 } else { 14 };
    for log_align in 0..=most_log {
        let sizes = boundaries();
        let mut blocks: Vec<_> = sizes
            .iter()
            .map(|&size| fresh(layout(size, log_align)))
            .collect();
        blocks.sort_by_key(Block::address);
        for pair in blocks.windows(2) {
            assert!(
                pair[0].end() <= pair[1].address(),
                "{:?} overlaps {:?}",
                pair[0],
                pair[1]
            );
        }
        for block in blocks {
            let size = block.layout().size();
            assert_eq!(block.first_stray(size as u64, size), None, "{block:?}");
            door().give(block);
        }
    }
}

/// Alignments up to 4 MiB, with the sizes around them.
#[test]
fn large_alignments() {
    let most_log = if cfg!(miri) { 13 } else { 22 };
    for log_align in 10..=most_log {
        let align = 1_usize << log_align;
        let sizes = [1, 8, 100, 4_096, align - 1, align, align + 1, 2 * align];
        let sizes = if cfg!(miri) { &sizes[..4] } else { &sizes[..] };
        let blocks: Vec<_> = sizes
            .iter()
            .map(|&size| fresh(layout(size, log_align)))
            .collect();
        for block in blocks {
            let size = block.layout().size();
            assert_eq!(block.first_stray(size as u64, size), None, "{block:?}");
            door().give(block);
        }
    }
}

/// The largest layouts are refused with null: no overflow, no panic, no tiny block.
// Miri stops when its own memory would not do.
#[cfg(not(miri))]
#[test]
fn the_largest_layouts_are_refused() {
    let most = isize::MAX as usize;
    for log_align in 0..=24 {
        let align = 1_usize << log_align;
        for below in [0, 1, 7, 8, 4_095, 4_096, 65_535, 65_536, 1 << 20] {
            let Some(size) = (most - (align - 1)).checked_sub(below) else {
                continue;
            };
            let Ok(layout) = Layout::from_size_align(size, align) else {
                continue;
            };
            assert!(door().take(layout).is_none(), "{layout:?} cannot be there");
            assert!(
                door().take_zeroed(layout).is_none(),
                "{layout:?} cannot be there"
            );
        }
    }
}

// Miri stops when its own memory would not do.
#[cfg(not(miri))]
#[test]
fn a_resize_to_the_impossible_leaves_the_block_as_it_is() {
    for (size, log_align) in [
        (1, 0),
        (24, 3),
        (64, 6),
        (4_096, 12),
        (40_000, 4),
        (100, 13),
    ] {
        let block = fresh(layout(size, log_align));
        let most = isize::MAX as usize - (block.layout().align() - 1);
        let block = door()
            .resize(block, most)
            .expect_err("there is no such memory");
        assert_eq!(block.first_stray(size as u64, size), None);
        door().give(block);
    }
}

/// Defect 3: from every boundary to every other one, up and down.
#[test]
fn resizes_over_every_boundary_keep_the_prefix() {
    let sizes: Vec<usize> = boundaries()
        .into_iter()
        .step_by(if cfg!(miri) { 5 } else { 2 })
        .collect();
    for log_align in if cfg!(miri) {
        vec![3]
    } else {
        vec![0, 3, 4, 6, 12, 13]
    } {
        for &from in &sizes {
            for &to in sizes.iter().step_by(3) {
                let block = fresh(layout(from, log_align));
                let kept = from.min(to);
                let block = door().resize(block, to).expect("memory for a resize");
                assert_eq!(block.first_stray(from as u64, kept), None, "{from} to {to}");
                assert!(block.is_aligned());
                door().give(block);
            }
        }
    }
}

#[test]
fn a_block_grows_and_shrinks_by_every_step() {
    let most = if cfg!(miri) { 150 } else { 70_000 };
    let mut block = fresh(layout(1, 0));
    block.fill(1);
    let mut size = 1;
    while size < most {
        let next = size + 1 + size / 40;
        block = door().resize(block, next).expect("memory to grow");
        assert_eq!(block.first_stray(1, size), None, "{size} to {next}");
        block.fill_from(1, size);
        size = next;
    }
    while size > 1 {
        let next = size - 1 - (size - 1) / 40;
        block = door().resize(block, next).expect("memory to shrink");
        assert_eq!(block.first_stray(1, next), None, "{size} to {next}");
        size = next;
    }
    door().give(block);
}

/// Zeroed memory is zero although the block before it was full of something else.
#[test]
fn zeroed_memory_is_zero_in_used_blocks() {
    let mut reused = 0;
    for size in boundaries() {
        let layout = layout(size, 3);
        let count = if cfg!(miri) { 2 } else { 20 };
        let mut blocks: Vec<_> = (0..count).map(|_| fresh(layout)).collect();
        blocks.iter_mut().for_each(|block| block.fill(u64::MAX));
        let before: Vec<usize> = blocks.iter().map(Block::address).collect();
        blocks.into_iter().for_each(|block| door().give(block));
        let zeroed: Vec<_> = (0..count)
            .map(|_| door().take_zeroed(layout).expect("memory"))
            .collect();
        reused += zeroed
            .iter()
            .filter(|block| before.contains(&block.address()))
            .count();
        for block in zeroed {
            assert!(block.is_zero(), "{block:?} is not zero");
            door().give(block);
        }
    }
    assert!(reused > 0, "no block was used twice: the test saw nothing");
}

/// A resize into a class that zeroed memory comes from must not leave old bytes for it either.
#[test]
fn zeroed_memory_is_zero_after_resizes() {
    for size in [16, 100, 512, 4_000, 33_000] {
        let block = fresh(layout(size, 3));
        let mut block = door().resize(block, size * 2).expect("memory to grow");
        block.fill(u64::MAX);
        let block = door().resize(block, size / 2).expect("memory to shrink");
        door().give(block);
        for size in [size / 2, size, size * 2] {
            let block = door().take_zeroed(layout(size, 3)).expect("memory");
            assert!(block.is_zero());
            door().give(block);
        }
    }
}
