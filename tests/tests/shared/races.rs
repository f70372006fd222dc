//! Several threads let go of one value at once: one of them has it, all of it, and nobody twice.

use std::any::Any;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread;

use sydra_pool::{PoolArc, Pooled, coerce};
use tests::counted::settled;
use tests::ledger::Ledger;
use tests::rng::Rng;

const THREADS: usize = 4;

const ROUNDS: usize = if cfg!(miri) { 4 } else { 1_000 };

/// A value that notices who wrote to it, and strikes its number when dropped.
macro_rules! entry {
    ($test:expr) => {
        #[derive(Pooled)]
        #[pooled(name = $test)]
        struct Entry {
            number: usize,
            marks: [AtomicUsize; THREADS],
            ledger: std::sync::Arc<Ledger>,
        }

        impl Entry {
            fn new(number: usize, ledger: &std::sync::Arc<Ledger>) -> Self {
                Self {
                    number,
                    marks: Default::default(),
                    ledger: ledger.clone(),
                }
            }
        }

        impl Drop for Entry {
            fn drop(&mut self) {
                // Plain reads: whoever is last sees what all the others wrote before they left.
                for mark in &mut self.marks {
                    if *mark.get_mut() != self.number {
                        // Not a panic: a stroke too many is found by the ledger.
                        self.ledger.strike(self.number);
                    }
                }
                self.ledger.strike(self.number);
            }
        }
    };
}

/// In each round every thread has one pointer to one value and calls `part` with it, all at once.
fn rounds<T: Send + Sync + Pooled>(
    make: impl Fn(usize) -> T + Sync,
    part: impl Fn(usize, usize, PoolArc<T>) + Sync,
) {
    let (meeting, ready) = (Barrier::new(THREADS), AtomicUsize::new(0));
    let places: Vec<std::sync::Mutex<Option<PoolArc<T>>>> =
        (0..THREADS).map(|_| std::sync::Mutex::new(None)).collect();
    thread::scope(|scope| {
        for who in 0..THREADS {
            let (meeting, ready) = (&meeting, &ready);
            let (places, make, part) = (&places, &make, &part);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    if who == round % THREADS {
                        let value = PoolArc::new(make(round));
                        for place in places {
                            *place.lock().expect("no panic") = Some(value.clone());
                        }
                    }
                    meeting.wait();
                    let mine = places[who].lock().expect("no panic").take();
                    // Not a barrier that sleeps, out of which they would come one by one.
                    ready.fetch_add(1, Relaxed);
                    let mut spins = 0;
                    while ready.load(Relaxed) < (round + 1) * THREADS {
                        spins += 1;
                        if cfg!(miri) || spins > 1_000 {
                            thread::yield_now();
                        } else {
                            core::hint::spin_loop();
                        }
                    }
                    part(round, who, mine.expect("one for each"));
                    meeting.wait();
                }
            });
        }
    });
}

#[test]
fn exactly_one_gets_the_inner_value() {
    entry!("exactly_one_gets_the_inner_value");
    let ledger = Ledger::new(ROUNDS);
    let winners: Vec<AtomicUsize> = (0..ROUNDS).map(|_| AtomicUsize::new(0)).collect();
    rounds(
        |round| Entry::new(round, &ledger),
        |round, who, mine| {
            mine.marks[who].store(round, Relaxed);
            if let Some(entry) = PoolArc::into_inner(mine) {
                assert_eq!(entry.number, round);
                winners[round].fetch_add(1, Relaxed);
            }
        },
    );
    assert!(winners.iter().all(|count| count.load(Relaxed) == 1));
    ledger.settled();
    settled::<Entry>();
}

#[test]
fn at_most_one_unwraps_and_nothing_is_lost() {
    entry!("at_most_one_unwraps_and_nothing_is_lost");
    let ledger = Ledger::new(ROUNDS);
    rounds(
        |round| Entry::new(round, &ledger),
        |round, who, mine| {
            mine.marks[who].store(round, Relaxed);
            match PoolArc::try_unwrap(mine) {
                Ok(entry) => assert_eq!(entry.number, round),
                Err(back) => drop(back),
            }
        },
    );
    ledger.settled();
    settled::<Entry>();
}

/// Whoever is told to be alone may write, and does not meet anybody.
#[test]
fn alone_means_alone() {
    entry!("alone_means_alone");
    let ledger = Ledger::new(ROUNDS);
    rounds(
        |round| Entry::new(round, &ledger),
        |round, who, mut mine| {
            mine.marks[who].store(round, Relaxed);
            let extra = mine.clone();
            drop(extra);
            if let Some(entry) = PoolArc::get_mut(&mut mine) {
                // Others have left, so what they wrote is here, by plain reads.
                assert!(entry.marks.iter_mut().all(|mark| *mark.get_mut() == round));
                *entry.marks[who].get_mut() = usize::MAX;
                *entry.marks[who].get_mut() = round;
            }
        },
    );
    ledger.settled();
    settled::<Entry>();
}

/// Typed pointers and trait objects to one value, dropped in all threads at once.
#[test]
fn typed_or_not_the_last_one_frees() {
    entry!("typed_or_not_the_last_one_frees");
    let ledger = Ledger::new(ROUNDS);
    rounds(
        |round| Entry::new(round, &ledger),
        |round, who, mine| {
            mine.marks[who].store(round, Relaxed);
            if who % 2 == 0 {
                drop(mine);
            } else {
                let object = coerce!(mine => dyn Any + Send + Sync);
                if who == 1 {
                    drop(object);
                } else {
                    drop(object.downcast::<Entry>().map_err(|_| "another type"));
                }
            }
        },
    );
    ledger.settled();
    settled::<Entry>();
}

/// Clones come and go everywhere while each thread also makes values of its own.
#[test]
fn a_storm_of_clones() {
    entry!("a_storm_of_clones");
    let values = if cfg!(miri) { 8 } else { 64 };
    let steps = if cfg!(miri) { 40 } else { 60_000 };
    let ledger = Ledger::new(values);
    let places: Vec<_> = (0..values)
        .map(|number| {
            let entry = Entry::new(number, &ledger);
            entry
                .marks
                .iter()
                .for_each(|mark| mark.store(number, Relaxed));
            std::sync::Mutex::new(PoolArc::new(entry))
        })
        .collect();
    let failed = AtomicBool::new(false);
    thread::scope(|scope| {
        for who in 0..THREADS as u64 {
            let (places, failed) = (&places, &failed);
            scope.spawn(move || {
                let mut rng = Rng::new(who);
                let mut held = Vec::new();
                for _ in 0..steps {
                    let place = &places[rng.below(places.len())];
                    match rng.below(4) {
                        0 => held.push(place.lock().expect("no panic").clone()),
                        1 if !held.is_empty() => {
                            let mine: PoolArc<Entry> = held.swap_remove(rng.below(held.len()));
                            // Another pointer in the same place: a swap between threads.
                            let before =
                                core::mem::replace(&mut *place.lock().expect("no panic"), mine);
                            held.push(before);
                        }
                        2 if !held.is_empty() => drop(held.swap_remove(rng.below(held.len()))),
                        _ => {
                            let mark = held
                                .first()
                                .map(|one| one.marks[0].load(Relaxed) == one.number);
                            if mark == Some(false) || held.len() > 500 && held.pop().is_none() {
                                failed.store(true, Relaxed);
                            }
                        }
                    }
                }
            });
        }
    });
    assert!(!failed.load(Relaxed));
    drop(places);
    assert!(ledger.struck() <= values, "dropped twice");
    ledger.settled();
    settled::<Entry>();
}
