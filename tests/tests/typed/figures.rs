//! Figures against a model: exact whenever nobody is at work.

use std::thread;

use sydra_pool::{PoolBox, Pooled, TypeFigures, pool};
use tests::rng::Rng;

/// What the figures should say.
#[derive(Debug, Default, PartialEq)]
struct Model {
    live: u64,
    peak: u64,
    allocations: u64,
    frees: u64,
}

impl Model {
    fn of(figures: &TypeFigures) -> Self {
        let TypeFigures {
            live,
            peak,
            allocations,
            frees,
            ..
        } = *figures;
        Self {
            live,
            peak,
            allocations,
            frees,
        }
    }

    fn take(&mut self) {
        self.allocations += 1;
        self.live += 1;
        self.peak = self.peak.max(self.live);
    }

    fn give(&mut self, count: usize) {
        self.frees += count as u64;
        self.live -= count as u64;
    }
}

#[test]
fn all_four_follow_a_model_at_every_step() {
    #[derive(Pooled)]
    struct Counted(#[expect(dead_code, reason = "gives the value a size")] [u64; 5]);
    let mut rng = Rng::announced("all_four_follow_a_model_at_every_step");
    let (mut model, mut live) = (Model::default(), Vec::new());
    let rounds = if cfg!(miri) { 12 } else { 2_000 };
    for round in 0..rounds {
        // Waves: up by some, down by some, so that the peak is met in all states of a magazine.
        let wave = if cfg!(miri) { 12 } else { 400 };
        for _ in 0..rng.below(wave) {
            live.push(PoolBox::new(Counted([round; 5])));
            model.take();
        }
        let down = rng.below(live.len() + 1);
        live.truncate(live.len() - down);
        model.give(down);
        assert_eq!(
            Model::of(&pool::<Counted>().stats()),
            model,
            "after round {round}"
        );
        if rng.chance(5) {
            pool::<Counted>().trim();
        }
    }
    drop(live);
    let figures = pool::<Counted>().stats();
    assert_eq!((figures.live, figures.frees), (0, figures.allocations));
    assert_eq!(figures.peak, model.peak);
}

/// The same with a thread for each wave, and blocks that are freed elsewhere.
#[test]
fn threads_one_after_another_are_counted_exactly() {
    #[derive(Pooled)]
    struct Passed(#[expect(dead_code, reason = "gives the value a size")] [u64; 3]);
    /// What this thread freed into its magazine is not known to others, so their peak may be too
    /// high by that much.
    fn check(model: &Model) {
        let found = Model::of(&pool::<Passed>().stats());
        let most = model.peak + pool::<Passed>().geometry().magazine as u64;
        assert!(
            (model.peak..=most).contains(&found.peak),
            "{found:?}, but {model:?}"
        );
        assert_eq!(
            Model {
                peak: model.peak,
                ..found
            },
            *model
        );
    }
    let rounds = if cfg!(miri) { 5 } else { 150 };
    let (mut model, mut kept) = (Model::default(), Vec::new());
    for round in 0..rounds {
        let count = 1 + (round as usize * 37) % if cfg!(miri) { 20 } else { 700 };
        let made = thread::spawn(move || {
            (0..count)
                .map(|_| PoolBox::new(Passed([round; 3])))
                .collect::<Vec<_>>()
        });
        // Last round's blocks are freed by this thread while those of this round are alive.
        let made = made.join().expect("the maker ends");
        (0..count).for_each(|_| model.take());
        model.give(kept.len());
        kept = made;
        check(&model);
    }
    model.give(kept.len());
    drop(kept);
    check(&model);
}

#[test]
fn boxes_and_counted_values_of_a_type_are_told_apart() {
    #[derive(Pooled)]
    #[pooled(name = "both ways")]
    struct Both(#[expect(dead_code, reason = "a value of some size")] [u64; 3]);
    let _box = PoolBox::new(Both([1; 3]));
    let _arcs = [2, 3].map(|n| sydra_pool::PoolArc::new(Both([n; 3])));
    let taken = sydra_pool::snapshot();
    let rows = taken.types.iter().filter(|one| one.name == "both ways");
    let rows: Vec<_> = rows
        .map(|one| (one.counted, one.size, one.stride, one.live))
        .collect();
    assert_eq!(rows, [(false, 24, 24, 1), (true, 40, 40, 2)]);
    let table = taken.to_string();
    assert!(table.contains("both ways (counted)"), "{table}");
}
