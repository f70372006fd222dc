//! Errors with blocks of the global door.

use std::alloc::{GlobalAlloc, Layout};

use sydra_pool::SydraPool;
use tests::child::Apart;

static DOOR: SydraPool = SydraPool::new();

const LAYOUT: Layout = Layout::new::<[u64; 6]>();

#[track_caller]
fn reported(test: &'static str, error: impl FnOnce(*mut u8), words: &[&str]) {
    let outcome = Apart::new(test, |_| {
        // SAFETY: the layout has a size.
        error(unsafe { DOOR.alloc(LAYOUT) });
        println!("not reached");
    })
    .run("");
    for word in words {
        outcome.aborted(word);
    }
}

#[test]
fn a_second_free_is_caught_at_once() {
    reported(
        "global::a_second_free_is_caught_at_once",
        |block| {
            // SAFETY: right.
            unsafe { DOOR.dealloc(block, LAYOUT) };
            // SAFETY: the error.
            unsafe { DOOR.dealloc(block, LAYOUT) };
        },
        &["double free", "class 48"],
    );
}

#[test]
fn a_free_with_another_size_is_caught_at_once() {
    reported(
        "global::a_free_with_another_size_is_caught_at_once",
        |block| {
            // SAFETY: the error.
            unsafe { DOOR.dealloc(block, Layout::new::<[u64; 8]>()) };
        },
        &["wrong pool", "belongs to class 48, freed as class 64"],
    );
}

#[test]
fn a_write_after_a_free_is_caught() {
    reported(
        "global::a_write_after_a_free_is_caught",
        |block| {
            // SAFETY: right.
            unsafe { DOOR.dealloc(block, LAYOUT) };
            // SAFETY: within the block.
            let last = unsafe { block.add(47) };
            // SAFETY: the error.
            unsafe { last.write_volatile(0) };
            // SAFETY: the layout has a size.
            unsafe { DOOR.alloc_zeroed(LAYOUT) };
        },
        &["write after free", "class 48", "at byte 47"],
    );
}
