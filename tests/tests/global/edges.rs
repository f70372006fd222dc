//! Where a program's allocator must work although the program is at an edge: while a thread ends,
//! in the child of a `fork`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tests::child::Apart;
use tests::pthread_key::run_last;

/// Some real work: a map of strings, changed and read.
fn work(mark: usize) {
    let mut map = BTreeMap::new();
    for number in 0..300 {
        map.insert(
            number,
            format!("{mark} {number} {}", "x".repeat(number % 90)),
        );
    }
    map.retain(|number, _| number % 3 != 0);
    assert!(
        map.iter()
            .all(|(number, text)| text.starts_with(&format!("{mark} {number} ")))
    );
}

/// Works when it is dropped.
struct Late(Vec<String>);

impl Drop for Late {
    fn drop(&mut self) {
        work(self.0.len());
        assert!(self.0.iter().all(|text| text == "kept"));
    }
}

thread_local! {
    static EARLY: RefCell<Option<Late>> = const { RefCell::new(None) };
    static LATER: RefCell<Option<Late>> = const { RefCell::new(None) };
}

/// The runtime's own destructors, the program's, and those of POSIX keys all use the heap.
#[test]
fn threads_end_with_the_heap_in_use() {
    for round in 0..200 {
        let thread = thread::spawn(move || {
            EARLY.set(Some(Late(vec!["kept".into(); round % 20])));
            work(round);
            LATER.set(Some(Late(vec!["kept".into(); 7])));
            let kept = vec![round; 1_000];
            run_last(move || {
                work(round);
                assert!(kept.iter().all(|&number| number == round));
            });
        });
        thread.join().expect("the thread ends in order");
    }
}

/// Waits for a child that must end well.
fn wait_for(child: libc::pid_t) {
    let start = Instant::now();
    loop {
        let mut status = 0;
        // SAFETY: our own child, and a place for its status.
        if unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) } == child {
            assert!(
                libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0,
                "{status:#x}"
            );
            return;
        }
        if start.elapsed() > Duration::from_secs(20) {
            // SAFETY: our own child, not waited for yet, so the number is still its own.
            unsafe { libc::kill(child, libc::SIGKILL) };
            panic!("a forked child is stuck");
        }
        thread::sleep(Duration::from_micros(200));
    }
}

#[test]
fn a_forked_child_uses_the_heap() {
    let apart = Apart::new("edges::a_forked_child_uses_the_heap", |_| {
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for mark in 0..3 {
                let stop = &stop;
                scope.spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        work(mark);
                        let large = vec![1_u8; 200_000];
                        assert_eq!(
                            large.iter().map(|&byte| usize::from(byte)).sum::<usize>(),
                            200_000
                        );
                    }
                });
            }
            for round in 0..100 {
                let kept = vec![String::from("kept"); 50];
                // SAFETY: the child uses the heap and `_exit`, nothing that waits for other threads.
                match unsafe { libc::fork() } {
                    0 => {
                        let sound = std::panic::catch_unwind(move || {
                            work(round);
                            assert!(kept.iter().all(|text| text == "kept"));
                            drop(kept);
                            super::GLOBAL.trim();
                            work(round + 1);
                        });
                        // SAFETY: ends the child at once.
                        unsafe { libc::_exit(i32::from(sound.is_err())) }
                    }
                    child => {
                        assert!(child > 0, "a process for the child");
                        wait_for(child);
                    }
                }
            }
            stop.store(true, Ordering::Relaxed);
        });
    });
    apart.run("").succeeded();
}
