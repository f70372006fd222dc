//! Retiring under refusal: blocks of the backing allocator, bags for which there is no memory.

use std::sync::Arc;

use sydra_pool::__private::v1::faults;
use sydra_pool::{PoolBox, Pooled, epoch, pool};
use tests::child::Apart;
use tests::ledger::Ledger;
use tests::patience::collect_until;

/// Strikes its number when dropped.
#[derive(Pooled)]
#[pooled(magazine = 16)]
struct Entry {
    number: usize,
    body: [usize; 20],
    ledger: Arc<Ledger>,
}

impl Entry {
    fn new(number: usize, ledger: &Arc<Ledger>) -> Self {
        Self {
            number,
            body: [!number; 20],
            ledger: ledger.clone(),
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.body == [!self.number; 20] {
            self.ledger.strike(self.number);
        }
    }
}

/// All numbers have been struck once, and all memory is back.
fn settle(ledger: &Ledger, entries: usize) {
    collect_until("all drops", || ledger.struck() >= entries);
    ledger.settled();
    let figures = pool::<Entry>().stats();
    assert_eq!((figures.live, figures.limbo), (0, 0), "{figures:?}");
    assert_eq!(figures.allocations, figures.frees, "{figures:?}");
    assert_eq!(figures.retired, figures.reclaimed, "{figures:?}");
}

/// One request of the system is refused, whichever: a slab's, the backing allocator's, a bag's.
#[test]
fn one_refusal_while_values_are_retired() {
    const MANY: usize = 30_000;
    let name = "epoch::one_refusal_while_values_are_retired";
    let apart = Apart::new(name, |number| {
        let number: u64 = number.parse().expect("a number");
        let ledger = Ledger::new(MANY);
        // The thread's place: without memory for that there is no going on.
        drop(epoch::pin());
        faults::refuse_only(number);
        let mut refused = 0;
        let mut outer = epoch::pin();
        for entry in 0..MANY {
            match PoolBox::try_new(Entry::new(entry, &ledger)) {
                Ok(boxed) => PoolBox::retire(boxed, &outer),
                // The error drops its value.
                Err(_) => refused += 1,
            }
            if entry % 5_000 == 0 {
                // In between nothing can be reclaimed, so that limbo grows.
                outer.repin();
            }
        }
        drop(outer);
        let requests = faults::requests();
        faults::allow_all();
        assert!(refused <= 1, "{refused} refusals");
        if requests <= number {
            println!("\nall served");
        }
        settle(&ledger, MANY);
    });
    let mut number = 0;
    while !apart.run(number).succeeded().said("all served") {
        number += 1;
        assert!(number < 100, "more than 100 requests");
    }
    assert!(number > 2, "nothing was asked of the system");
}

/// Blocks that the backing allocator served because a slab was refused go back there.
#[test]
fn retired_blocks_of_the_fallback() {
    let apart = Apart::new("epoch::retired_blocks_of_the_fallback", |first| {
        let first: u64 = first.parse().expect("a number");
        const MANY: usize = 60_000;
        let ledger = Ledger::new(MANY);
        // The guard keeps all of them, so that slabs are wanted again and again.
        let guard = epoch::pin();
        for number in 0..MANY {
            // Just the next slab is refused: the backing allocator, asked after it, still gives.
            if number % 100 == 0 {
                faults::refuse_only(first);
            }
            PoolBox::retire(PoolBox::new(Entry::new(number, &ledger)), &guard);
        }
        faults::allow_all();
        let fallback = sydra_pool::snapshot().fallback;
        assert!(
            fallback.refill_failed > 2,
            "nothing was refused: {fallback:?}"
        );
        assert_eq!(fallback.frees, 0, "{fallback:?}");
        drop(guard);
        settle(&ledger, MANY);
        // What was served there goes back at the latest with the magazine it lies in.
        sydra_pool::trim();
        let fallback = sydra_pool::snapshot().fallback;
        assert_eq!((fallback.frees, fallback.bytes), (fallback.allocs, 0));
    });
    for first in 0..2 {
        apart.run(first).succeeded();
    }
}

/// Without memory to note it in, what is retired could be neither kept nor dropped: the process stops.
#[test]
fn no_memory_for_a_bag() {
    let apart = Apart::new("epoch::no_memory_for_a_bag", |_| {
        #[derive(Pooled)]
        struct Leaf(#[expect(dead_code, reason = "gives the value a size")] u64);
        let leaves: Vec<_> = (0..400_000).map(|n| PoolBox::new(Leaf(n))).collect();
        let guard = epoch::pin();
        faults::refuse_from(0);
        // The guard keeps all of them; their bags need more than the engine has at hand.
        for leaf in leaves {
            PoolBox::retire(leaf, &guard);
        }
    });
    apart.run("").aborted("memory allocation of 8 bytes failed");
}
