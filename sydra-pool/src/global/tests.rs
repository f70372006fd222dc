//! The modes and the backing allocators, also those behind the feature `mimalloc`.

use super::*;
use crate::config::check_mimalloc;
use crate::fallback::FALLBACK;

/// The fallback's figures are the process's: tests that look at them run one at a time.
static ALONE: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// Allocates small, large and over-aligned blocks, zeroes, grows and shrinks them, frees them.
fn exercise<C: Config>() {
    let door = SydraPool::<C>::new();
    for (size, align) in [(24, 8), (200, 16), (5000, 64), (40_000, 8), (100, 8192)] {
        let layout = Layout::from_size_align(size, align).expect("a layout");
        // SAFETY: RTE-1; the layout is not empty.
        let start = unsafe { door.alloc_zeroed(layout) };
        assert!(!start.is_null() && start.addr().is_multiple_of(align));
        // SAFETY: RTE-1; allocated above with this size.
        let bytes = unsafe { core::slice::from_raw_parts_mut(start, size) };
        // Compared whole: that is one step for an interpreter.
        assert!(*bytes == *std::vec![0; size]);
        bytes.fill(7);
        let mut held = (start, layout);
        for to in [size * 3, size / 2 + 1] {
            // SAFETY: RTE-1; the block is held with this layout.
            let moved = unsafe { door.realloc(held.0, held.1, to) };
            assert!(!moved.is_null() && moved.addr().is_multiple_of(align));
            // SAFETY: RTE-1; at least half of `size` bytes are kept by both steps.
            let kept = unsafe { core::slice::from_raw_parts(moved, size / 2) };
            assert!(*kept == *std::vec![7; size / 2]);
            let layout = Layout::from_size_align(to, align).expect("a layout");
            held = (moved, layout);
        }
        // SAFETY: RTE-1; the block is held with this layout.
        unsafe { door.dealloc(held.0, held.1) };
    }
}

#[test]
fn the_pool_and_the_systems_mode_keep_their_promises() {
    struct System;
    impl Config for System {
        const SETTINGS: Settings = Settings::new().mode(Mode::Default);
    }
    let _alone = ALONE.lock();
    let before = FALLBACK.figures();
    exercise::<System>();
    assert_eq!(
        FALLBACK.figures(),
        before,
        "a mode goes past the pool and its fallback"
    );
    exercise::<DefaultConfig>();
    assert!(FALLBACK.figures().allocs > before.allocs);
}

#[cfg(feature = "mimalloc")]
#[test]
fn mimalloc_serves_as_a_mode_and_behind_the_pool() {
    struct Mode;
    impl Config for Mode {
        const SETTINGS: Settings = Settings::new().mode(super::Mode::Mimalloc);
    }
    struct Behind;
    impl Config for Behind {
        const SETTINGS: Settings = Settings::new().fallback(Backing::Mimalloc);
    }
    let _alone = ALONE.lock();
    let before = FALLBACK.figures();
    exercise::<Mode>();
    assert_eq!(
        FALLBACK.figures(),
        before,
        "a mode goes past the pool and its fallback"
    );
    exercise::<Behind>();
    assert!(FALLBACK.figures().allocs > before.allocs);
}

#[test]
fn mimalloc_without_its_feature_is_refused() {
    let asked = std::panic::catch_unwind(check_mimalloc);
    assert_eq!(asked.is_ok(), cfg!(feature = "mimalloc"));
}

/// What a `Box` was made of may be used for the box's bytes only; the block that grew in place must
/// be good for its new ones. Miri is the judge.
#[test]
fn a_block_that_grew_in_place_may_be_used_to_its_end() {
    let door = SydraPool::<crate::config::DefaultConfig>::new();
    let small = Layout::new::<[u8; 20]>();
    let grown = Layout::new::<[u8; 24]>();
    // SAFETY: RTE-1; the layout is not empty.
    let start = unsafe { door.alloc_zeroed(small) };
    assert!(!start.is_null());
    // SAFETY: RTE-1; a block for this type, initialised; the box is taken apart again at once.
    let boxed = unsafe { std::boxed::Box::from_raw(start.cast::<[u8; 20]>()) };
    let narrow = std::boxed::Box::into_raw(boxed).cast::<u8>();
    // SAFETY: RTE-1; the block is held with this layout.
    let same = unsafe { door.realloc(narrow, small, grown.size()) };
    assert_eq!(same, start, "both sizes are of one class");
    // SAFETY: RTE-1; within the block as it is now.
    let last = unsafe { same.add(23) };
    // SAFETY: RTE-1; the last byte of the block as it is now.
    unsafe { last.write(7) };
    // SAFETY: RTE-1; the block is held with this layout.
    unsafe { door.dealloc(same, grown) };
}
