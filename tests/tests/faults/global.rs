//! The global door under refusal: null, or a block from the fallback that goes back to it.

use sydra_pool::SydraPool;
use tests::block::{Block, Door};
use tests::op::{Taste, layout};
use tests::rng::Rng;

use crate::sweep::{Mood, sweep};

static GLOBAL: SydraPool = SydraPool::new();

fn door() -> Door<'static, SydraPool> {
    Door::new(&GLOBAL)
}

/// `taken`, or nothing if the mood allows it.
fn judge<T>(mood: Mood, taken: Option<T>) -> Option<T> {
    assert!(
        taken.is_some() || mood == Mood::Stingy,
        "refused though nothing was"
    );
    taken
}

/// Layouts of every route: small, aligned, large classes, too large, over-aligned.
const ROUTES: [(usize, u8); 8] = [
    (16, 3),
    (40, 3),
    (48, 4),
    (640, 6),
    (4_096, 12),
    (30_000, 3),
    (40_000, 3),
    (64, 14),
];

fn check_and_give(blocks: Vec<Block<SydraPool>>) {
    for block in blocks {
        let size = block.layout().size();
        assert_eq!(block.first_stray(size as u64, size), None, "{block:?}");
        door().give(block);
    }
}

#[test]
fn alloc() {
    sweep("global::alloc", |mood| {
        let mut blocks = Vec::new();
        for _ in 0..8 {
            for (size, log_align) in ROUTES {
                if let Some(mut block) = judge(mood, door().take(layout(size, log_align))) {
                    assert!(block.is_aligned());
                    block.fill(size as u64);
                    blocks.push(block);
                }
            }
        }
        check_and_give(blocks);
    });
}

#[test]
fn alloc_zeroed() {
    sweep("global::alloc_zeroed", |mood| {
        let mut blocks = Vec::new();
        for _ in 0..8 {
            for (size, log_align) in ROUTES {
                if let Some(mut block) = judge(mood, door().take_zeroed(layout(size, log_align))) {
                    assert!(block.is_zero(), "{block:?} is not zero");
                    block.fill(size as u64);
                    blocks.push(block);
                }
            }
        }
        check_and_give(blocks);
    });
}

/// Every pair of routes: a refused resize leaves the old block whole.
#[test]
fn realloc() {
    sweep("global::realloc", |mood| {
        for (from, log_align) in ROUTES {
            for (to, _) in ROUTES {
                let Some(mut block) = judge(mood, door().take(layout(from, log_align))) else {
                    continue;
                };
                block.fill(9);
                let (block, kept) = match door().resize(block, to) {
                    Ok(block) => (block, from.min(to)),
                    Err(block) => {
                        assert_eq!(mood, Mood::Stingy, "refused though nothing was");
                        (block, from)
                    }
                };
                assert_eq!(block.first_stray(9, kept), None, "{from} to {to}");
                door().give(block);
            }
        }
    });
}

/// Defect 20: blocks served by another route while the pool is refused memory, freed when
/// it no longer is, and the other way round.
#[test]
fn blocks_cross_the_mood() {
    use std::cell::RefCell;
    thread_local! {
        static KEPT: RefCell<Vec<Block<SydraPool>>> = const { RefCell::new(Vec::new()) };
    }
    sweep("global::blocks_cross_the_mood", |mood| {
        KEPT.with_borrow_mut(|kept| {
            let mut rng = Rng::new(3);
            for _ in 0..150 {
                let (size, log_align) = ROUTES[rng.below(ROUTES.len())];
                if let Some(mut block) = judge(mood, door().take(layout(size, log_align))) {
                    block.fill(size as u64);
                    kept.push(block);
                }
                if rng.chance(20) && !kept.is_empty() {
                    check_and_give(vec![kept.swap_remove(rng.below(kept.len()))]);
                }
            }
            if mood == Mood::Generous {
                // All of them, those of the stingy time included, in one go through all caches.
                check_and_give(core::mem::take(kept));
                GLOBAL.trim();
            }
        });
    });
}

/// The judge's random plays go on as before once the system is generous again.
#[test]
fn random_plays_go_on() {
    sweep("global::random_plays_go_on", |mood| {
        let mut rng = Rng::new(11);
        let mut judge = tests::judge::Judge::new(&GLOBAL);
        for _ in 0..250 {
            match judge.step(Taste::WIDE.draw(&mut rng)) {
                Ok(()) => {}
                Err(tests::verdict::Fault::Refused(_)) if mood == Mood::Stingy => {}
                Err(fault) => panic!("{fault:?}"),
            }
        }
        judge.close().expect("every block as its owner left it");
    });
}

#[test]
fn questions_and_trim() {
    sweep("global::questions_and_trim", |mood| {
        let table = GLOBAL.snapshot().to_string();
        assert!(table.starts_with("memory\n  live blocks"), "{table}");
        GLOBAL.trim();
        if let Some(block) = judge(mood, door().take(layout(24, 3))) {
            door().give(block);
        }
        GLOBAL.trim();
    });
}
