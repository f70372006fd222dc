//! `max_limbo`: at the cap the epoch is forced, a reader in the way is named, retiring goes on, and
//! memory comes back when it has left. Each in a process of its own.
#![cfg(all(target_os = "linux", not(miri)))]

use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use sydra_pool::{EpochFigures, PoolBox, Pooled, SydraPool, epoch, pool};
use tests::block::Door;
use tests::child::Apart;
use tests::op::layout;
use tests::resident::resident_bytes;

#[derive(Pooled)]
struct Leaf(#[expect(dead_code, reason = "gives the value a size")] [u64; 32]);

#[derive(Pooled)]
#[pooled(max_limbo = 64 << 10)]
struct Capped(#[expect(dead_code, reason = "gives the value a size")] [u64; 32]);

const BYTES: u64 = 256;

#[sydra_pool::config(max_limbo = 256 << 10)]
static GLOBAL: SydraPool = SydraPool::new();

/// Starts the engine by the settings of `GLOBAL`.
fn start() {
    let block = Door::new(&GLOBAL).take(layout(64, 3)).expect("memory");
    Door::new(&GLOBAL).give(block);
}

fn figures() -> EpochFigures {
    sydra_pool::snapshot().epoch
}

/// A thread that pins and then does nothing until it is let go.
struct Sleeper {
    thread: JoinHandle<()>,
    let_go: Sender<()>,
}

impl Sleeper {
    fn new(name: &str) -> Self {
        let (pinned, when_pinned) = channel();
        let (let_go, when_to_go) = channel();
        let sleep = move || {
            let guard = epoch::pin();
            pinned.send(()).expect("the test listens");
            when_to_go.recv().expect("the test speaks");
            drop(guard);
        };
        let thread = thread::Builder::new().name(name.into()).spawn(sleep);
        when_pinned.recv().expect("the sleeper pins");
        let thread = thread.expect("a thread");
        Self { thread, let_go }
    }

    fn leave(self) {
        self.let_go.send(()).expect("the sleeper listens");
        self.thread.join().expect("the sleeper ends");
    }
}

fn retire_leaves(count: u64) {
    for number in 0..count {
        PoolBox::retire(PoolBox::new(Leaf([number; 32])), &epoch::pin());
    }
}

fn retire_capped(count: u64) {
    for number in 0..count {
        PoolBox::retire(PoolBox::new(Capped([number; 32])), &epoch::pin());
    }
}

/// Where nobody reads, the cap holds: the thread that retires is not in its own way, and no stall is
/// counted. Each value is retired under a pin of its own.
#[test]
fn nobody_in_the_way() {
    let apart = Apart::new("cap::nobody_in_the_way", |_| {
        let mut most = 0;
        for _ in 0..400 {
            retire_capped(1_000);
            most = most.max(pool::<Capped>().stats().limbo * BYTES);
        }
        let after = figures();
        assert!(after.forced > 0, "{after:?}");
        assert_eq!(after.stalls, 0, "{after:?}");
        assert!(most <= 4 * (64 << 10), "{most} bytes: {after:?}");
    });
    apart.run("").succeeded();
}

/// A reader that is pinned for long enough to fill limbo over the cap, and then goes.
#[test]
fn at_the_cap_of_a_type_the_epoch_is_forced() {
    let apart = Apart::new("cap::at_the_cap_of_a_type_the_epoch_is_forced", |_| {
        retire_leaves(20_000);
        assert_eq!(figures().forced, 0, "not capped");
        let sleeper = Sleeper::new("sleeper");
        retire_capped(2_000);
        let held = figures();
        assert!(held.forced > 0 && held.stalls > 0, "{held:?}");
        assert!(pool::<Capped>().stats().limbo >= 2_000 - 100, "{held:?}");
        sleeper.leave();
        // The coarse clock has to move for the next try.
        thread::sleep(Duration::from_millis(20));
        retire_capped(1_000);
        let after = figures();
        assert!(after.forced > held.forced, "{after:?}");
        assert_eq!(after.stalls, held.stalls, "{after:?}");
        let waiting = pool::<Capped>().stats().limbo * BYTES;
        assert!(waiting <= 2 * (64 << 10), "{waiting} bytes: {after:?}");
    });
    apart.run("").succeeded();
}

/// The cap of the process counts all types together.
#[test]
fn at_the_cap_of_the_process_the_epoch_is_forced() {
    let apart = Apart::new(
        "cap::at_the_cap_of_the_process_the_epoch_is_forced",
        |case| {
            if case == "capped" {
                start();
            }
            let sleeper = Sleeper::new("sleeper");
            retire_leaves(500);
            assert_eq!(figures().forced, 0, "128 KiB are below the cap");
            retire_leaves(4_000);
            let held = figures();
            assert!(held.limbo_objects >= 4_400, "retiring went on: {held:?}");
            sleeper.leave();
            if case == "capped" {
                assert!(held.forced > 0 && held.stalls > 0, "{held:?}");
                thread::sleep(Duration::from_millis(20));
                retire_leaves(2_500);
                let after = figures();
                assert!(after.forced > held.forced, "{after:?}");
                assert!(after.limbo_bytes <= 512 << 10, "{after:?}");
            } else {
                // The default is 64 MiB.
                assert_eq!((held.forced, held.stalls), (0, 0), "{held:?}");
            }
        },
    );
    apart.run("capped").succeeded();
    apart.run("not capped").succeeded();
}

/// With a stuck reader: stalls are counted, the thread is named, how long it has been pinned grows.
#[test]
fn a_stall_names_the_thread() {
    let apart = Apart::new("cap::a_stall_names_the_thread", |_| {
        start();
        let sleeper = Sleeper::new("sleepyhead");
        // Somebody who reads as well, properly, is not blamed.
        let stop = std::sync::Arc::new(AtomicBool::new(false));
        let theirs = stop.clone();
        let lively = thread::Builder::new().name("lively".into()).spawn(move || {
            while !theirs.load(Relaxed) {
                drop(epoch::pin());
                thread::yield_now();
            }
        });
        let mut earlier = EpochFigures::default();
        for round in 0..5 {
            retire_leaves(3_000);
            thread::sleep(Duration::from_millis(30));
            retire_leaves(100);
            let now = figures();
            assert!(now.stalls > earlier.stalls, "round {round}: {now:?}");
            assert!(now.forced > earlier.forced, "round {round}: {now:?}");
            assert!(now.limbo_objects > earlier.limbo_objects, "{now:?}");
            assert_eq!(now.lag, 1, "{now:?}");
            let pin = now.oldest_pin.expect("somebody is pinned");
            assert_eq!(pin.name.as_str(), "sleepyhead");
            assert_eq!(Some(pin.epoch), now.oldest_pinned);
            assert!(pin.thread > 0 && pin.thread != u64::from(std::process::id()));
            let since = earlier.oldest_pin.map_or(0, |pin| pin.pinned_ms);
            assert!(pin.pinned_ms >= since + 20, "round {round}: {now:?}");
            earlier = now;
        }
        let snapshot = sydra_pool::snapshot();
        assert_eq!(snapshot.bytes.limbo, snapshot.epoch.limbo_bytes);
        assert!(snapshot.to_string().contains("sleepyhead"), "{snapshot}");
        sleeper.leave();
        stop.store(true, Relaxed);
        lively.expect("a thread").join().expect("the lively reader");
        comes_back(0);
        assert_eq!(figures().oldest_pin, None);
    });
    apart.run("").succeeded();
}

/// The engine's own rounds bring limbo down within two seconds, and then resident memory, if there is
/// so much work that they come about.
fn comes_back(resident: usize) {
    let start = Instant::now();
    loop {
        sydra_pool::maintain();
        let now = figures();
        if now.limbo_bytes == 0 && (resident == 0 || resident_bytes() <= resident) {
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(2),
            "{} bytes resident, {resident} wanted, {now:?}",
            resident_bytes()
        );
        thread::sleep(Duration::from_millis(5));
    }
}

/// A reader that sleeps for ten seconds while two threads retire, a gigabyte at most: it goes on, it is
/// counted, and it comes back within two seconds.
#[test]
fn a_reader_that_sleeps_for_ten_seconds() {
    let apart = Apart::new("cap::a_reader_that_sleeps_for_ten_seconds", |_| {
        const SECONDS: u64 = 10;
        const EACH: u64 = (1 << 30) / BYTES / 2;
        retire_leaves(20_000);
        comes_back(0);
        let (resident, before) = (resident_bytes(), figures());
        let sleeper = Sleeper::new("rip van winkle");
        let start = Instant::now();
        let stop = AtomicBool::new(false);
        let retired: u64 = thread::scope(|scope| {
            let retirers = [(); 2].map(|()| {
                scope.spawn(|| {
                    let mut retired = 0;
                    while !stop.load(Relaxed) {
                        // A share of the gigabyte in each of a thousand moments.
                        if retired < EACH {
                            retire_leaves(EACH / 1_000);
                            retired += EACH / 1_000;
                        }
                        thread::sleep(Duration::from_millis(SECONDS));
                    }
                    retired
                })
            });
            let mut last = 0;
            while start.elapsed() < Duration::from_secs(SECONDS) {
                thread::sleep(Duration::from_millis(500));
                let now = figures();
                assert!(now.limbo_objects > last, "retiring goes on: {now:?}");
                assert!(now.limbo_objects + now.reclaimed <= now.retired, "{now:?}");
                last = now.limbo_objects;
            }
            stop.store(true, Relaxed);
            retirers
                .map(|one| one.join().expect("a retirer ends"))
                .into_iter()
                .sum()
        });
        let held = figures();
        assert_eq!(held.retired - before.retired, retired);
        assert!(held.limbo_bytes <= retired * BYTES, "{held:?}");
        assert!(held.limbo_bytes > 100 << 20, "paced too slowly: {held:?}");
        assert!(held.stalls > 10, "{held:?}");
        let pin = held.oldest_pin.expect("somebody is pinned");
        assert_eq!(pin.name.as_str(), "rip van winkle");
        assert!(pin.pinned_ms >= 1_000 * SECONDS - 500, "{pin:?}");
        let high = resident_bytes();
        assert!(high > resident + (100 << 20), "{high} from {resident}");
        sleeper.leave();
        comes_back(resident + (held.limbo_bytes / 10) as usize);
        let figures = pool::<Leaf>().stats();
        assert_eq!((figures.live, figures.limbo), (0, 0));
        assert_eq!(figures.frees, figures.allocations);
    });
    apart.run("").succeeded();
}
