//! Growing and shrinking across the boundary of every class, and out of the classes, with the same
//! alignment and with another.

use allocator_api2::alloc::Allocator;
use sydra_pool::SydraAlloc;

use crate::{Held, alone, layout, step, strides};

/// Sizes on both sides of every class's boundary, and beyond the largest.
fn sizes() -> Vec<usize> {
    let mut sizes: Vec<usize> = strides()
        .into_iter()
        .flat_map(|stride| [stride - 1, stride, stride + 1])
        .chain([1, 2, 40_000, 70_001])
        .collect();
    sizes.sort_unstable();
    sizes.dedup();
    if cfg!(miri) {
        sizes.retain(|&size| size < 330);
        sizes = sizes.into_iter().step_by(5).collect();
    }
    assert!(
        sizes.len() > 10 && (cfg!(miri) || sizes.len() > 130),
        "{sizes:?}"
    );
    sizes
}

/// Alignments for a step from one to another.
const ALIGNS: [usize; 6] = [1, 8, 16, 256, 4096, 8192];

fn aligns() -> &'static [usize] {
    if cfg!(miri) { &[8, 64, 8192] } else { &ALIGNS }
}

/// Blocks of recycled memory that hold anything but zero, so that a tail that was not zeroed shows.
fn soil(sizes: &[usize]) {
    for &size in sizes {
        let held: Vec<Held> = (0..3)
            .map(|_| Held::take(&SydraAlloc, layout(size, 8)))
            .collect();
        held.into_iter().for_each(|held| held.give(&SydraAlloc));
    }
}

#[test]
fn every_boundary_is_crossed_one_step_at_a_time() {
    let _alone = alone();
    let sizes = sizes();
    soil(&sizes);
    for pair in sizes.windows(2) {
        for &align in aligns() {
            for zeroed in [false, true] {
                step(&SydraAlloc, (pair[0], align), (pair[1], align), zeroed);
            }
        }
    }
}

#[test]
fn boundaries_are_crossed_with_another_alignment() {
    let _alone = alone();
    let sizes = sizes();
    soil(&sizes);
    for pair in sizes.windows(2) {
        for &from in aligns() {
            for &to in aligns() {
                step(&SydraAlloc, (pair[0], from), (pair[1], to), from < to);
            }
        }
    }
}

/// The same size, another alignment: `grow` and `shrink` both allow it.
#[test]
fn alignment_alone_is_changed() {
    let _alone = alone();
    for &size in sizes().iter().step_by(3) {
        for &from in aligns() {
            for &to in aligns() {
                step(&SydraAlloc, (size, from), (size, to), true);
            }
        }
    }
}

#[test]
fn far_steps_keep_the_smaller_part() {
    let _alone = alone();
    let sizes = sizes();
    for (place, &small) in sizes.iter().enumerate().step_by(5) {
        for &large in sizes[place..].iter().step_by(7) {
            step(&SydraAlloc, (small, 8), (large, 64), true);
            step(&SydraAlloc, (small, 64), (large, 8), false);
        }
    }
}

/// A step within a class leaves the block where it is, also if the alignment changes.
#[test]
fn a_step_within_a_class_moves_nothing() {
    let _alone = alone();
    for (small, large, from, to) in [
        (20, 24, 4, 8),
        (33, 40, 1, 8),
        (121, 128, 8, 128),
        (700, 768, 16, 256),
    ] {
        let held = Held::take(&SydraAlloc, layout(small, from));
        // SAFETY: held with this layout; the size does not fall.
        let grown = unsafe { SydraAlloc.grow(held.start, held.layout, layout(large, to)) };
        let grown = Held::of(grown, layout(large, to));
        assert_eq!(grown.start, held.start, "{small} to {large}");
        grown.fill(small);
        // SAFETY: held with this layout; the size does not rise.
        let shrunk = unsafe { SydraAlloc.shrink(grown.start, grown.layout, held.layout) };
        assert_eq!(Held::of(shrunk, held.layout).start, held.start);
        held.check(small);
        held.give(&SydraAlloc);
    }
}

#[test]
fn zeroed_blocks_are_zero_to_the_end() {
    let _alone = alone();
    let sizes = sizes();
    soil(&sizes);
    for &size in &sizes {
        for &align in aligns() {
            let wanted = layout(size, align);
            let held = Held::of(SydraAlloc.allocate_zeroed(wanted), wanted);
            held.check_zero(0);
            held.fill(0);
            held.check(size);
            held.give(&SydraAlloc);
        }
    }
}
