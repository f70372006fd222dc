//! The door under other settings: class tables, modes, poison.

use std::alloc::GlobalAlloc;

use sydra_pool::{Config, Mode, Settings, SydraPool};
use tests::op::Taste;
use tests::play::play_random;
use tests::rng::Rng;

macro_rules! setting {
    ($name:ident, $settings:expr) => {
        struct $name;
        impl Config for $name {
            const SETTINGS: Settings = $settings;
        }
    };
}

setting!(OneClass, Settings::new().classes(&[64]));
setting!(Passed, Settings::new().mode(Mode::Default));
setting!(Poisoned, Settings::new().poison(true));
#[cfg(all(target_os = "linux", not(miri)))]
setting!(
    Tuned,
    Settings::new().shards(3).magazine(2).slab_size(256 << 10)
);

fn holds<A: GlobalAlloc>(name: &str, heap: &A) {
    let steps = if cfg!(miri) { 60 } else { 10_000 };
    let mut rng = Rng::announced(name);
    play_random(heap, Taste::WIDE, steps, &mut rng).expect("the door keeps its promises");
}

#[test]
fn one_class_and_the_rest_to_the_fallback() {
    holds(
        "one_class_and_the_rest_to_the_fallback",
        &SydraPool::<OneClass>::new(),
    );
}

#[test]
fn the_mode_that_passes_everything_on() {
    holds(
        "the_mode_that_passes_everything_on",
        &SydraPool::<Passed>::new(),
    );
}

#[test]
fn poisoned_blocks() {
    holds("poisoned_blocks", &SydraPool::<Poisoned>::new());
}

/// What each setting is for, each in a process of its own.
#[cfg(all(target_os = "linux", not(miri)))]
mod alone {
    use super::{OneClass, Passed, Poisoned, Tuned, holds};
    use core::alloc::GlobalAlloc;
    use sydra_pool::SydraPool;
    use tests::block::Door;
    use tests::child::Apart;
    use tests::op::layout;

    #[test]
    fn a_listed_class_serves_what_fits_and_nothing_else() {
        let test = "settings::alone::a_listed_class_serves_what_fits_and_nothing_else";
        let apart = Apart::new(test, |_| {
            let pool = SydraPool::<OneClass>::new();
            for size in [1, 8, 63, 64] {
                let block = Door::new(&pool).take(layout(size, 3)).expect("memory");
                Door::new(&pool).give(block);
            }
            assert_eq!(pool.snapshot().fallback.allocs, 0);
            let block = Door::new(&pool).take(layout(65, 3)).expect("memory");
            Door::new(&pool).give(block);
            assert_eq!(pool.snapshot().fallback.too_large, 1);
            let used = pool
                .snapshot()
                .classes
                .iter()
                .filter(|class| class.allocations > 0)
                .count();
            assert_eq!(used, 1);
        });
        apart.run("").succeeded();
    }

    #[test]
    fn the_pool_is_not_in_the_way_of_the_default_mode() {
        let test = "settings::alone::the_pool_is_not_in_the_way_of_the_default_mode";
        let apart = Apart::new(test, |_| {
            let pool = SydraPool::<Passed>::new();
            let block = Door::new(&pool).take(layout(64, 3)).expect("memory");
            let block = Door::new(&pool).resize(block, 100_000).expect("memory");
            Door::new(&pool).give(block);
            let snapshot = pool.snapshot();
            assert_eq!((snapshot.bytes.reserved, snapshot.fallback.allocs), (0, 0));
        });
        apart.run("").succeeded();
    }

    #[test]
    fn settings_reach_the_engine() {
        let apart = Apart::new("settings::alone::settings_reach_the_engine", |_| {
            let pool = SydraPool::<Tuned>::new();
            let all = std::sync::Barrier::new(9);
            std::thread::scope(|scope| {
                for _ in 0..9 {
                    scope.spawn(|| {
                        let door = Door::new(&pool);
                        let blocks: Vec<_> = (0..50)
                            .map(|_| door.take(layout(64, 3)).expect("memory"))
                            .collect();
                        blocks.into_iter().for_each(|block| door.give(block));
                        // Who comes after others have ended gets their shards.
                        all.wait();
                    });
                }
            });
            let buckets = pool.snapshot().buckets;
            let shards = buckets
                .iter()
                .filter(|bucket| bucket.shard.is_some())
                .count();
            assert_eq!(shards, 3, "{buckets:?}");
            assert!(
                buckets
                    .iter()
                    .all(|bucket| bucket.slab_bytes == bucket.slabs * (256 << 10))
            );
            assert!(buckets.iter().any(|bucket| bucket.slabs > 0));
            // Far more than a magazine of two holds, far less than the default one does.
            let door = Door::new(&pool);
            let blocks: Vec<_> = (0..50)
                .map(|_| door.take(layout(64, 3)).expect("memory"))
                .collect();
            blocks.into_iter().for_each(|block| door.give(block));
            let classes = pool.snapshot().classes;
            let class = classes.iter().find(|class| class.stride == 64);
            let class = class.expect("the class was used");
            // Those of the threads that are ending may still be there.
            let most = 2 * class.magazines;
            assert!((1..=most).contains(&class.in_magazines), "{class:?}");
        });
        apart.run("").succeeded();
    }

    /// The settings are those of the first door of a process, so beside others it may have none.
    #[test]
    fn small_magazines_and_large_slabs() {
        let test = "settings::alone::small_magazines_and_large_slabs";
        let apart = Apart::new(test, |_| {
            let pool = SydraPool::<Tuned>::new();
            holds("small_magazines_and_large_slabs", &pool);
            let snapshot = pool.snapshot();
            let (slabs, bytes) = snapshot.buckets.iter().fold((0, 0), |(slabs, bytes), one| {
                (slabs + one.slabs, bytes + one.slab_bytes)
            });
            assert!(slabs > 0 && bytes >= slabs * (256 << 10));
            let most = |one: &sydra_pool::ClassFigures| one.in_magazines <= 2 * one.magazines;
            assert!(snapshot.classes.iter().all(most), "{:?}", snapshot.classes);
        });
        apart.run("").succeeded();
    }

    /// A write after the free is seen when the block is handed out again.
    #[test]
    fn poison_sees_a_write_after_free() {
        let apart = Apart::new("settings::alone::poison_sees_a_write_after_free", |case| {
            let pool = SydraPool::<Poisoned>::new();
            let layout = layout(48, 3);
            // SAFETY: the layout has a size.
            let start = unsafe { pool.alloc(layout) };
            // SAFETY: just allocated.
            unsafe { pool.dealloc(start, layout) };
            if case == "written" {
                // SAFETY: stays within the block of 48 bytes.
                let inside = unsafe { start.add(20) };
                // SAFETY: none: the block is free, which is the fault under test.
                unsafe { inside.write(7) };
            }
            for _ in 0..1_000 {
                // SAFETY: the layout has a size. Nothing is freed, so the block comes up again.
                assert!(!unsafe { pool.alloc(layout) }.is_null());
            }
        });
        apart.run("left alone").succeeded();
        apart.run("written").aborted("write after free");
    }
}
