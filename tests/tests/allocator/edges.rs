//! Layouts at the edge: empty, over-aligned, too large for any memory; and the counts.

use allocator_api2::alloc::Allocator;
use allocator_api2::boxed::Box;
use sydra_pool::{SydraAlloc, snapshot};

use crate::{Held, alone, layout};

/// Allocations and frees of all classes and of the fallback.
fn counts() -> (u64, u64) {
    let snapshot = snapshot();
    let classes = snapshot.classes.iter();
    let (taken, given) = classes.fold((0, 0), |(taken, given), class| {
        (taken + class.allocations, given + class.frees)
    });
    (
        taken + snapshot.large.allocations + snapshot.fallback.allocs,
        given + snapshot.large.frees + snapshot.fallback.frees,
    )
}

#[test]
fn an_empty_layout_takes_no_memory() {
    let _alone = alone();
    let before = counts();
    for log in 0..=20 {
        let empty = layout(0, 1 << log);
        for slice in [
            SydraAlloc.allocate(empty),
            SydraAlloc.allocate_zeroed(empty),
        ] {
            let held = Held::of(slice, empty);
            // SAFETY: held with this layout.
            let grown = unsafe { SydraAlloc.grow(held.start, empty, layout(0, 8)) };
            let grown = Held::of(grown, layout(0, 8));
            // SAFETY: held with this layout.
            let shrunk = unsafe { SydraAlloc.shrink(grown.start, grown.layout, empty) };
            Held::of(shrunk, empty).give(&SydraAlloc);
        }
    }
    assert_eq!(counts(), before, "nothing was allocated");
}

#[test]
fn blocks_grow_from_nothing_and_shrink_to_nothing() {
    let _alone = alone();
    let before = counts();
    // Over-aligned is beyond the classes as well, and cheaper to interpret.
    let beyond = if cfg!(miri) { (65, 8192) } else { (40_000, 8) };
    for (size, align) in [(1, 1), (24, 8), (500, 64), beyond, (64, 8192)] {
        for zeroed in [false, true] {
            let (empty, full) = (layout(0, 16), layout(size, align));
            let none = Held::of(SydraAlloc.allocate(empty), empty);
            let grown = if zeroed {
                // SAFETY: held with this layout; the size rises.
                unsafe { SydraAlloc.grow_zeroed(none.start, empty, full) }
            } else {
                // SAFETY: held with this layout; the size rises.
                unsafe { SydraAlloc.grow(none.start, empty, full) }
            };
            let grown = Held::of(grown, full);
            if zeroed {
                grown.check_zero(0);
            }
            grown.fill(0);
            // SAFETY: held with this layout; the size falls.
            let shrunk = unsafe { SydraAlloc.shrink(grown.start, full, empty) };
            Held::of(shrunk, empty).give(&SydraAlloc);
        }
    }
    let after = counts();
    assert_eq!(after.0 - before.0, 10, "one block each time");
    assert_eq!(after.1 - before.1, 10, "and it went back");
}

/// No overflow on the way, an error at its end, and a block that cannot grow stays as it was.
#[test]
#[cfg(not(miri))] // Miri stops at an allocation so large.
fn what_no_memory_holds_is_an_error() {
    let _alone = alone();
    for align in [1, 8, 16, 4096, 1 << 20] {
        let most = (isize::MAX as usize) / align * align;
        for size in [most, most - 4096, most / 2 + 1] {
            let huge = layout(size, align);
            assert!(SydraAlloc.allocate(huge).is_err(), "{huge:?}");
            assert!(SydraAlloc.allocate_zeroed(huge).is_err(), "{huge:?}");
            for small in [24, 50_000] {
                let held = Held::take(&SydraAlloc, layout(small, 8));
                // SAFETY: held with this layout; the size rises.
                let grown = unsafe { SydraAlloc.grow(held.start, held.layout, huge) };
                assert!(grown.is_err(), "{huge:?}");
                // SAFETY: the error left the block as it was.
                let grown = unsafe { SydraAlloc.grow_zeroed(held.start, held.layout, huge) };
                assert!(grown.is_err(), "{huge:?}");
                held.check(small);
                held.give(&SydraAlloc);
            }
        }
    }
}

#[test]
fn over_aligned_blocks_are_aligned_and_counted() {
    let _alone = alone();
    let before = snapshot().fallback;
    let largest = if cfg!(miri) { 14 } else { 22 };
    for log in 13..=largest {
        for size in [1, 100, if cfg!(miri) { 200 } else { 1 << 13 }] {
            let held = Held::take(&SydraAlloc, layout(size, 1 << log));
            held.check(size);
            held.give(&SydraAlloc);
        }
    }
    let after = snapshot().fallback;
    let blocks = 3 * (largest as u64 - 12);
    assert_eq!(after.over_aligned - before.over_aligned, blocks);
    assert_eq!(after.frees - before.frees, blocks);
    assert_eq!(after.bytes, before.bytes);
}

/// Copies are one allocator, in another thread as well.
#[test]
fn any_copy_in_any_thread_frees() {
    let _alone = alone();
    assert_eq!(size_of::<SydraAlloc>(), 0);
    assert_eq!(size_of::<Box<u64, SydraAlloc>>(), size_of::<usize>());
    let before = counts();
    let block = Box::new_in([7_u64; 6], SydraAlloc);
    let other = std::thread::spawn(move || {
        assert_eq!(*block, [7; 6]);
        drop(block);
        Box::new_in([8_u64; 6], SydraAlloc)
    });
    let block = other.join().expect("the thread frees the block");
    assert_eq!(*block, [8; 6]);
    drop(block);
    let after = counts();
    assert_eq!((after.0 - before.0, after.1 - before.1), (2, 2));
}
