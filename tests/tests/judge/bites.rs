//! The judge catches every heap that lies, and no honest one.

use std::alloc::System;

use tests::broken::{BrokenHeap, Lie};
use tests::op::{Op, Taste};
use tests::play::{Company, play, play_random};
use tests::rng::{Rng, announced_seed};
use tests::verdict::{Counted, Counts, Fault, compare};

const SEEDS: u64 = if cfg!(miri) { 1 } else { 24 };
const STEPS: usize = if cfg!(miri) { 60 } else { 400 };

/// One play on a fresh arena heap, its figures compared at the end.
fn verdict(lie: Lie, seed: u64) -> Result<(), Fault> {
    let heap = BrokenHeap::new(lie);
    // Resizes count as a move or not, as the heap likes: figures are for the sequences without.
    let counted = matches!(lie, Lie::MissesFrees | Lie::CountsTwice | Lie::Nothing);
    let mut rng = Rng::new(seed);
    let ops: Vec<Op> = (0..STEPS)
        .map(|_| Taste::SMALL.draw(&mut rng))
        .filter(|op| !(counted && matches!(op, Op::Realloc { .. })))
        .collect();
    let done = play(&heap, ops)?;
    if counted {
        compare(done, heap.counts())
    } else {
        Ok(())
    }
}

#[test]
fn every_lie_is_caught_with_every_seed() {
    for lie in Lie::ALL {
        for seed in 0..SEEDS {
            let fault = verdict(lie, seed).expect_err(&format!("{lie:?} passed with seed {seed}"));
            let fits = match lie {
                Lie::Nothing => false,
                Lie::Overlaps | Lie::HandsOutTwice | Lie::CutsShort => {
                    matches!(fault, Fault::Overlap { .. })
                }
                Lie::Misaligns => matches!(fault, Fault::Misaligned { .. }),
                Lie::ForgetsOnResize | Lie::ShiftsOnResize => matches!(fault, Fault::Prefix { .. }),
                Lie::SkipsZeroing | Lie::ZeroesOneWord => matches!(fault, Fault::NotZero(_)),
                Lie::ScribblesOnFree => {
                    matches!(fault, Fault::Contents { .. } | Fault::Prefix { .. })
                }
                Lie::MissesFrees | Lie::CountsTwice => matches!(fault, Fault::Counts { .. }),
                Lie::Refuses => matches!(fault, Fault::Refused(_)),
            };
            assert!(fits, "{lie:?} with seed {seed} was caught as {fault:?}");
        }
    }
}

#[test]
fn the_honest_arena_passes() {
    for seed in 0..SEEDS {
        assert_eq!(verdict(Lie::Nothing, seed), Ok(()), "seed {seed}");
    }
}

#[test]
fn the_systems_heap_passes() {
    let mut rng = Rng::announced("the_systems_heap_passes");
    let done = play_random(&System, Taste::WIDE, STEPS, &mut rng).expect("System is honest");
    assert_eq!(done.allocations, done.frees);
    assert_eq!(done.live, 0);
}

// Two owners of one block are a data race, which Miri would stop before the judge sees it.
#[cfg(not(miri))]
#[test]
fn company_catches_what_no_player_can_see_alone() {
    // Each player's own book is in order; only the books together show the overlap.
    let company = Company {
        threads: 2,
        rounds: 4,
        steps: 40,
        taste: Taste::SMALL,
        seed: 7,
    };
    let heap = BrokenHeap::new(Lie::HandsOutTwice);
    let fault = company.play(&heap).expect_err("two owners of one block");
    assert!(
        matches!(
            fault,
            Fault::Overlap { .. } | Fault::Contents { .. } | Fault::Prefix { .. }
        ),
        "caught as {fault:?}"
    );
}

#[test]
fn company_passes_the_systems_heap() {
    let seed = announced_seed("company_passes_the_systems_heap");
    let steps = if cfg!(miri) { 25 } else { 2_000 };
    let company = Company {
        threads: 4,
        rounds: 3,
        steps,
        taste: Taste::SMALL,
        seed,
    };
    let Counts {
        allocations,
        frees,
        live,
    } = company.play(&System).expect("System is honest");
    assert_eq!((allocations, live), (frees, 0));
}
