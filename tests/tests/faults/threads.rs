//! Threads that start, work and end while the system refuses.

use std::sync::Barrier;
use std::thread;

use sydra_pool::{PoolBox, Pooled, SydraPool, pool};
use tests::block::Door;
use tests::op::layout;

use crate::sweep::{Mood, sweep, sweep_after};

static GLOBAL: SydraPool = SydraPool::new();

#[derive(Pooled)]
struct Task([u64; 6]);

/// Takes, checks and frees through both doors.
fn work(mood: Mood, mark: u64, count: u64) -> Vec<PoolBox<Task>> {
    let door = Door::new(&GLOBAL);
    let mut kept = Vec::new();
    for number in 0..count {
        match PoolBox::try_new(Task([mark ^ number; 6])) {
            Ok(task) => kept.push(task),
            Err(error) => {
                assert_eq!(mood, Mood::Stingy, "refused though nothing was");
                assert_eq!(error.into_inner().0, [mark ^ number; 6]);
            }
        }
        match door.take(layout(56, 3)) {
            Some(mut block) => {
                block.fill(mark);
                assert_eq!(block.first_stray(mark, 56), None);
                door.give(block);
            }
            None => assert_eq!(mood, Mood::Stingy, "refused though nothing was"),
        }
    }
    assert!(kept.iter().all(|task| task.0 == [task.0[0]; 6]));
    kept
}

fn crowd(mood: Mood, count: u64) {
    let meeting = Barrier::new(3);
    let left: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..3_u64)
            .map(|mark| {
                let meeting = &meeting;
                scope.spawn(move || {
                    let kept = work(mood, mark << 32, count);
                    meeting.wait();
                    kept
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().expect("no panic"))
            .collect()
    });
    // Freed by a thread that made none of them.
    drop(left);
    assert_eq!(pool::<Task>().live(), 0);
}

#[test]
fn threads_start_and_end() {
    sweep("threads::threads_start_and_end", |mood| crowd(mood, 300));
}

/// The engine runs, only the new threads' own needs are refused.
#[test]
fn later_threads_start_and_end() {
    let start = || drop(work(Mood::Generous, 0, 300));
    // Together more than a chunk of the address space.
    sweep_after("threads::later_threads_start_and_end", start, |mood| {
        crowd(mood, 20_000)
    });
}
