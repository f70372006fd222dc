//! What a reading of the code found once: blocks that serve again, kinds that share a magazine, large
//! values, values that are in nobody's figures.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use sydra_pool::epoch::{self, EpochCell};
use sydra_pool::{PoolBox, Pooled, collect_garbage, pool, snapshot};
use tests::ledger::Ledger;
use tests::patience::collect_until;

/// A block taken out by `update` is written by its next owner: under Miri that fails if the pointer
/// went through a shared reference on the way.
#[test]
fn what_an_update_took_out_serves_again() {
    #[derive(Pooled)]
    #[pooled(magazine = 4)]
    struct Count(u64);
    let cell = EpochCell::new(Count(0));
    for round in 1..=40 {
        cell.update(|seen| Count(seen.0 + 1), &epoch::pin());
        collect_garbage();
        let others = [(); 6].map(|()| PoolBox::new(Count(7)));
        assert_eq!(cell.load(&epoch::pin()).0, round);
        assert!(others.iter().all(|other| other.0 == 7));
    }
}

#[derive(Pooled)]
struct Generic<T>(#[allow(dead_code)] T);

/// Two generic types of one class share its magazine; each has an open bag of its own all the same.
#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn two_types_of_a_class_do_not_seal_each_other() {
    let apart =
        tests::child::Apart::new("again::two_types_of_a_class_do_not_seal_each_other", |_| {
            let reader = epoch::pin();
            let before = snapshot();
            for number in 0..20_000_u64 {
                let guard = epoch::pin();
                PoolBox::retire(PoolBox::new(Generic([number; 2])), &guard);
                PoolBox::retire(PoolBox::new(Generic([number as i64; 2])), &guard);
            }
            let after = snapshot();
            let bytes = after.bytes.metadata - before.bytes.metadata;
            let each = bytes as f64 / after.epoch.limbo_objects as f64;
            assert!(each < 9.5, "{each} bytes for each value in limbo");
            drop(reader);
        });
    apart.run("").succeeded();
}

/// Values larger than the cap go one by one.
#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn large_values_keep_to_the_cap() {
    #[derive(Pooled)]
    #[pooled(max_limbo = 4 << 20)]
    struct Large(#[allow(dead_code)] [u64; 1 << 17]);
    const BYTES: u64 = 1 << 20;
    let apart = tests::child::Apart::new("again::large_values_keep_to_the_cap", |_| {
        for number in 0..200 {
            let large = PoolBox::new_with(|| Large([number; 1 << 17]));
            PoolBox::retire(large, &epoch::pin());
        }
        let figures = snapshot().epoch;
        assert!(figures.limbo_bytes_peak <= 8 * BYTES, "{figures:?}");
        assert_eq!(figures.stalls, 0, "{figures:?}");
    });
    apart.run("").succeeded();
}

/// A generic type that no class serves shares nobody's pool, and is in nobody's figures.
#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn what_no_pool_serves_is_charged_to_no_class() {
    let name = "again::what_no_pool_serves_is_charged_to_no_class";
    let apart = tests::child::Apart::new(name, |_| {
        let kept: Vec<_> = (0..10_u64).map(|n| PoolBox::new(Generic(n))).collect();
        let guard = epoch::pin();
        for number in 0..5_u64 {
            PoolBox::retire(PoolBox::new(Generic([number; 10_000])), &guard);
        }
        let small = pool::<Generic<u64>>().stats();
        assert_eq!((small.live, small.limbo, small.retired), (10, 0, 0));
        let figures = snapshot().epoch;
        assert_eq!((figures.limbo_objects, figures.limbo_bytes), (5, 400_000));
        // And the other way round.
        PoolBox::retire(PoolBox::new(Generic(1_u64)), &guard);
        let large = pool::<Generic<[u64; 10_000]>>().stats();
        assert_eq!((large.live, large.limbo, large.retired), (0, 0, 0));
        drop(guard);
        assert_eq!(collect_garbage(), 6);
        let small = pool::<Generic<u64>>().stats();
        assert_eq!((small.live, small.reclaimed), (10, 1));
        drop(kept);
    });
    apart.run("").succeeded();
}

/// A thread that is never seen unpinned still gives up what it has retired, when it repins.
#[test]
fn a_thread_that_only_repins_gives_its_bag_up() {
    #[derive(Pooled)]
    struct Line(usize, Arc<Ledger>);
    impl Drop for Line {
        fn drop(&mut self) {
            self.1.strike(self.0);
        }
    }
    let ledger = Ledger::new(3);
    let ((ask, asked), (tell, told)) = (channel(), channel());
    let theirs = ledger.clone();
    let reader = thread::spawn(move || {
        let mut guard = epoch::pin();
        for number in 0..3 {
            PoolBox::retire(PoolBox::new(Line(number, theirs.clone())), &guard);
        }
        tell.send(()).expect("the test waits");
        // In step with the test, so that no sweep comes by chance while the pin is renewed.
        for () in asked {
            guard.repin();
            tell.send(()).expect("the test waits");
        }
    });
    told.recv().expect("the values are retired");
    collect_until("the three values", || {
        ask.send(()).expect("the reader waits");
        told.recv().expect("it has repinned");
        ledger.struck() == 3
    });
    drop(ask);
    reader.join().expect("no panic");
    ledger.settled();
}

/// Slow paths of allocations may not run drops, and what they may free is not kept by what they may not.
#[cfg(all(target_os = "linux", not(miri)))]
#[test]
fn a_drop_that_waits_is_in_nobodys_way() {
    #[derive(Pooled)]
    struct Plain(#[allow(dead_code)] u64);
    #[derive(Pooled)]
    struct Busy(#[allow(dead_code)] u64);
    #[derive(Pooled)]
    struct Loud(#[allow(dead_code)] Arc<()>);
    let name = "again::a_drop_that_waits_is_in_nobodys_way";
    let apart = tests::child::Apart::new(name, |_| {
        let idle = thread::spawn(|| {
            PoolBox::retire(PoolBox::new(Loud(Arc::new(()))), &epoch::pin());
            let guard = epoch::pin();
            for number in 0..50 {
                PoolBox::retire(PoolBox::new(Plain(number)), &guard);
            }
            drop(guard);
            thread::park();
        });
        tests::patience::wait_until("the plain values", || {
            // Allocations alone.
            drop(
                (0..20_000)
                    .map(|number| PoolBox::new(Busy(number)))
                    .collect::<Vec<_>>(),
            );
            let stats = pool::<Plain>().stats();
            (stats.retired, stats.limbo) == (50, 0)
        });
        assert_eq!(pool::<Loud>().stats().limbo, 1, "dropped in an allocation");
        tests::patience::wait_until("the loud one", || {
            sydra_pool::maintain();
            pool::<Loud>().stats().limbo == 0
        });
        idle.thread().unpark();
        idle.join().expect("no panic");
    });
    apart.run("").succeeded();
}
