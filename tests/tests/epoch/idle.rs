//! A process that has stopped retiring: somebody else empties its limbo.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;
#[cfg(all(unix, not(miri)))]
use std::time::Duration;

use sydra_pool::{PoolBox, Pooled, epoch, maintain};
#[cfg(all(unix, not(miri)))]
use sydra_pool::{maintain_in_background, pool};
use tests::ledger::Ledger;
use tests::patience::wait_until;

#[derive(Pooled)]
struct Late(usize, Arc<Ledger>);

impl Drop for Late {
    fn drop(&mut self) {
        self.1.strike(self.0);
    }
}

/// Retires three values in a thread that then does nothing until `work` is done.
fn beside_an_idle_thread(work: impl FnOnce(&Ledger)) {
    let ledger = Ledger::new(3);
    let (retired, when_retired) = channel();
    let (leave, when_to_leave) = channel::<()>();
    let theirs = ledger.clone();
    let idle = thread::spawn(move || {
        for number in 0..3 {
            PoolBox::retire(PoolBox::new(Late(number, theirs.clone())), &epoch::pin());
        }
        retired.send(()).expect("the test waits");
        when_to_leave.recv().expect("the test says when");
    });
    when_retired.recv().expect("three are retired");
    work(&ledger);
    ledger.settled();
    leave.send(()).expect("the thread waits");
    idle.join().expect("no panic");
}

#[test]
fn whoever_does_the_maintenance_empties_limbo() {
    beside_an_idle_thread(|ledger| {
        wait_until("the three values", || {
            maintain();
            ledger.struck() == 3
        });
    });
}

/// In a process of its own, where no other test does the maintenance.
#[cfg(all(unix, not(miri)))]
#[test]
fn the_maintenance_thread_empties_limbo_until_it_is_dropped() {
    let name = "idle::the_maintenance_thread_empties_limbo_until_it_is_dropped";
    let apart = tests::child::Apart::new(name, |_| {
        beside_an_idle_thread(|ledger| {
            let maintenance = maintain_in_background(Duration::from_millis(5)).expect("a thread");
            wait_until("the three values", || ledger.struck() == 3);
            drop(maintenance);
        });
        assert_eq!(pool::<Late>().stats().live, 0);
    });
    apart.run("").succeeded();
}
