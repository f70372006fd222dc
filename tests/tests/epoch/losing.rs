//! Nothing retired is lost, and nothing is dropped twice.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::mpsc::channel;
use std::thread;

use sydra_pool::{PoolBox, Pooled, epoch, pool};
use tests::ledger::Ledger;
use tests::patience::{collect_until, wait_until};

/// Declares a type that strikes its number when dropped, with a body that must not change.
macro_rules! entry {
    ($name:ident $(, $($key:tt)+)?) => {
        #[derive(Pooled)]
        $(#[pooled($($key)+)])?
        struct $name {
            number: usize,
            body: [usize; 4],
            ledger: Arc<Ledger>,
        }

        impl $name {
            fn boxed(number: usize, ledger: &Arc<Ledger>) -> PoolBox<Self> {
                let body = [!number; 4];
                let ledger = ledger.clone();
                PoolBox::new(Self { number, body, ledger })
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                if self.body == [!self.number; 4] {
                    self.ledger.strike(self.number);
                }
                self.body = [0; 4];
            }
        }
    };
}

/// Waits for every number, then for the figures to say the same.
fn settle<T: Pooled>(ledger: &Ledger, entries: usize) {
    collect_until("all drops", || ledger.struck() >= entries);
    collect_until("an empty limbo", || pool::<T>().stats().limbo == 0);
    ledger.settled();
    let figures = pool::<T>().stats();
    assert_eq!(figures.retired, entries as u64, "{figures:?}");
    assert_eq!(figures.reclaimed, entries as u64, "{figures:?}");
    assert_eq!((figures.live, figures.frees), (0, figures.allocations));
}

#[test]
fn threads_come_and_go() {
    entry!(Traveller, magazine = 16);
    const THREADS: usize = if cfg!(miri) { 6 } else { 600 };
    const EACH: usize = 45;
    let ledger = Ledger::new(THREADS * EACH);
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                loop {
                    let thread = next.fetch_add(1, Relaxed);
                    if thread >= THREADS {
                        break;
                    }
                    // From a bag that is just begun to several that are full.
                    let ledger = ledger.clone();
                    let short_lived = thread::spawn(move || {
                        for number in 0..EACH {
                            let guard = epoch::pin();
                            PoolBox::retire(
                                Traveller::boxed(thread * EACH + number, &ledger),
                                &guard,
                            );
                            if number == thread % EACH {
                                drop(guard);
                                thread::yield_now();
                            }
                        }
                    });
                    short_lived.join().expect("a short life");
                }
            });
        }
    });
    settle::<Traveller>(&ledger, THREADS * EACH);
}

/// A thread that ends leaves a bag that is not full; others find it without being told.
#[test]
fn half_full_bags_of_ended_threads_are_adopted() {
    entry!(Orphan, magazine = 32);
    entry!(Other, magazine = 32);
    const THREADS: usize = if cfg!(miri) { 4 } else { 20 };
    let (ledger, others) = (Ledger::new(THREADS * 3), Ledger::new(0));
    for thread in 0..THREADS {
        let ledger = ledger.clone();
        let leaving = thread::spawn(move || {
            for number in 0..3 {
                PoolBox::retire(Orphan::boxed(thread * 3 + number, &ledger), &epoch::pin());
            }
        });
        leaving.join().expect("the thread ends");
    }
    // No call but `retire`, of another type even.
    wait_until("the orphans", || {
        for number in 0..if cfg!(miri) { 20 } else { 500 } {
            PoolBox::retire(Other::boxed(number, &others), &epoch::pin());
        }
        ledger.struck() == THREADS * 3
    });
    settle::<Orphan>(&ledger, THREADS * 3);
}

/// A thread that has retired a little and then waits for something keeps nothing from the others.
#[test]
fn an_idle_thread_is_swept() {
    entry!(Idle);
    const COUNT: usize = 5;
    for maintained in [false, true] {
        let ledger = Ledger::new(COUNT);
        let (retired, when_retired) = channel();
        let (end, when_to_end) = channel::<()>();
        let theirs = ledger.clone();
        let idle = thread::spawn(move || {
            for number in 0..COUNT {
                PoolBox::retire(Idle::boxed(number, &theirs), &epoch::pin());
            }
            retired.send(()).expect("the test listens");
            when_to_end.recv().expect("the test speaks");
            // It can go on as if nothing had been taken.
            let own = Ledger::new(COUNT);
            for number in 0..COUNT {
                PoolBox::retire(Idle::boxed(number, &own), &epoch::pin());
            }
            collect_until("its own", || own.struck() == COUNT);
            own.settled();
        });
        when_retired.recv().expect("the thread retires");
        if maintained {
            wait_until("the idle thread's values", || {
                sydra_pool::maintain();
                ledger.struck() == COUNT
            });
        } else {
            collect_until("the idle thread's values", || ledger.struck() == COUNT);
        }
        ledger.settled();
        end.send(()).expect("the thread listens");
        idle.join().expect("the thread goes on");
    }
    assert_eq!(pool::<Idle>().stats().reclaimed, 4 * COUNT as u64);
}

/// Sweeps by several threads at once, against owners that retire all the while.
#[test]
fn sweeps_race_with_owners() {
    entry!(Contested, magazine = 8);
    const OWNERS: usize = 3;
    const EACH: usize = if cfg!(miri) { 60 } else { 30_000 };
    let ledger = Ledger::new(OWNERS * EACH);
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !stop.load(Relaxed) {
                    sydra_pool::collect_garbage();
                    drop(epoch::pin());
                    thread::yield_now();
                }
            });
        }
        let owners = [0, 1, 2].map(|owner| {
            let ledger = &ledger;
            scope.spawn(move || {
                for number in 0..EACH {
                    let guard = epoch::pin();
                    PoolBox::retire(Contested::boxed(owner * EACH + number, ledger), &guard);
                    match number % 97 {
                        0 => guard.flush(),
                        1 => thread::yield_now(),
                        _ => {}
                    }
                }
            })
        });
        let ends = owners.map(|owner| owner.join());
        stop.store(true, Relaxed);
        ends.into_iter().for_each(|end| end.expect("an owner ends"));
    });
    settle::<Contested>(&ledger, OWNERS * EACH);
}

/// Boxes that were made in one thread, published, and retired in another.
#[test]
fn values_are_retired_far_from_home() {
    entry!(Emigrant, shards = 2, magazine = 8);
    const COUNT: usize = if cfg!(miri) { 40 } else { 20_000 };
    let ledger = Ledger::new(COUNT);
    let place = epoch::Atomic::<Emigrant>::null();
    let theirs = ledger.clone();
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..COUNT {
                let mut one = Emigrant::boxed(number, &theirs);
                let guard = epoch::pin();
                while let Err(full) = place.compare_exchange(
                    epoch::Shared::null(),
                    one,
                    std::sync::atomic::Ordering::Release,
                    Relaxed,
                    &guard,
                ) {
                    one = full.new;
                    thread::yield_now();
                }
            }
        });
        scope.spawn(|| {
            let mut taken = 0;
            while taken < COUNT {
                let guard = epoch::pin();
                let order = std::sync::atomic::Ordering::Acquire;
                let found = place.swap(epoch::Shared::null(), order, &guard);
                if found.is_null() {
                    thread::yield_now();
                } else {
                    taken += 1;
                    // SAFETY: taken out by this swap alone.
                    unsafe { guard.retire(found) };
                }
            }
        });
    });
    settle::<Emigrant>(&ledger, COUNT);
}
