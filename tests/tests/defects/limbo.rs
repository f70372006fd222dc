//! Rows 14, 15 and 31: memory comes back by itself, oldest first, and is counted where it is.

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use sydra_pool::{PoolBox, Pooled, epoch, pool};
use tests::ledger::Ledger;
use tests::patience::{Raise, collect_until, wait_until};
use tests::rng::Rng;

/// Row 14: a process that retires and calls nothing else gets its memory back.
#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn row_14_retiring_alone_reclaims() {
    use tests::resident::resident_bytes;
    #[derive(Pooled)]
    struct Leaf(#[expect(dead_code, reason = "gives the value a size")] [u64; 16]);
    const EACH: u64 = 500_000;
    let apart = tests::child::Apart::new("limbo::row_14_retiring_alone_reclaims", |threads| {
        let threads: u64 = threads.parse().expect("a number");
        let before = resident_bytes();
        thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    for number in 0..EACH {
                        PoolBox::retire(PoolBox::new(Leaf([number; 16])), &epoch::pin());
                    }
                });
            }
        });
        let grown = resident_bytes().saturating_sub(before);
        let figures = sydra_pool::snapshot().epoch;
        assert_eq!(figures.retired, threads * EACH);
        assert!(figures.advances > 10, "{figures:?}");
        if threads == 1 {
            assert!(figures.limbo_objects < EACH / 50, "{figures:?}");
            assert!(figures.limbo_bytes_peak < 4 << 20, "{figures:?}");
            // 64 MB went through.
            assert!(grown < 8 << 20, "{grown} bytes more resident: {figures:?}");
        } else {
            // A thread that is put to sleep by the system while it is pinned holds the others up.
            assert!(
                figures.limbo_objects_peak < figures.retired / 2,
                "{figures:?}"
            );
            // What they left goes with what is retired next.
            wait_until("what ended threads have left", || {
                PoolBox::retire(PoolBox::new(Leaf([0; 16])), &epoch::pin());
                sydra_pool::snapshot().epoch.limbo_objects < EACH / 50
            });
        }
    });
    for threads in [1, 3] {
        apart.run(threads).succeeded();
    }
}

/// Row 14: what cannot be reclaimed is reported, with the name of who stands in the way.
#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn row_14_a_stall_is_reported() {
    #[derive(Pooled)]
    #[pooled(max_limbo = 32 << 10)]
    struct Leaf(#[expect(dead_code, reason = "gives the value a size")] [u64; 16]);
    let apart = tests::child::Apart::new("limbo::row_14_a_stall_is_reported", |_| {
        let (pinned, when_pinned) = std::sync::mpsc::channel();
        let (leave, when_to_leave) = std::sync::mpsc::channel::<()>();
        let reader = thread::Builder::new()
            .name("dreamer".into())
            .spawn(move || {
                let guard = epoch::pin();
                pinned.send(()).expect("the test listens");
                when_to_leave.recv().expect("the test speaks");
                drop(guard);
            });
        when_pinned.recv().expect("the reader pins");
        for number in 0..20_000 {
            PoolBox::retire(PoolBox::new(Leaf([number; 16])), &epoch::pin());
        }
        let figures = sydra_pool::snapshot().epoch;
        assert!(figures.stalls > 0 && figures.forced > 0, "{figures:?}");
        assert!(figures.limbo_objects > 10_000, "{figures:?}");
        let pin = figures.oldest_pin.expect("somebody is pinned");
        assert_eq!((pin.name.as_str(), figures.pinned_threads), ("dreamer", 1));
        leave.send(()).expect("the reader listens");
        reader.expect("a thread").join().expect("the reader ends");
        collect_until("all", || sydra_pool::snapshot().epoch.limbo_objects == 0);
    });
    apart.run("").succeeded();
}

#[derive(Pooled)]
struct Flood(#[expect(dead_code, reason = "gives the value a size")] [u64; 8]);

/// Lets something trickle while two threads pour.
fn while_others_pour(trickle: impl FnOnce()) {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        let _end = Raise(&stop);
        for _ in 0..2 {
            scope.spawn(|| {
                let mut number = 0;
                while !stop.load(Relaxed) {
                    number += 1;
                    PoolBox::retire(PoolBox::new(Flood([number; 8])), &epoch::pin());
                }
            });
        }
        trickle();
    });
}

const DRIPS: usize = 80;

/// Row 15: what trickles is not starved by what pours: values without a drop of their own go by
/// themselves, though the thread that retired them does nothing more.
#[test]
fn row_15_a_trickle_is_not_starved() {
    #[derive(Pooled)]
    struct Drip(#[expect(dead_code, reason = "gives the value a size")] usize);
    while_others_pour(|| {
        for number in 0..DRIPS {
            PoolBox::retire(PoolBox::new(Drip(number)), &epoch::pin());
            thread::sleep(Duration::from_millis(5));
        }
        let last = Instant::now();
        wait_until("the last drip", || pool::<Drip>().stats().limbo == 0);
        // Twenty rounds of maintenance.
        let waited = last.elapsed();
        assert!(waited < Duration::from_secs(1), "{waited:?}");
    });
    assert_eq!(pool::<Drip>().stats().reclaimed, DRIPS as u64);
}

/// Row 15: values whose drop is the program's go while the others retire, and with maintenance in the
/// background.
#[test]
fn row_15_a_trickle_of_drops_is_not_starved() {
    #[derive(Pooled)]
    struct Drip {
        number: usize,
        retired: Instant,
        waited: Arc<Mutex<Vec<Duration>>>,
        ledger: Arc<Ledger>,
    }
    impl Drop for Drip {
        fn drop(&mut self) {
            self.ledger.strike(self.number);
            let waited = self.retired.elapsed();
            self.waited.lock().expect("no panic within").push(waited);
        }
    }
    for maintained in [false, true] {
        let (ledger, waited) = (Ledger::new(DRIPS), Arc::new(Mutex::new(Vec::new())));
        let maintenance = maintained.then(|| {
            let period = Duration::from_millis(20);
            sydra_pool::maintain_in_background(period).expect("a thread")
        });
        while_others_pour(|| {
            for number in 0..DRIPS {
                let drip = Drip {
                    number,
                    retired: Instant::now(),
                    waited: waited.clone(),
                    ledger: ledger.clone(),
                };
                PoolBox::retire(PoolBox::new(drip), &epoch::pin());
                thread::sleep(Duration::from_millis(5));
            }
            wait_until("the last drip", || ledger.struck() == DRIPS);
        });
        drop(maintenance);
        ledger.settled();
        let waited = waited.lock().expect("no panic within");
        let longest = waited.iter().max().expect("many");
        assert!(*longest < Duration::from_secs(1), "{longest:?}");
    }
}

/// Row 15: within a thread the order of dropping is that of retiring.
#[test]
fn row_15_first_in_first_out() {
    static ORDER: Mutex<Vec<u64>> = Mutex::new(Vec::new());
    #[derive(Pooled)]
    #[pooled(magazine = 8)]
    struct Numbered(u64);
    impl Drop for Numbered {
        fn drop(&mut self) {
            ORDER.lock().expect("no panic within").push(self.0);
        }
    }
    const COUNT: u64 = 5_000;
    for number in 0..COUNT {
        PoolBox::retire(PoolBox::new(Numbered(number)), &epoch::pin());
    }
    let dropped = || ORDER.lock().expect("no panic within").len() as u64;
    collect_until("all", || dropped() == COUNT);
    // Other tests' threads may have taken whole bags of this thread's, each in order.
    let order = ORDER.lock().expect("no panic within");
    let steps_back = order.windows(2).filter(|pair| pair[1] < pair[0]).count();
    assert!(steps_back < 100, "{steps_back} of {COUNT} came too early");
}

/// Row 31: live, limbo and frees are apart, at every step of a random walk.
#[test]
fn row_31_live_and_limbo_are_apart() {
    #[derive(Pooled)]
    #[pooled(magazine = 16)]
    struct Counted(#[expect(dead_code, reason = "gives the value a size")] [u64; 3]);
    let mut rng = Rng::announced("row_31_live_and_limbo_are_apart");
    let (mut made, mut retired, mut dropped) = (0, 0, 0);
    let mut live = Vec::new();
    for _ in 0..200 {
        let guard = epoch::pin();
        let start = pool::<Counted>().stats();
        let reclaimed = start.reclaimed;
        let before_retired = retired;
        for _ in 0..rng.below(60) {
            live.push(PoolBox::new(Counted([made; 3])));
            made += 1;
        }
        for one in live.drain(rng.below(live.len() + 1)..) {
            if rng.chance(60) {
                PoolBox::retire(one, &guard);
                retired += 1;
            } else {
                drop(one);
                dropped += 1;
            }
        }
        let figures = pool::<Counted>().stats();
        assert_eq!(figures.allocations, made);
        assert_eq!(figures.retired, retired);
        assert_eq!(figures.live, live.len() as u64, "{figures:?}");
        assert_eq!(figures.frees, dropped + figures.reclaimed, "{figures:?}");
        // What was retired under this guard is still there.
        assert!(figures.limbo >= retired - before_retired, "{figures:?}");
        assert!(figures.reclaimed >= reclaimed);
        drop(guard);
        if rng.chance(30) {
            sydra_pool::collect_garbage();
        }
    }
    let kept = live.len() as u64;
    collect_until("limbo is empty", || pool::<Counted>().stats().limbo == 0);
    let figures = pool::<Counted>().stats();
    assert_eq!((figures.live, figures.reclaimed), (kept, retired));
    assert_eq!(figures.frees, retired + dropped);
    drop(live);
    assert_eq!(pool::<Counted>().stats().frees, made);
}

/// Row 31: the same for the process, in a process of its own.
#[cfg(all(unix, not(miri)))]
#[test]
fn row_31_the_process_counts_limbo_apart() {
    #[derive(Pooled)]
    struct Own(#[expect(dead_code, reason = "gives the value a size")] [u64; 4]);
    #[derive(Pooled)]
    struct Shared<T>(T);
    let name = "limbo::row_31_the_process_counts_limbo_apart";
    let apart = tests::child::Apart::new(name, |_| {
        let guard = epoch::pin();
        let kept: Vec<_> = (0..10).map(|n| PoolBox::new(Own([n; 4]))).collect();
        let kept_shared: Vec<_> = (0..20_u64).map(|n| PoolBox::new(Shared([n; 7]))).collect();
        (0..100).for_each(|n| PoolBox::retire(PoolBox::new(Own([n; 4])), &guard));
        (0..300_u64).for_each(|n| PoolBox::retire(PoolBox::new(Shared([n; 7])), &guard));
        assert_eq!(sydra_pool::collect_garbage(), 0, "under its own guard");
        let snapshot = sydra_pool::snapshot();
        assert_eq!(
            snapshot.bytes.limbo,
            100 * 32 + 300 * 56,
            "{:?}",
            snapshot.bytes
        );
        assert_eq!(snapshot.epoch.limbo_bytes, snapshot.bytes.limbo);
        assert_eq!((snapshot.epoch.retired, snapshot.epoch.reclaimed), (400, 0));
        assert_eq!(snapshot.epoch.limbo_objects, 400);
        let class = snapshot.classes.iter().find(|class| class.stride == 56);
        let class = class.expect("the class of 56 bytes");
        assert_eq!((class.live, class.limbo, class.frees), (20, 300, 0));
        let own = snapshot.type_named("Own").expect("used");
        assert_eq!((own.live, own.limbo, own.frees), (10, 100, 0));
        drop(guard);
        assert_eq!(sydra_pool::collect_garbage(), 400);
        let snapshot = sydra_pool::snapshot();
        assert_eq!((snapshot.bytes.limbo, snapshot.epoch.limbo_objects), (0, 0));
        assert_eq!(snapshot.epoch.reclaimed, 400);
        let class = snapshot.classes.iter().find(|class| class.stride == 56);
        let class = class.expect("the class of 56 bytes");
        assert_eq!((class.live, class.limbo, class.frees), (20, 0, 300));
        assert_eq!(snapshot.bytes.blocks, 10 * 32 + 20 * 56);
        drop((kept, kept_shared));
    });
    apart.run("").succeeded();
}
