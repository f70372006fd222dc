//! Rows 23-25 and 28-30: clocks, counters, histograms, snapshots.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sydra_pool::{PoolBox, Pooled, pool};

/// Every batch that moves between a magazine and its depot is counted, on either way.
#[cfg(not(any(miri, feature = "shadow")))]
#[test]
fn batches_are_counted() {
    #[derive(Pooled)]
    struct Batched(#[expect(dead_code, reason = "gives the value a size")] [u64; 8]);
    const ROUNDS: u64 = 50;
    tests::child::Apart::new("counting::batches_are_counted", |_| {
        let geometry = pool::<Batched>().geometry();
        // What a magazine cannot hold is two batches, for which the depot has room.
        let alive = geometry.magazine + 2 * geometry.batch;
        for _ in 0..ROUNDS {
            let boxes: Vec<_> = (0..alive)
                .map(|n| PoolBox::new(Batched([n as u64; 8])))
                .collect();
            drop(boxes);
        }
        let snapshot = sydra_pool::snapshot();
        let sum = |of: fn(&sydra_pool::ShardFigures) -> u64| -> u64 {
            snapshot.shards.iter().map(of).sum()
        };
        let (from, to) = (sum(|shard| shard.from_depot), sum(|shard| shard.to_depot));
        let in_depot: u64 = snapshot.buckets.iter().map(|bucket| bucket.in_depot).sum();
        assert_eq!((to, from), (2 * ROUNDS, 2 * (ROUNDS - 1)), "{snapshot}");
        assert_eq!(in_depot, 2 * geometry.batch as u64);
        assert_eq!(
            (sum(|shard| shard.stolen), sum(|shard| shard.spills)),
            (0, 0)
        );
        let misses = from + sum(|shard| shard.from_slabs);
        assert_eq!(sum(|shard| shard.hits) + misses, ROUNDS * alive as u64);
    })
    .run("")
    .succeeded();
}

/// Row 24: durations come from a clock that nobody sets.
#[cfg(not(miri))]
#[test]
fn row_24_the_clock_is_monotonic() {
    fn sources(folder: &std::path::Path, all: &mut String) {
        for entry in std::fs::read_dir(folder).expect("the engine's sources") {
            let path = entry.expect("the engine's sources").path();
            if path.is_dir() {
                sources(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&std::fs::read_to_string(&path).expect("a source file"));
            }
        }
    }
    let mut all = String::new();
    sources(
        concat!(env!("CARGO_MANIFEST_DIR"), "/../sydra-pool/src").as_ref(),
        &mut all,
    );
    assert!(
        all.contains("CLOCK_MONOTONIC"),
        "these are not the engine's sources"
    );
    for wall in ["SystemTime", "CLOCK_REALTIME", "gettimeofday"] {
        assert!(!all.contains(wall), "{wall} can be set back");
    }
}

/// Row 25: single-writer counters lose nothing: exact at quiescence, sane while others write.
#[test]
fn row_25_counters_are_exact() {
    #[derive(Pooled)]
    #[pooled(magazine = 8)]
    struct Counted(#[expect(dead_code, reason = "gives the value a size")] [u64; 2]);
    const THREADS: u64 = 6;
    let each = if cfg!(miri) { 30 } else { 50_000 };
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut readings = 0_u64;
            while !stop.load(Ordering::Relaxed) {
                let figures = pool::<Counted>().stats();
                // Reads race with writes, but no sum goes below zero or beyond what was done.
                for value in [
                    figures.live,
                    figures.allocations,
                    figures.frees,
                    figures.peak,
                ] {
                    assert!(value <= THREADS * each, "{figures:?}");
                }
                readings += 1;
                thread::yield_now();
            }
            readings
        });
        let workers: Vec<_> = (0..THREADS)
            .map(|worker| {
                scope.spawn(move || {
                    let mut kept = Vec::new();
                    for number in 0..each {
                        kept.push(PoolBox::new(Counted([worker, number])));
                        if number % 7 == worker {
                            kept.drain(..kept.len() / 2).for_each(drop);
                        }
                    }
                    kept.len() as u64
                })
            })
            .collect();
        workers.into_iter().for_each(|worker| {
            worker.join().expect("a worker ends");
        });
        stop.store(true, Ordering::Relaxed);
        assert!(reader.join().expect("the reader sees sane figures") > 0);
    });
    let figures = pool::<Counted>().stats();
    assert_eq!(figures.allocations, THREADS * each);
    assert_eq!((figures.live, figures.frees), (0, THREADS * each));
}

/// The rows about figures of the whole process, each in a process of its own.
#[cfg(all(target_os = "linux", not(miri)))]
mod alone {
    use sydra_pool::{PoolBox, Pooled, Snapshot, SydraPool};
    use tests::block::Door;
    use tests::child::Apart;
    use tests::op::layout;

    static GLOBAL: SydraPool = SydraPool::new();

    #[derive(Pooled)]
    struct Small(#[expect(dead_code, reason = "gives the value a size")] [u64; 4]);

    fn door() -> Door<'static, SydraPool> {
        Door::new(&GLOBAL)
    }

    /// Enough traffic to go through depots and slabs many times.
    fn traffic() {
        for _ in 0..8 {
            drop(
                (0..200_000)
                    .map(|number| PoolBox::new(Small([number; 4])))
                    .collect::<Vec<_>>(),
            );
        }
    }

    /// Times any bucket's lock was taken.
    fn acquisitions(snapshot: &Snapshot) -> u64 {
        snapshot
            .buckets
            .iter()
            .map(|bucket| bucket.lock_acquisitions)
            .sum()
    }

    /// Row 22: a large block, or one of the fallback, is freed without a look into any bucket.
    #[test]
    fn row_22_freeing_a_fallback_block_takes_no_lock() {
        let test = "counting::alone::row_22_freeing_a_fallback_block_takes_no_lock";
        let apart = Apart::new(test, |_| {
            traffic();
            door().give(door().take(layout(64, 3)).expect("memory"));
            let before = acquisitions(&sydra_pool::snapshot());
            assert!(before > 0, "the traffic takes locks");
            for (size, log_align) in [(40_000, 3), (33 << 20, 3), (64, 13)] {
                for _ in 0..500 {
                    let block = door().take(layout(size, log_align)).expect("memory");
                    door().give(block);
                }
            }
            assert_eq!(acquisitions(&sydra_pool::snapshot()), before);
        });
        apart.run("").succeeded();
    }

    /// Row 23: no clock on the uncontended path but for the samples.
    #[test]
    fn row_23_only_the_contended_path_is_timed() {
        let test = "counting::alone::row_23_only_the_contended_path_is_timed";
        let apart = Apart::new(test, |_| {
            traffic();
            let snapshot = sydra_pool::snapshot();
            let mut sampled = 0;
            for bucket in &snapshot.buckets {
                assert_eq!(
                    (bucket.lock_contentions, bucket.lock_wait_ns),
                    (0, 0),
                    "{bucket:?}"
                );
                assert!(
                    bucket.lock_hold_samples <= bucket.lock_acquisitions / 1024,
                    "{bucket:?}"
                );
                sampled += bucket.lock_hold_samples;
            }
            assert!(sampled > 0, "some hold times are taken");
        });
        apart.run("").succeeded();
    }

    /// Row 27: alignment 16 and more stays in the pool: no `HashMap` falls through.
    #[test]
    fn row_27_natural_alignments_stay_in_the_pool() {
        let test = "counting::alone::row_27_natural_alignments_stay_in_the_pool";
        let apart = Apart::new(test, |_| {
            for log_align in 0..=12 {
                for size in (1..=1 << 12).step_by(37) {
                    let block = door().take(layout(size, log_align)).expect("memory");
                    assert!(block.is_aligned());
                    door().give(block);
                }
            }
            assert_eq!(sydra_pool::snapshot().fallback.allocs, 0);
        });
        apart.run("").succeeded();
    }

    /// Row 28: a histogram for each operation; nothing of one in another.
    #[test]
    fn row_28_one_histogram_for_each_operation() {
        let test = "counting::alone::row_28_one_histogram_for_each_operation";
        let apart = Apart::new(test, |_| {
            let bins = |pairs: &[(usize, u64)]| {
                let mut bins = [0; sydra_pool::HISTOGRAM_BINS];
                pairs.iter().for_each(|&(bin, count)| bins[bin] += count);
                bins
            };
            let (over, above) = (13, sydra_pool::HISTOGRAM_BINS - 1);
            // Too large even for large blocks.
            const HUGE: usize = (32 << 20) + 1;
            let large = door().take(layout(HUGE, 3)).expect("memory");
            let small = door().take(layout(100, over)).expect("memory");
            let zeroed = door().take_zeroed(layout(64, over)).expect("memory");
            let page = door().take_zeroed(layout(8_192, over)).expect("memory");
            let large = door().resize(large, HUGE + 10_000).expect("memory");
            let small = door().resize(small, 129).expect("memory");
            door().give(zeroed);
            door().give(page);
            let figures = sydra_pool::snapshot().fallback;
            assert_eq!(figures.alloc_sizes, bins(&[(above, 1), (1, 1)]));
            assert_eq!(figures.alloc_zeroed_sizes, bins(&[(0, 1), (7, 1)]));
            assert_eq!(figures.realloc_sizes, bins(&[(above, 1), (2, 1)]));
            assert_eq!(figures.dealloc_sizes, bins(&[(0, 1), (7, 1)]));
            assert_eq!((figures.allocs, figures.reallocs, figures.frees), (4, 2, 2));
            assert_eq!((figures.too_large, figures.over_aligned), (1, 3));
            assert_eq!(figures.bytes, HUGE as u64 + 10_000 + 129);
            door().give(large);
            door().give(small);
            let figures = sydra_pool::snapshot().fallback;
            assert_eq!(
                figures.dealloc_sizes,
                bins(&[(0, 1), (7, 1), (above, 1), (2, 1)])
            );
            assert_eq!((figures.frees, figures.bytes, figures.refused), (4, 0, 0));
        });
        apart.run("").succeeded();
    }

    /// Row 29: counters only: a snapshot takes no bucket's lock, however full the buckets are.
    #[test]
    fn row_29_a_snapshot_takes_no_lock_of_a_bucket() {
        let test = "counting::alone::row_29_a_snapshot_takes_no_lock_of_a_bucket";
        let apart = Apart::new(test, |_| {
            traffic();
            let mut snapshot = sydra_pool::snapshot();
            let before = acquisitions(&snapshot);
            for _ in 0..200 {
                sydra_pool::snapshot_into(&mut snapshot);
            }
            assert_eq!(acquisitions(&snapshot), before);
            assert_eq!(snapshot.omitted, 0);
        });
        apart.run("").succeeded();
    }

    /// Row 30: a miss has a reason.
    #[test]
    fn row_30_misses_have_reasons() {
        use sydra_pool::__private::v1::faults;
        let test = "counting::alone::row_30_misses_have_reasons";
        let apart = Apart::new(test, |case| {
            let give = |size, log_align| {
                if let Some(block) = door().take(layout(size, log_align)) {
                    door().give(block);
                }
            };
            match case {
                "shards off" => {
                    sydra_pool::limit_shards(0);
                    traffic();
                }
                "refused" => {
                    give(64, 3);
                    faults::refuse_from(0);
                    // A chunk of the address space, at most, is there already.
                    let served = (0..40_000).map_while(|_| door().take(layout(64, 3)));
                    let served: Vec<_> = served.collect();
                    assert!(door().take(layout(64, 3)).is_none(), "never refused");
                    faults::allow_all();
                    served.into_iter().for_each(|block| door().give(block));
                }
                _ => {}
            }
            (0..2).for_each(|_| give(40_000, 3));
            give(33 << 20, 3);
            (0..5).for_each(|_| give(64, 13));
            give(64, 3);
            let snapshot = sydra_pool::snapshot();
            let sum = |field: fn(&sydra_pool::ShardFigures) -> u64| -> u64 {
                snapshot.shards.iter().map(field).sum()
            };
            assert_eq!(
                (snapshot.fallback.too_large, snapshot.fallback.over_aligned),
                (1, 5)
            );
            assert_eq!(snapshot.large.allocations, 2);
            assert_eq!(
                (
                    sum(|shard| shard.too_large),
                    sum(|shard| shard.over_aligned)
                ),
                (3, 5)
            );
            let numbered = snapshot.shards.iter().any(|shard| shard.shard.is_some());
            let central = snapshot.shards.iter().find(|shard| shard.shard.is_none());
            let central_misses = central.map_or(0, |shard| {
                shard.from_depot + shard.from_slabs + shard.from_central
            });
            let failed = sum(|shard| shard.refill_failed);
            assert_eq!(failed > 0, case == "refused", "{failed} refills failed");
            match case {
                "shards off" => {
                    assert!(!numbered, "{:?}", snapshot.shards);
                    assert!(central_misses > 100, "{central:?}");
                }
                _ => assert!(numbered),
            }
        });
        for case in ["as it is", "shards off", "refused"] {
            apart.run(case).succeeded();
        }
    }
}
