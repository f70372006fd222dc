//! Errors with `PoolBox`es.

use std::hint::black_box;

use sydra_pool::{PoolBox, Pooled};
use tests::child::Apart;

#[derive(Pooled)]
struct Order(#[expect(dead_code, reason = "bytes")] [u64; 6]);

#[derive(Pooled)]
struct Trade(#[expect(dead_code, reason = "bytes")] [u64; 6]);

#[derive(Pooled)]
struct Level(#[expect(dead_code, reason = "bytes")] [u64; 4]);

#[derive(Pooled)]
#[pooled(magazine = 2)]
struct Page(#[expect(dead_code, reason = "bytes")] [u8; 4096]);

fn order() -> PoolBox<Order> {
    PoolBox::new(Order([7; 6]))
}

/// Runs the error in a child and expects the abort with every one of these words.
#[track_caller]
fn reported(test: &'static str, error: impl FnOnce(), words: &[&str]) {
    let outcome = Apart::new(test, |_| error()).run("");
    for word in words {
        outcome.aborted(word);
    }
}

#[test]
fn a_second_free_is_caught_at_once() {
    reported(
        "boxes::a_second_free_is_caught_at_once",
        || {
            let raw = PoolBox::into_raw(order());
            // SAFETY: the first time is right, the second is the error.
            drop(unsafe { PoolBox::from_raw(raw) });
            // SAFETY: the error; the value needs no drop.
            drop(unsafe { PoolBox::from_raw(raw) });
            println!("not reached");
        },
        &[
            "double free",
            "\"Order\"",
            "slab unit",
            "block 0 at offset 0x0",
        ],
    );
}

#[test]
fn a_strangers_pointer_is_caught_at_once() {
    reported(
        "boxes::a_strangers_pointer_is_caught_at_once",
        || {
            drop(order());
            let raw = Box::into_raw(Box::new(Order([1; 6])));
            // SAFETY: the error.
            drop(unsafe { PoolBox::from_raw(raw) });
        },
        &["wrong pointer freed", "was never a block of \"Order\""],
    );
}

#[test]
fn a_block_of_another_type_is_caught_at_once() {
    reported(
        "boxes::a_block_of_another_type_is_caught_at_once",
        || {
            drop(order());
            let raw = PoolBox::into_raw(PoolBox::new(Trade([2; 6])));
            // SAFETY: the error.
            drop(unsafe { PoolBox::<Order>::from_raw(raw.cast()) });
        },
        &["wrong pool", "belongs to \"Trade\", freed as \"Order\""],
    );
}

#[test]
fn a_pointer_into_a_block_is_caught_at_once() {
    reported(
        "boxes::a_pointer_into_a_block_is_caught_at_once",
        || {
            let raw = PoolBox::into_raw(order());
            // SAFETY: within the block.
            let inside = unsafe { raw.byte_add(8) };
            // SAFETY: none: the error.
            drop(unsafe { PoolBox::from_raw(inside) });
        },
        &[
            "wrong pointer freed",
            "lies 8 bytes into a block of \"Order\"",
        ],
    );
}

#[test]
fn a_write_after_a_free_is_caught_when_the_block_is_used_again() {
    reported(
        "boxes::a_write_after_a_free_is_caught_when_the_block_is_used_again",
        || {
            let raw = PoolBox::into_raw(order());
            // SAFETY: taken back once.
            drop(unsafe { PoolBox::from_raw(raw) });
            // SAFETY: within the block.
            let inside = unsafe { raw.cast::<u8>().add(20) };
            // SAFETY: the error: the slab is still there, the block is free.
            unsafe { inside.write_volatile(0x5A) };
            black_box(order());
        },
        &["write after free", "\"Order\"", "at byte 20", "[5a, db, db"],
    );
}

#[test]
fn a_write_beyond_a_block_is_caught_in_its_neighbour() {
    reported(
        "boxes::a_write_beyond_a_block_is_caught_in_its_neighbour",
        || {
            let levels: Vec<_> = (0..8).map(|n| PoolBox::new(Level([n; 4]))).collect();
            let last = levels.last().map(|level| PoolBox::as_ptr(level).cast_mut());
            let behind = last.map(|last| last.wrapping_add(1).cast::<u64>());
            // SAFETY: the error: the block behind is free.
            behind.inspect(|behind| unsafe { behind.write_volatile(1) });
            let more: Vec<_> = (0..2000).map(|n| PoolBox::new(Level([n; 4]))).collect();
            black_box((levels, more));
        },
        &["write after free", "\"Level\"", "at byte 0: [01, 00"],
    );
}

#[test]
fn a_write_beyond_a_slab_ends_the_process() {
    let outcome = Apart::new("boxes::a_write_beyond_a_slab_ends_the_process", |_| {
        let pages: Vec<_> = (0..64).map(|n| PoolBox::new(Page([n; 4096]))).collect();
        let highest = pages.iter().map(PoolBox::as_ptr).max();
        let behind = highest.map(|last| last.wrapping_add(1).cast::<u8>().cast_mut());
        // SAFETY: the error. 64 pages of 4 KiB fill slabs of 16; behind the highest is its guard.
        behind.inspect(|behind| unsafe { behind.write_volatile(1) });
        println!("not reached");
        black_box(pages);
    })
    .run("");
    outcome.killed_by(libc::SIGSEGV);
}

#[test]
fn a_program_without_errors_is_left_alone() {
    let outcome = Apart::new("boxes::a_program_without_errors_is_left_alone", |_| {
        let mut orders: Vec<Option<PoolBox<Order>>> = Vec::new();
        for step in 0..20_000_usize {
            match step % 3 {
                0 | 1 => orders.push(Some(order())),
                _ => drop(orders.swap_remove(step % orders.len())),
            }
        }
        let live = orders.iter().flatten().count() as u64;
        assert_eq!(sydra_pool::pool::<Order>().live(), live);
        std::thread::spawn(move || drop(orders))
            .join()
            .expect("dropped elsewhere");
        assert_eq!(sydra_pool::pool::<Order>().live(), 0);
        sydra_pool::trim();
        black_box((0..5_000).map(|_| order()).collect::<Vec<_>>());
        println!("\nthe end");
    })
    .run("");
    assert!(outcome.succeeded().said("the end"));
}
