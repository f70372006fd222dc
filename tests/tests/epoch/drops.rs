//! Drop glue of retired values: it may panic, retire, allocate, free, pin and collect.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use sydra_pool::{PoolBox, Pooled, epoch, pool};
use tests::ledger::Ledger;
use tests::patience::collect_until;

/// Every k-th drop panics: nothing is lost, nothing doubled, and the panics are counted.
#[cfg(all(unix, not(miri)))]
#[test]
fn panics_in_every_kth_drop() {
    #[derive(Pooled)]
    #[pooled(magazine = 16)]
    struct Fuse {
        number: usize,
        every: usize,
        ledger: Arc<Ledger>,
    }
    impl Drop for Fuse {
        fn drop(&mut self) {
            self.ledger.strike(self.number);
            let burns = self.number.is_multiple_of(self.every);
            assert!(!burns, "fuse {} burns", self.number);
        }
    }
    let apart = tests::child::Apart::new("drops::panics_in_every_kth_drop", |every| {
        let every: usize = every.parse().expect("a number");
        const EACH: usize = 400;
        // The complaint of every panic would fill the output.
        std::panic::set_hook(Box::new(|_| {}));
        let ledger = Ledger::new(3 * EACH);
        let retire = |numbers: std::ops::Range<usize>| {
            for number in numbers {
                let ledger = ledger.clone();
                let fuse = Fuse {
                    number,
                    every,
                    ledger,
                };
                PoolBox::retire(PoolBox::new(fuse), &epoch::pin());
            }
        };
        // Dropped within `retire` and `flush`, by `collect_garbage`, and what an ended thread left.
        retire(0..EACH);
        epoch::pin().flush();
        retire(EACH..2 * EACH);
        thread::scope(|scope| _ = scope.spawn(|| retire(2 * EACH..3 * EACH)));
        collect_until("all drops", || ledger.struck() >= 3 * EACH);
        _ = std::panic::take_hook();
        ledger.settled();
        let figures = pool::<Fuse>().stats();
        assert_eq!((figures.live, figures.limbo), (0, 0));
        assert_eq!(figures.frees, 3 * EACH as u64);
        let figures = sydra_pool::snapshot().epoch;
        assert_eq!(figures.drop_panics, (3 * EACH).div_ceil(every) as u64);
        assert_eq!(figures.limbo_objects, 0);
    });
    for every in [1, 2, 3, 7, 16, 100] {
        apart.run(every).succeeded();
    }
}

/// A payload whose own drop panics does not get out either.
#[cfg(all(unix, not(miri)))]
#[test]
fn a_panic_with_a_payload_that_panics() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("the payload burns");
        }
    }
    #[derive(Pooled)]
    struct Fuse(Arc<Ledger>, usize);
    impl Drop for Fuse {
        fn drop(&mut self) {
            self.0.strike(self.1);
            std::panic::panic_any(Bomb);
        }
    }
    let apart = tests::child::Apart::new("drops::a_panic_with_a_payload_that_panics", |_| {
        std::panic::set_hook(Box::new(|_| {}));
        let ledger = Ledger::new(50);
        for number in 0..50 {
            PoolBox::retire(PoolBox::new(Fuse(ledger.clone(), number)), &epoch::pin());
        }
        collect_until("all drops", || ledger.struck() >= 50);
        _ = std::panic::take_hook();
        ledger.settled();
        assert_eq!(sydra_pool::snapshot().epoch.drop_panics, 50);
    });
    apart.run("").succeeded();
}

/// A drop that does everything that is allowed to it.
#[test]
fn a_drop_may_do_whatever_it_likes() {
    static INSIDE: AtomicUsize = AtomicUsize::new(0);
    #[derive(Pooled)]
    #[pooled(magazine = 8)]
    struct Busy {
        number: usize,
        generation: u32,
        spare: Option<PoolBox<Busy>>,
        ledger: Arc<Ledger>,
    }
    impl Busy {
        fn boxed(number: usize, generation: u32, ledger: &Arc<Ledger>) -> PoolBox<Self> {
            PoolBox::new(Self {
                number,
                generation,
                spare: None,
                ledger: ledger.clone(),
            })
        }
    }
    impl Drop for Busy {
        fn drop(&mut self) {
            self.ledger.strike(self.number);
            if self.generation == 0 {
                return;
            }
            // Collecting within a collection does nothing.
            if sydra_pool::collect_garbage() > 0 {
                INSIDE.fetch_add(1, Relaxed);
            }
            sydra_pool::maintain();
            let guard = epoch::pin();
            let next = Self::boxed(self.number + COUNT, self.generation - 1, &self.ledger);
            PoolBox::retire(next, &guard);
            guard.flush();
            // Numbers that no ledger knows would show; these are values of another one.
            let own = Ledger::new(9);
            drop((0..9).map(|n| Self::boxed(n, 0, &own)).collect::<Vec<_>>());
            own.settled();
            drop(self.spare.take());
        }
    }
    const COUNT: usize = if cfg!(miri) { 5 } else { 500 };
    let spares = Ledger::new(COUNT);
    let ledger = Ledger::new(4 * COUNT);
    for number in 0..COUNT {
        let mut busy = Busy::boxed(number, 3, &ledger);
        busy.spare = Some(Busy::boxed(number, 0, &spares));
        PoolBox::retire(busy, &epoch::pin());
    }
    collect_until("all generations", || ledger.struck() >= 4 * COUNT);
    ledger.settled();
    spares.settled();
    assert_eq!(INSIDE.load(Relaxed), 0, "collected within a drop");
    collect_until("an empty limbo", || pool::<Busy>().stats().limbo == 0);
    let figures = pool::<Busy>().stats();
    assert_eq!(figures.retired, 4 * COUNT as u64);
    assert_eq!((figures.live, figures.frees), (0, figures.allocations));
}

/// A long chain, each link retired by the drop of the one before: the stack stays flat.
#[test]
fn a_chain_that_retires_itself() {
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    #[derive(Pooled)]
    struct Link {
        next: Option<PoolBox<Link>>,
    }
    impl Drop for Link {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Relaxed);
            if let Some(next) = self.next.take() {
                PoolBox::retire(next, &epoch::pin());
            }
        }
    }
    const LENGTH: usize = if cfg!(miri) { 30 } else { 10_000 };
    let mut head = None;
    for _ in 0..LENGTH {
        head = Some(PoolBox::new(Link { next: head }));
    }
    // A small stack, so that recursion would not go far.
    let small = thread::Builder::new().stack_size(64 << 10);
    let collecting = small.spawn(move || {
        PoolBox::retire(head.take().expect("a chain"), &epoch::pin());
        collect_until("the last link", || DROPPED.load(Relaxed) == LENGTH);
    });
    collecting.expect("a thread").join().expect("a flat stack");
    assert_eq!(pool::<Link>().live(), 0);
}

/// Chains that are dropped, not retired, by the drop of a retired head.
#[test]
fn a_list_that_hangs_on_a_retired_head() {
    #[derive(Pooled)]
    struct Knot(#[expect(dead_code, reason = "owns them")] Vec<PoolBox<Knot>>);
    let tree = |width: usize| {
        let leaves = |_| PoolBox::new(Knot(Vec::new()));
        let twigs = |_| PoolBox::new(Knot((0..width).map(leaves).collect()));
        PoolBox::new(Knot((0..width).map(twigs).collect()))
    };
    let (trees, width) = if cfg!(miri) { (3, 3) } else { (40, 20) };
    for _ in 0..trees {
        PoolBox::retire(tree(width), &epoch::pin());
    }
    collect_until("all trees", || pool::<Knot>().live() == 0);
    collect_until("all trees", || pool::<Knot>().stats().limbo == 0);
    let figures = pool::<Knot>().stats();
    let knots = trees * (1 + width + width * width) as u64;
    assert_eq!((figures.retired, figures.frees), (trees, knots));
}
