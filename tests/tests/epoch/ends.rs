//! The end of a thread: guards in thread-locals, pins and retirements in destructors that run before
//! and after the engine's own, guards that are never dropped.
#![cfg(all(unix, not(miri)))]

use core::cell::RefCell;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread;

use sydra_pool::epoch::{self, Guard};
use sydra_pool::{PoolBox, Pooled};
use tests::child::Apart;
use tests::ledger::Ledger;
use tests::patience::{collect_until, stays};
use tests::pthread_key::run_last;

#[derive(Pooled)]
struct Will {
    number: usize,
    ledger: Arc<Ledger>,
}

impl Drop for Will {
    fn drop(&mut self) {
        self.ledger.strike(self.number);
    }
}

fn retire(number: usize, ledger: &Arc<Ledger>) {
    let ledger = ledger.clone();
    PoolBox::retire(PoolBox::new(Will { number, ledger }), &epoch::pin());
}

/// What a thread-local keeps, and does when it is destroyed.
#[derive(Default)]
struct Estate {
    guard: Option<Guard>,
    work: Option<Box<dyn FnOnce()>>,
}

impl Drop for Estate {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            work();
        }
        drop(self.guard.take());
    }
}

thread_local! {
    // Destructors run in the reverse order of first use.
    static USED_FIRST: RefCell<Estate> = RefCell::default();
    static USED_LAST: RefCell<Estate> = RefCell::default();
}

/// Whether a reader in a thread's destructor still keeps what somebody else retires. The thread that
/// retires and collects is told so by `told` and says when it has done both.
fn holds(told: &Sender<Sender<bool>>) {
    let (answer, answers) = channel();
    told.send(answer).expect("the test listens");
    assert!(answers.recv().expect("an answer"), "the guard protects");
}

/// Guards in thread-locals that are destroyed before and after the engine's own exit work, which comes
/// between the two: both protect until they are dropped.
#[test]
fn guards_in_thread_locals() {
    for first_pins in [true, false] {
        let (told, asked) = channel::<Sender<bool>>();
        let ending = thread::spawn(move || {
            // Touched before the engine knows the thread: destroyed after the engine's part.
            USED_FIRST.with_borrow_mut(|estate| {
                let told = told.clone();
                estate.work = Some(Box::new(move || {
                    if first_pins {
                        holds(&told);
                    }
                }));
            });
            drop(epoch::pin());
            USED_LAST.with_borrow_mut(|estate| {
                estate.guard = (!first_pins).then(epoch::pin);
                let told = told.clone();
                estate.work = Some(Box::new(move || holds(&told)));
            });
            if first_pins {
                USED_FIRST.with_borrow_mut(|estate| estate.guard = Some(epoch::pin()));
            }
        });
        let mut all = Vec::new();
        for answer in asked {
            let ledger = Ledger::new(1);
            retire(0, &ledger);
            let kept = stays(|| ledger.struck() == 0);
            answer.send(kept).expect("it waits");
            all.push(ledger);
        }
        ending.join().expect("the thread ends in order");
        assert_eq!(all.len(), if first_pins { 2 } else { 1 });
        for ledger in all {
            collect_until("the value", || ledger.struck() == 1);
        }
    }
}

/// Pins, retires and flushes, as often as a bag is full several times.
fn last_wishes(from: usize, ledger: &Arc<Ledger>) {
    assert!(!epoch::is_pinned());
    for number in from..from + MANY {
        retire(number, ledger);
    }
    let guard = epoch::pin();
    assert!(epoch::is_pinned());
    guard.flush();
    drop(guard);
    epoch::enter();
    assert!(epoch::quiescent() && epoch::leave());
    sydra_pool::collect_garbage();
}

const MANY: usize = 200;

/// Retiring in destructors of thread-locals before and after the engine's own, and of pthread keys.
#[test]
fn retiring_in_every_destructor() {
    const THREADS: usize = 20;
    let ledger = Ledger::new(THREADS * 4 * MANY);
    for thread in 0..THREADS {
        let ledger = ledger.clone();
        let ending = thread::spawn(move || {
            let start = thread * 4 * MANY;
            let wishes = |part: usize| {
                let ledger = ledger.clone();
                Box::new(move || last_wishes(start + part * MANY, &ledger))
            };
            USED_FIRST.with_borrow_mut(|estate| estate.work = Some(wishes(0)));
            // In every other thread the engine meets the thread only while it ends.
            if thread % 2 == 0 {
                run_last(wishes(1));
                last_wishes(start + 2 * MANY, &ledger);
            } else {
                run_last(wishes(1));
                let more = wishes(2);
                USED_LAST.with_borrow_mut(|estate| estate.work = Some(more));
                last_wishes(start + 3 * MANY, &ledger);
                return;
            }
            USED_LAST.with_borrow_mut(|estate| estate.work = Some(wishes(3)));
        });
        ending.join().expect("the thread ends in order");
    }
    collect_until("all wills", || ledger.struck() >= THREADS * 4 * MANY);
    ledger.settled();
}

/// A thread whose very first contact with the engine is a pin in its last destructor.
#[test]
fn the_first_pin_may_come_at_the_very_end() {
    let apart = Apart::new("ends::the_first_pin_may_come_at_the_very_end", |_| {
        let ledger = Ledger::new(20 * MANY);
        for thread in 0..20 {
            let theirs = ledger.clone();
            let late = thread::spawn(move || {
                run_last(move || last_wishes(thread * MANY, &theirs));
            });
            late.join().expect("the thread ends in order");
        }
        collect_until("all wills", || ledger.struck() >= 20 * MANY);
        ledger.settled();
        // No place among the participants is left taken: this thread's at most.
        let figures = sydra_pool::snapshot().epoch;
        assert!(figures.participants <= 1, "{figures:?}");
        assert_eq!((figures.pinned_threads, figures.limbo_objects), (0, 0));
    });
    apart.run("").succeeded();
}

/// Places are used again: many threads, one after the other, take few.
#[test]
fn places_are_given_up() {
    let apart = Apart::new("ends::places_are_given_up", |_| {
        let metadata = || sydra_pool::snapshot().bytes.metadata;
        let come_and_go = || {
            thread::spawn(|| {
                let ledger = Ledger::new(1);
                retire(0, &ledger);
                collect_until("its own value", || ledger.struck() == 1);
            })
            .join()
            .expect("the thread ends in order");
        };
        (0..20).for_each(|_| come_and_go());
        let first = metadata();
        (0..300).for_each(|_| come_and_go());
        assert_eq!(metadata(), first);
        assert!(sydra_pool::snapshot().epoch.participants <= 1);
    });
    apart.run("").succeeded();
}

/// A thread that ends while it has entered lets go: others are never blocked.
#[test]
fn a_thread_may_end_without_leaving() {
    let apart = Apart::new("ends::a_thread_may_end_without_leaving", |_| {
        for entered in 1..5 {
            let ledger = Ledger::new(2);
            let theirs = ledger.clone();
            let ending = thread::spawn(move || {
                (0..entered).for_each(|_| epoch::enter());
                retire(0, &theirs);
                assert!(epoch::is_pinned());
            });
            ending.join().expect("the thread ends in order");
            retire(1, &ledger);
            collect_until("both values", || ledger.struck() == 2);
            ledger.settled();
            let figures = sydra_pool::snapshot().epoch;
            assert_eq!((figures.pinned_threads, figures.oldest_pin), (0, None));
        }
        // A new thread in such a place starts as one that has not entered.
        let fresh = thread::spawn(|| {
            drop(epoch::pin());
            (epoch::is_pinned(), epoch::leave(), epoch::quiescent())
        });
        assert_eq!(fresh.join().expect("no panic"), (false, false, false));
    });
    apart.run("").succeeded();
}

/// A thread that panics while it is pinned unwinds its guard.
#[test]
fn a_panic_drops_the_guard() {
    let ledger = Ledger::new(1);
    let theirs = ledger.clone();
    let burning = thread::spawn(move || {
        let _guard = epoch::pin();
        retire(0, &theirs);
        std::panic::resume_unwind(Box::new("burns"));
    });
    assert!(burning.join().is_err());
    collect_until("the value", || ledger.struck() == 1);
}

/// A guard that only a pthread key's destructor drops, after all thread-locals are gone, protects until
/// then and is no leak. Key destructors run in no particular order.
#[test]
fn a_guard_may_be_dropped_at_the_very_end() {
    let apart = Apart::new("ends::a_guard_may_be_dropped_at_the_very_end", |_| {
        for known_first in [true, false] {
            let (told, asked) = channel::<Sender<bool>>();
            let late = thread::spawn(move || {
                if known_first {
                    drop(epoch::pin());
                }
                let last = std::rc::Rc::new(RefCell::new(None));
                let kept = last.clone();
                run_last(move || {
                    holds(&told);
                    drop(kept.take());
                });
                last.replace(Some(epoch::pin()));
            });
            let answer = asked.recv().expect("the destructor asks");
            let ledger = Ledger::new(1);
            retire(0, &ledger);
            let kept = stays(|| ledger.struck() == 0);
            answer.send(kept).expect("it waits");
            late.join().expect("the thread ends in order");
            collect_until("the value", || ledger.struck() == 1);
            assert_eq!(sydra_pool::snapshot().epoch.pinned_threads, 0);
        }
    });
    apart.run("").succeeded();
}

/// What a leaked guard has loaded may be in use elsewhere, so its pin cannot end: the process stops.
#[test]
fn a_leaked_guard_at_the_end_of_its_thread() {
    let apart = Apart::new("ends::a_leaked_guard_at_the_end_of_its_thread", |how| {
        let how = how.to_owned();
        let leaking = thread::spawn(move || match how.as_str() {
            "forgotten" => std::mem::forget(epoch::pin()),
            "borrowed for ever" => _ = Box::leak(Box::new(epoch::pin())),
            _ => {
                epoch::enter();
                std::mem::forget(epoch::pin());
                assert!(epoch::leave());
            }
        });
        _ = leaking.join();
        println!("\nwent on");
    });
    for how in ["forgotten", "borrowed for ever", "forgotten, and entered"] {
        let outcome = apart.run(how);
        assert!(!outcome.aborted("epoch guard").said("went on"));
    }
}
