//! Rows 13 and 16-18: double frees, reuse before growth, memory that goes back, threads that end.

use std::collections::BTreeSet;
use std::thread;

use sydra_pool::{PoolBox, Pooled, pool};

/// Row 13: seen at the latest when the batch comes home; the process stops with a message.
#[cfg(all(unix, not(miri)))]
mod row_13 {
    use core::alloc::GlobalAlloc;
    use sydra_pool::{PoolBox, Pooled, SydraPool};
    use tests::child::Apart;
    use tests::op::layout;

    static GLOBAL: SydraPool = SydraPool::new();

    #[derive(Pooled)]
    struct Once([u64; 4]);

    /// Frees all caches: whatever was freed comes home now.
    fn come_home() {
        sydra_pool::trim();
    }

    fn twice(raw: *mut Once) {
        for _ in 0..2 {
            // SAFETY: none, that is the point: the second free is the fault under test.
            drop(unsafe { PoolBox::from_raw(raw) });
        }
    }

    #[test]
    fn row_13_a_double_free_of_a_typed_block() {
        let apart = Apart::new(
            "life::row_13::row_13_a_double_free_of_a_typed_block",
            |_| {
                let neighbour = PoolBox::new(Once([1; 4]));
                twice(PoolBox::into_raw(PoolBox::new(Once([2; 4]))));
                come_home();
                assert_eq!(neighbour.0, [1; 4]);
            },
        );
        apart.run("").aborted("double free");
    }

    /// No trim, no thread's end: enough ordinary work brings the batch home.
    #[test]
    fn row_13_a_double_free_shows_by_itself() {
        let apart = Apart::new("life::row_13::row_13_a_double_free_shows_by_itself", |_| {
            let mut kept: Vec<_> = (0..50_000).map(|n| PoolBox::new(Once([n; 4]))).collect();
            twice(PoolBox::into_raw(kept.pop().expect("many")));
            drop(kept);
        });
        apart.run("").aborted("double free");
    }

    #[test]
    fn row_13_a_double_free_by_two_threads() {
        let apart = Apart::new("life::row_13::row_13_a_double_free_by_two_threads", |_| {
            let address = PoolBox::into_raw(PoolBox::new(Once([2; 4]))).expose_provenance();
            for _ in 0..2 {
                let free = move || {
                    let raw = core::ptr::with_exposed_provenance_mut::<Once>(address);
                    // SAFETY: none the second time: the fault under test.
                    drop(unsafe { PoolBox::from_raw(raw) });
                };
                std::thread::spawn(free)
                    .join()
                    .expect("the process stops, not the thread");
            }
            come_home();
        });
        apart.run("").aborted("double free");
    }

    #[test]
    fn row_13_a_double_free_through_the_global_door() {
        let apart = Apart::new(
            "life::row_13::row_13_a_double_free_through_the_global_door",
            |_| {
                let layout = layout(40, 3);
                // SAFETY: the layout has a size.
                let start = unsafe { GLOBAL.alloc(layout) };
                for _ in 0..2 {
                    // SAFETY: none the second time: the fault under test.
                    unsafe { GLOBAL.dealloc(start, layout) };
                }
                GLOBAL.trim();
            },
        );
        apart.run("").aborted("double free");
    }

    /// A slab of several units went back and its first unit serves another class: the stale block lies
    /// in a unit that still remembers where its slab began.
    #[test]
    fn row_13_a_stale_pointer_into_a_slab_that_is_gone() {
        let name = "life::row_13::row_13_a_stale_pointer_into_a_slab_that_is_gone";
        let apart = Apart::new(name, |_| {
            let (large, small) = (layout(32 << 10, 3), layout(64, 3));
            // SAFETY: the layout has a size.
            let pin = unsafe { GLOBAL.alloc(layout(128, 3)) };
            // SAFETY: the layout has a size.
            let blocks: Vec<_> = (0..16).map(|_| unsafe { GLOBAL.alloc(large) }).collect();
            for &block in &blocks {
                // SAFETY: allocated above.
                unsafe { GLOBAL.dealloc(block, large) };
            }
            GLOBAL.trim();
            // SAFETY: the layout has a size.
            let fresh = unsafe { GLOBAL.alloc(small) };
            let stale = blocks.iter().map(|block| block.addr()).max().unwrap_or(0);
            assert!(fresh.addr() < stale && !pin.is_null());
            // SAFETY: none, that is the point.
            unsafe { GLOBAL.dealloc(fresh.with_addr(stale), small) };
            GLOBAL.trim();
        });
        apart.run("").aborted("wrong pointer");
    }

    #[test]
    fn row_13_a_pointer_into_a_block() {
        let apart = Apart::new("life::row_13::row_13_a_pointer_into_a_block", |_| {
            let raw = PoolBox::into_raw(PoolBox::new(Once([2; 4])));
            // SAFETY: stays within the block; that it is no block's start is the fault.
            let inside = unsafe { raw.cast::<u64>().add(1) };
            // SAFETY: none: the fault under test.
            drop(unsafe { PoolBox::from_raw(inside.cast::<Once>()) });
            come_home();
        });
        apart.run("").aborted("sydra-pool:");
    }

    #[test]
    fn row_13_a_foreign_pointer() {
        let apart = Apart::new("life::row_13::row_13_a_foreign_pointer", |_| {
            drop(PoolBox::new(Once([1; 4])));
            let foreign = Box::leak(Box::new(Once([2; 4])));
            // SAFETY: none: no pool made it, which is the fault under test.
            drop(unsafe { PoolBox::from_raw(foreign) });
            come_home();
        });
        apart.run("").aborted("sydra-pool:");
    }

    /// A block of one type given back as another: the slab is not that pool's.
    #[test]
    fn row_13_a_block_of_another_pool() {
        #[derive(Pooled)]
        struct Stranger(#[expect(dead_code, reason = "gives the value a size")] [u64; 4]);
        let apart = Apart::new("life::row_13::row_13_a_block_of_another_pool", |_| {
            drop(PoolBox::new(Once([1; 4])));
            let raw = PoolBox::into_raw(PoolBox::new(Stranger([2; 4])));
            // SAFETY: none: another type's block, which is the fault under test.
            drop(unsafe { PoolBox::from_raw(raw.cast::<Once>()) });
            come_home();
        });
        apart.run("").aborted("sydra-pool:");
    }
}

/// Row 16: what was freed, by whomever, is used before a new slab is.
#[test]
fn row_16_freed_blocks_before_new_slabs() {
    #[derive(Pooled)]
    struct Reused([u64; 8]);
    let many = if cfg!(miri) { 40 } else { 10_000 };
    let fresh = || {
        (0..many)
            .map(|n| PoolBox::new(Reused([n; 8])))
            .collect::<Vec<_>>()
    };
    let places = |boxes: &[PoolBox<Reused>]| -> BTreeSet<usize> {
        boxes
            .iter()
            .map(|boxed| PoolBox::as_ptr(boxed).addr())
            .collect()
    };
    let slabs = || -> u64 {
        let snapshot = sydra_pool::snapshot();
        let buckets = snapshot
            .buckets
            .iter()
            .filter(|bucket| bucket.pool == "Reused");
        buckets.map(|bucket| bucket.slabs).sum()
    };
    let first = fresh();
    let most_slabs = slabs() + 1;
    let before = places(&first);
    thread::spawn(move || drop(first))
        .join()
        .expect("a remote free");
    let second = fresh();
    assert!(
        slabs() <= most_slabs,
        "{} slabs where {most_slabs} did before",
        slabs()
    );
    let geometry = pool::<Reused>().geometry();
    // What a magazine held of the first slabs besides may come as well.
    let new = places(&second).difference(&before).count();
    assert!(
        new <= geometry.magazine + geometry.slab_blocks,
        "{new} new blocks, {many} freed ones"
    );
    for (number, reused) in second.iter().enumerate() {
        assert_eq!(reused.0, [number as u64; 8]);
    }
}

/// Row 17: exact emptiness; a slab without live blocks goes back, and resident memory falls.
#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn row_17_slabs_go_back() {
    use tests::child::Apart;
    use tests::resident::resident_bytes;
    #[derive(Pooled)]
    struct Bulky(#[expect(dead_code, reason = "gives the value a size")] [u64; 16]);
    let apart = Apart::new("life::row_17_slabs_go_back", |_| {
        drop(PoolBox::new(Bulky([0; 16])));
        let start = resident_bytes();
        let (count, stride) = (400_000, size_of::<Bulky>());
        let mut bulky: Vec<_> = (0..count).map(|n| PoolBox::new(Bulky([n; 16]))).collect();
        assert!(resident_bytes() - start > count as usize * stride);
        // Every second block stays: nothing can go back.
        let mut keep = false;
        bulky.retain(|_| {
            keep = !keep;
            keep
        });
        pool::<Bulky>().trim();
        assert!(resident_bytes() - start > count as usize * stride / 2);
        bulky.clear();
        bulky.shrink_to_fit();
        let purged = sydra_pool::trim();
        assert!(
            purged > count as usize * stride / 2,
            "{purged} bytes purged"
        );
        let now = resident_bytes();
        assert!(
            now < start + (4 << 20),
            "resident {start} before, {now} after"
        );
    });
    apart.run("").succeeded();
}

/// Row 18: a thread that ends leaves nothing in its caches. (10,000 of them are in `threads`.)
#[test]
fn row_18_a_threads_end_gives_its_magazines_back() {
    #[derive(Pooled)]
    struct Left(#[expect(dead_code, reason = "gives the value a size")] [u64; 8]);
    let rounds = if cfg!(miri) { 6 } else { 300 };
    let mut places = BTreeSet::new();
    for round in 0..rounds {
        let used = thread::spawn(move || {
            let left: Vec<_> = (0..20).map(|_| PoolBox::new(Left([round; 8]))).collect();
            left.iter()
                .map(|left| PoolBox::as_ptr(left).addr())
                .collect::<Vec<_>>()
        });
        places.extend(used.join().expect("the thread ends"));
    }
    let figures = pool::<Left>().stats();
    assert_eq!((figures.live, figures.allocations), (0, rounds * 20));
    let geometry = pool::<Left>().geometry();
    let most = 2 * geometry.slab_blocks.max(geometry.magazine * 2);
    assert!(
        places.len() <= most,
        "{} places for 20 blocks at a time",
        places.len()
    );
}
