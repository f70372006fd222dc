//! Drop glue: runs once, may panic at any point, may allocate from its own pool.

use core::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sydra_pool::{PoolBox, Pooled, pool};

thread_local! {
    static DROPS: Cell<u64> = const { Cell::new(0) };
}

/// Counts its drops; the one with number `panics_at` panics.
#[derive(Clone, Debug, PartialEq, Pooled)]
struct Fuse {
    number: u64,
    panics_at: u64,
}

impl Drop for Fuse {
    fn drop(&mut self) {
        DROPS.set(DROPS.get() + 1);
        assert!(self.number != self.panics_at, "fuse {} burns", self.number);
    }
}

const FUSES: u64 = if cfg!(miri) { 6 } else { 40 };

/// Fuses 0 to `FUSES`, of which number `k` panics when dropped.
fn fuses(k: u64) -> Vec<PoolBox<Fuse>> {
    (0..FUSES)
        .map(|number| {
            PoolBox::new(Fuse {
                number,
                panics_at: k,
            })
        })
        .collect()
}

/// Every value was dropped once and every block is back, whichever drop panicked.
fn settled(dropped: u64, k: u64) {
    assert_eq!(DROPS.replace(0), dropped, "panic at {k}");
    assert_eq!(pool::<Fuse>().live(), 0, "panic at {k}");
}

/// The figures of `Fuse` belong to one test: all paths run one after another.
#[test]
fn a_panic_in_the_kth_drop_loses_no_block_for_every_k() {
    for k in 0..FUSES {
        // A whole vector of boxes.
        let all = fuses(k);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(all))).is_err());
        settled(FUSES, k);

        // One after the other, the survivors going on.
        let mut burnt = 0;
        for fuse in fuses(k) {
            burnt += u64::from(catch_unwind(AssertUnwindSafe(|| drop(fuse))).is_err());
        }
        assert_eq!(burnt, 1);
        settled(FUSES, k);

        // By assignment through the box: the old value's drop panics.
        let mut one = PoolBox::new(Fuse {
            number: k,
            panics_at: k,
        });
        let next = Fuse {
            number: k + 1,
            panics_at: k,
        };
        assert!(catch_unwind(AssertUnwindSafe(|| *one = next)).is_err());
        drop(one);
        settled(2, k);

        // `into_inner` frees the block and leaves the drop to the value's new owner.
        let value = PoolBox::into_inner(PoolBox::new(Fuse {
            number: k,
            panics_at: k,
        }));
        assert_eq!(pool::<Fuse>().live(), 0);
        assert!(catch_unwind(AssertUnwindSafe(|| drop(value))).is_err());
        settled(1, k);

        // Pinned.
        let pinned = PoolBox::pin(Fuse {
            number: k,
            panics_at: k,
        });
        assert!(catch_unwind(AssertUnwindSafe(|| drop(pinned))).is_err());
        settled(1, k);
    }
}

#[test]
fn a_panicking_clone_frees_the_new_block() {
    #[derive(Debug, Pooled)]
    struct Uncloneable(#[expect(dead_code, reason = "gives the value a size")] u64);
    impl Clone for Uncloneable {
        fn clone(&self) -> Self {
            panic!("no second one")
        }
    }
    let one = PoolBox::new(Uncloneable(1));
    for _ in 0..3 {
        assert!(catch_unwind(AssertUnwindSafe(|| one.clone())).is_err());
        assert_eq!(pool::<Uncloneable>().live(), 1);
    }
    let mut two = PoolBox::new(Uncloneable(2));
    assert!(catch_unwind(AssertUnwindSafe(|| two.clone_from(&one))).is_err());
    assert_eq!(pool::<Uncloneable>().live(), 2);
    drop((one, two));
    assert_eq!(pool::<Uncloneable>().live(), 0);
}

#[test]
fn a_panicking_default_frees_the_new_block() {
    #[derive(Debug, Pooled)]
    struct Undefined(#[expect(dead_code, reason = "gives the value a size")] u64);
    impl Default for Undefined {
        fn default() -> Self {
            panic!("no default")
        }
    }
    assert!(catch_unwind(PoolBox::<Undefined>::default).is_err());
    assert_eq!(pool::<Undefined>().live(), 0);
}

/// A node of a list whose drop makes and drops another node of the same pool.
#[derive(Pooled)]
struct Echo {
    left: u32,
    next: Option<PoolBox<Echo>>,
}

impl Drop for Echo {
    fn drop(&mut self) {
        if self.left > 0 {
            drop(PoolBox::new(Echo {
                left: self.left - 1,
                next: None,
            }));
        }
        // Taken out, so that a long list does not recurse.
        let mut next = self.next.take();
        while let Some(mut echo) = next {
            next = echo.next.take();
        }
    }
}

#[test]
fn a_drop_may_allocate_from_its_own_pool() {
    let length = if cfg!(miri) { 10 } else { 2_000 };
    let mut head = None;
    for _ in 0..length {
        head = Some(PoolBox::new(Echo {
            left: 3,
            next: head,
        }));
    }
    drop(head);
    let figures = pool::<Echo>().stats();
    assert_eq!(figures.live, 0);
    assert_eq!(figures.allocations, length * 4);
    assert_eq!(figures.frees, length * 4);
}

#[test]
fn a_type_may_own_boxes_of_itself() {
    #[derive(Pooled)]
    struct Tree {
        sides: [Option<PoolBox<Tree>>; 2],
    }
    fn grow(depth: u32) -> Option<PoolBox<Tree>> {
        (depth > 0).then(|| {
            PoolBox::new(Tree {
                sides: [grow(depth - 1), grow(depth - 1)],
            })
        })
    }
    fn size(tree: &Tree) -> u64 {
        1 + tree
            .sides
            .iter()
            .flatten()
            .map(|side| size(side))
            .sum::<u64>()
    }
    let depth = if cfg!(miri) { 4 } else { 12 };
    let tree = grow(depth).expect("a tree of some depth");
    assert_eq!(size(&tree), (1 << depth) - 1);
    assert_eq!(pool::<Tree>().live(), (1 << depth) - 1);
    drop(tree);
    assert_eq!(pool::<Tree>().live(), 0);
}
