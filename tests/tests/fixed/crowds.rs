//! Threads on one pool: under the judge, at the brim, and with blocks that others give back.

use core::alloc::{GlobalAlloc, Layout};
use core::mem::MaybeUninit;
use core::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Barrier, mpsc};
use std::thread;

use sydra_pool::{StaticBox, StaticPool};
use tests::op::Taste;
use tests::play::Company;
use tests::rng::Rng;

const BYTES: usize = Taste::SMALL.max_size;
const ALIGN: usize = 1 << Taste::SMALL.max_log_align;
const BLOCKS: usize = if cfg!(miri) { 150 } else { 1000 };

/// Contents nobody assumes anything about.
type Room = MaybeUninit<[u8; BYTES]>;

/// One pool as a heap for all small layouts.
struct FixedHeap(StaticPool<Room, BLOCKS, ALIGN>);

// SAFETY: a block has room and alignment for every layout of the taste, and goes back to the one pool there is.
unsafe impl GlobalAlloc for &'static FixedHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        assert!(layout.size() <= BYTES && layout.align() <= ALIGN);
        match self.0.try_box_with(Room::uninit) {
            Ok(block) => StaticBox::into_raw(block).cast(),
            Err(_) => null_mut(),
        }
    }

    unsafe fn dealloc(&self, start: *mut u8, _: Layout) {
        // SAFETY: the caller's promise: it came from `alloc`.
        drop(unsafe { StaticBox::<Room, ALIGN>::from_raw(start.cast()) });
    }
}

#[test]
fn five_threads_under_the_judge() {
    static HEAP: FixedHeap = FixedHeap(StaticPool::new());
    let seed = Rng::announced("five_threads_under_the_judge").bits();
    let company = Company {
        threads: 5,
        rounds: if cfg!(miri) { 2 } else { 40 },
        steps: if cfg!(miri) { 5 } else { 2_000 },
        taste: Taste::SMALL,
        seed,
    };
    let counts = company.play(&&HEAP).unwrap();
    assert_eq!(counts.live, 0);
    assert!(HEAP.0.is_empty());
    assert!(HEAP.0.high_water() <= BLOCKS);
}

const THREADS: usize = 4;
const EACH: usize = 3;
const ROUNDS: usize = if cfg!(miri) { 15 } else { 200_000 };

/// Each thread takes up to `EACH` and gives in any order. Returns the refusals.
fn at_the_brim<const N: usize>(pool: &'static StaticPool<usize, N>) -> usize {
    let (out, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (out, refused, start) = (&out, &refused, &start);
            scope.spawn(move || {
                let mut rng = Rng::new(thread as u64);
                let mut mine: Vec<StaticBox<usize>> = Vec::new();
                start.wait();
                for round in 0..ROUNDS {
                    if round % 16 == 0 {
                        // On few cores: lets others run while this one has blocks.
                        thread::yield_now();
                    }
                    if mine.len() < EACH && rng.chance(60) {
                        match pool.try_box(thread) {
                            Ok(block) => {
                                assert!(out.fetch_add(1, Relaxed) < N, "more than N");
                                mine.push(block);
                            }
                            Err(back) => {
                                assert_eq!(back.into_inner(), thread);
                                refused.fetch_add(1, Relaxed);
                            }
                        }
                    } else if !mine.is_empty() {
                        let block = mine.swap_remove(rng.below(mine.len()));
                        assert_eq!(*block, thread, "somebody else's value");
                        out.fetch_sub(1, Relaxed);
                        drop(block);
                    }
                }
                out.fetch_sub(mine.len(), Relaxed);
            });
        }
    });
    assert_eq!(pool.len(), 0);
    let all: Vec<_> = (0..).map_while(|at| pool.try_box(at).ok()).collect();
    assert_eq!(all.len(), N, "a block is lost");
    refused.into_inner()
}

#[test]
fn never_more_than_n_and_no_refusal_while_there_is_room() {
    // All that may be out at once fit: whoever asks must get one.
    static ENOUGH: StaticPool<usize, { THREADS * EACH }> = StaticPool::new();
    assert_eq!(at_the_brim(&ENOUGH), 0, "refused although there was room");
    assert_eq!(ENOUGH.high_water(), THREADS * EACH);
    static FEW: StaticPool<usize, 5> = StaticPool::new();
    at_the_brim(&FEW);
    static ONE: StaticPool<usize, 1> = StaticPool::new();
    assert!(at_the_brim(&ONE) > 0, "three at once out of one");
}

#[test]
fn what_one_thread_takes_another_gives_back() {
    static POOL: StaticPool<Box<usize>, 8, 64> = StaticPool::new();
    let rounds = if cfg!(miri) { 12 } else { 20_000 };
    let (sender, receiver) = mpsc::sync_channel(4);
    let taker = thread::spawn(move || {
        for number in 0..rounds {
            // At most 4 on the way and one at each end.
            let block = POOL
                .try_box(Box::new(number))
                .expect("six of eight at most");
            sender.send(block).expect("the giver waits");
        }
    });
    for (number, block) in receiver.iter().enumerate() {
        assert_eq!(**block, number);
    }
    taker.join().expect("no refusal");
    assert!(POOL.is_empty());
}

#[test]
fn blocks_of_threads_that_are_gone_come_back() {
    static POOL: StaticPool<u32, 6> = StaticPool::new();
    for round in 0..if cfg!(miri) { 4 } else { 200 } {
        let block = thread::spawn(move || {
            drop(POOL.try_box(1));
            POOL.try_box(round)
        });
        let block = block.join().expect("no panic").expect("room");
        assert_eq!(*block, round);
        let rest: Vec<_> = (0..).map_while(|at| POOL.try_box(at).ok()).collect();
        assert_eq!(rest.len(), 5);
    }
}
