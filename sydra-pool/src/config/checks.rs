//! The checks of settings, which both macros emit and both builders make.
//!
//! They are `const fn`s that panic, so a wrong setting is a compile error at the value that is wrong.
//! They run at compile time only.

use crate::class;
use crate::geometry::{MAGAZINE_MOST, SLAB_UNITS_MOST, UNIT_BYTES};

/// The most shards a pool can have.
pub(crate) const SHARDS_MOST: usize = 64;

/// The most blocks a fixed pool can have: what a word of its list counts to.
pub(crate) const CAPACITY_MOST: usize = if cfg!(target_has_atomic = "64") {
    65_535
} else {
    1_023
};

/// `shards`: 0 to 64.
#[track_caller]
pub const fn check_shards(shards: usize) {
    assert!(
        shards <= SHARDS_MOST,
        "shards must be 0 to 64 (0: central buckets only)"
    );
}

/// `slab_size`: a power of two from 64 KiB to 1 MiB.
#[track_caller]
pub const fn check_slab_size(bytes: usize) {
    assert!(
        bytes.is_power_of_two() && bytes >= UNIT_BYTES && bytes <= SLAB_UNITS_MOST * UNIT_BYTES,
        "slab_size must be a power of two from 65536 (64 KiB) to 1048576 (1 MiB)"
    );
}

/// `magazine`: 2 to 1,024 blocks.
#[track_caller]
pub const fn check_magazine(blocks: usize) {
    assert!(
        blocks >= 2 && blocks <= MAGAZINE_MOST,
        "magazine must be 2 to 1024 blocks"
    );
}

/// `max_limbo`: at least one byte.
#[track_caller]
pub const fn check_max_limbo(bytes: usize) {
    assert!(bytes >= 1, "max_limbo must be at least 1 byte");
}

/// `capacity`: 1 to 65,535 blocks.
#[track_caller]
pub const fn check_capacity(blocks: usize) {
    assert!(
        blocks >= 1 && blocks <= CAPACITY_MOST,
        "capacity must be 1 to 65535 blocks"
    );
}

/// `align`: a power of two up to 4,096.
#[track_caller]
pub const fn check_align(align: usize) {
    assert!(
        align.is_power_of_two() && align <= class::LARGEST_ALIGN,
        "align must be a power of two from 1 to 4096"
    );
}

/// `fallback = "none"`: the type must fit the pool.
#[track_caller]
pub const fn check_fits<T>() {
    assert!(
        size_of::<T>() <= class::LARGEST && align_of::<T>() <= class::LARGEST_ALIGN,
        "fallback = \"none\", but the type does not fit a pool: at most 32768 bytes, alignment 4096"
    );
}

/// `classes`: ascending strides of the built-in table.
#[track_caller]
pub const fn check_classes(classes: &[usize]) {
    assert!(!classes.is_empty(), "classes must list at least one stride");
    let mut index = 0;
    while index < classes.len() {
        let stride = classes[index];
        assert!(
            stride >= 8 && stride <= class::LARGEST,
            "a class must be 8 to 32768 bytes"
        );
        match class::of(stride, 8) {
            Some(class) => assert!(
                class::stride(class) == stride,
                "a class must be a stride of the table: multiples of 8 up to 128, then 160, 192, \
                 224, 256, 320, 384, 448, 512 and so on, four for each doubling up to 32768"
            ),
            // PANIC: evaluated by the compiler, as all checks here; and not reached, as the size
            // was checked above.
            None => panic!("a class must be 8 to 32768 bytes"),
        }
        assert!(
            index == 0 || classes[index - 1] < stride,
            "classes must ascend"
        );
        index += 1;
    }
}

/// `"mimalloc"` needs the feature.
#[track_caller]
pub const fn check_mimalloc() {
    if !cfg!(feature = "mimalloc") {
        // PANIC: in constants only.
        panic!("enable the feature `mimalloc` of sydra-pool to use it");
    }
}
