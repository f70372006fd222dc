//! The engine never comes back to the global allocator: not from a lock, not from a thread-local,
//! not while it starts, not when it grows, not when a thread ends.
//!
//! The allocator of this binary is ours behind a guard that stops the process when a call arrives
//! while another of the same thread is under way.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use std::collections::HashMap;
use std::thread;

use sydra_pool::{PoolBox, Pooled, Snapshot, SydraPool};

struct Guarded {
    pool: SydraPool,
}

#[global_allocator]
static GLOBAL: Guarded = Guarded {
    pool: SydraPool::new(),
};

thread_local! {
    /// True while this thread is inside the engine.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// Calls of this thread that reached the allocator.
    static CALLS: Cell<u64> = const { Cell::new(0) };
}

/// Runs `body` as the only call of this thread.
fn once<R>(body: impl FnOnce() -> R) -> R {
    if INSIDE.replace(true) {
        let message = b"the engine called the global allocator\n";
        // SAFETY: a static message to the error stream.
        unsafe { libc::write(2, message.as_ptr().cast(), message.len()) };
        std::process::abort();
    }
    CALLS.set(CALLS.get() + 1);
    let result = body();
    INSIDE.set(false);
    result
}

// SAFETY: every call is passed on unchanged.
unsafe impl GlobalAlloc for Guarded {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises.
        once(|| unsafe { self.pool.alloc(layout) })
    }

    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises.
        once(|| unsafe { self.pool.dealloc(start, layout) });
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller's promises.
        once(|| unsafe { self.pool.alloc_zeroed(layout) })
    }

    unsafe fn realloc(&self, start: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller's promises.
        once(|| unsafe { self.pool.realloc(start, layout, new_size) })
    }
}

#[derive(Pooled)]
struct Hot([u64; 5]);

/// The calls that `body` makes on this thread.
fn calls(body: impl FnOnce()) -> u64 {
    let before = CALLS.get();
    body();
    CALLS.get() - before
}

#[test]
fn the_guard_sees_the_calls() {
    assert_eq!(calls(|| drop(std::hint::black_box(Box::new(1_u64)))), 2);
}

#[test]
fn typed_pools_never_touch_the_global_allocator() {
    let mut blocks: Vec<Option<PoolBox<Hot>>> = (0..20_000).map(|_| None).collect();
    let made = calls(|| {
        for (number, place) in blocks.iter_mut().enumerate() {
            *place = Some(PoolBox::new(Hot([number as u64; 5])));
        }
        blocks.iter_mut().for_each(|place| *place = None);
        sydra_pool::pool::<Hot>().trim();
        sydra_pool::pool::<Hot>()
            .reserve(10_000)
            .expect("memory for the plan");
    });
    assert_eq!(made, 0);
}

#[test]
fn figures_are_gathered_without_allocating() {
    let mut snapshot = Box::new(Snapshot::default());
    drop(PoolBox::new(Hot([1; 5])));
    assert_eq!(calls(|| sydra_pool::snapshot_into(&mut snapshot)), 0);
    let trim = || {
        sydra_pool::trim();
    };
    assert_eq!(calls(trim), 0);
}

#[test]
fn threads_start_work_and_end_inside_the_guard() {
    for round in 0..50 {
        thread::scope(|scope| {
            for side in 0..4_u64 {
                scope.spawn(move || {
                    let map: HashMap<u64, String> = (0..300)
                        .map(|n| (n, format!("{side} {round} {n}")))
                        .collect();
                    let hot: Vec<_> = (0..300).map(|n| PoolBox::new(Hot([n; 5]))).collect();
                    assert!(map.iter().all(|(n, text)| text.ends_with(&n.to_string())));
                    assert!(
                        hot.iter()
                            .enumerate()
                            .all(|(n, hot)| hot.0 == [n as u64; 5])
                    );
                });
            }
        });
    }
}
