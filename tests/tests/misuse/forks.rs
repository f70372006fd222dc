//! `fork` while the watch is asked for the marks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sydra_pool::__private::v1::faults;
use sydra_pool::{PoolBox, Pooled};
use tests::child::Apart;
use tests::fork::wait_for;

const FORKS: usize = 60;

#[derive(Pooled)]
struct Order(#[expect(dead_code, reason = "bytes")] [u64; 6]);

fn churn() {
    for _ in 0..50 {
        drop(PoolBox::new(Order([7; 6])));
    }
}

fn fork_while_others_churn() {
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    churn();
                }
            });
        }
        for _ in 0..FORKS {
            // SAFETY: the child only uses the engine and `_exit`.
            match unsafe { libc::fork() } {
                0 => {
                    churn();
                    // SAFETY: ends the child at once.
                    unsafe { libc::_exit(0) }
                }
                child => wait_for(child),
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
}

/// Without memory for the marks every block asks for them, under a lock that a `fork` must find.
#[test]
fn children_end_when_there_are_no_marks() {
    let name = "forks::children_end_when_there_are_no_marks";
    let apart = Apart::new(name, |refused| {
        match refused.parse() {
            Ok(number) => faults::refuse_only(number),
            Err(_) => faults::allow_all(),
        }
        drop(PoolBox::new(Order([1; 6])));
        // The first block asks for the marks last: to reserve them, and to commit them unless that is refused.
        println!("\nrequests {}", faults::requests());
        if !refused.is_empty() {
            fork_while_others_churn();
        }
    });
    let requests = |argument: &str| -> u64 {
        let outcome = apart.run(argument);
        let said = outcome.succeeded().stdout();
        let number = said.lines().find_map(|line| line.strip_prefix("requests "));
        number
            .and_then(|number| number.parse().ok())
            .expect("a number")
    };
    let all = requests("");
    assert_eq!(requests(&(all - 2).to_string()), all - 1);
}
