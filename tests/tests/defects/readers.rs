//! Rows 8, 9 and 11: what a pinned reader sees stays as it is, whoever works around it.

use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed};
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::thread;

use sydra_pool::epoch::{self, Atomic, Guard};
use sydra_pool::{PoolBox, Pooled};
use tests::rng::mix;

const WORDS: u64 = 24;

/// All its words follow from the first, until it is dropped. Atomic, so that a second look is one.
#[derive(Pooled)]
#[pooled(magazine = 8, shards = 4)]
struct Page {
    words: [AtomicU64; WORDS as usize],
}

impl Page {
    fn new(mark: u64) -> Self {
        let mut number = 0;
        let words = [(); WORDS as usize].map(|()| {
            number += 1;
            AtomicU64::new(if number == 1 {
                mark
            } else {
                mix(mark + number)
            })
        });
        Self { words }
    }

    /// Every byte is as `new` wrote it; its mark.
    fn check(&self) -> u64 {
        let mark = self.words[0].load(Relaxed);
        for (number, word) in (2..).zip(&self.words[1..]) {
            let found = word.load(Relaxed);
            assert_eq!(found, mix(mark + number), "word {number} of page {mark}");
        }
        mark
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.words.iter().for_each(|word| word.store(!0, Relaxed));
    }
}

/// A page that one thread replaces and others read.
struct Board {
    page: Atomic<Page>,
    replaced: AtomicU64,
    stop: AtomicBool,
}

impl Board {
    fn new() -> Self {
        Self {
            page: Atomic::new(Page::new(0)),
            replaced: AtomicU64::new(0),
            stop: AtomicBool::new(false),
        }
    }

    /// Puts up another page and retires the one before.
    fn replace(&self, mark: u64, guard: &Guard) {
        let old = self.page.swap(PoolBox::new(Page::new(mark)), AcqRel, guard);
        // SAFETY: taken out by this swap alone; a `Page` may be dropped anywhere.
        unsafe { guard.retire(old) };
        self.replaced.fetch_add(1, Relaxed);
    }

    /// Replaces the page until told to stop.
    fn own(&self) {
        let mut mark = 1 << 40;
        while !self.stop.load(Relaxed) {
            mark += 1;
            let guard = epoch::pin();
            self.replace(mark, &guard);
            // Blocks that are freed at once, between those that are retired.
            drop(
                (0..4)
                    .map(|_| PoolBox::new(Page::new(7)))
                    .collect::<Vec<_>>(),
            );
            drop(guard);
            if mark % 16 == 0 {
                sydra_pool::collect_garbage();
                thread::yield_now();
            }
        }
    }

    /// Allocates and frees pages all around.
    fn disturb(&self, mark: u64) {
        while !self.stop.load(Relaxed) {
            let pages: Vec<_> = (0..20).map(|n| PoolBox::new(Page::new(mark + n))).collect();
            pages.iter().for_each(|page| _ = page.check());
            drop(pages);
            thread::yield_now();
        }
    }

    /// Holds a page while it is replaced many times, and looks at it all the while.
    fn read(&self, rounds: u64) {
        for _ in 0..rounds {
            let guard = epoch::pin();
            let shared = self.page.load(Acquire, &guard);
            // SAFETY: never null; loaded under the guard, published complete.
            let page = unsafe { shared.deref() };
            let mark = page.check();
            let start = self.replaced.load(Relaxed);
            while self.replaced.load(Relaxed) < start + 40 {
                assert_eq!(page.check(), mark);
                thread::yield_now();
            }
            assert_eq!(page.check(), mark);
        }
    }
}

impl Drop for Board {
    fn drop(&mut self) {
        let page = std::mem::take(&mut self.page);
        // SAFETY: nobody else is left.
        drop(unsafe { page.into_box() });
    }
}

/// Row 8: the bytes of what is retired stay until the epoch has passed.
#[test]
fn row_08_retired_bytes_stay_while_a_reader_is_pinned() {
    let board = Board::new();
    thread::scope(|scope| {
        scope.spawn(|| board.own());
        scope.spawn(|| board.disturb(1 << 50));
        let readers = [(); 2].map(|()| scope.spawn(|| board.read(100)));
        let ends = readers.map(|reader| reader.join());
        board.stop.store(true, Relaxed);
        ends.into_iter()
            .for_each(|end| end.expect("all bytes stay"));
    });
}

/// Row 9: a pin is published before the first load: pins as short as they can be, while every page is
/// collected at once.
#[test]
fn row_09_a_pin_is_seen_before_the_first_load() {
    let board = Board::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut mark = 0;
            while !board.stop.load(Relaxed) {
                mark += 1;
                let guard = epoch::pin();
                board.replace(mark, &guard);
                guard.flush();
                drop(guard);
                sydra_pool::collect_garbage();
            }
        });
        let reader = scope.spawn(|| {
            for round in 0..100_000 {
                let guard = epoch::pin();
                let shared = board.page.load(Acquire, &guard);
                if round % 256 == 0 {
                    // The moment between the load and the look, as long as a turn of the others.
                    thread::yield_now();
                }
                // SAFETY: never null; loaded under the guard, published complete.
                unsafe { shared.deref() }.check();
            }
        });
        let end = reader.join();
        board.stop.store(true, Relaxed);
        end.expect("what was loaded is there");
    });
}

/// Row 11: one epoch for all shards: each of two threads reads what the other one, on another shard,
/// retires.
#[cfg(all(unix, not(miri)))]
#[test]
fn row_11_readers_and_blocks_on_different_shards_meet() {
    let name = "readers::row_11_readers_and_blocks_on_different_shards_meet";
    let apart = tests::child::Apart::new(name, |_| {
        let boards = [(); 2].map(|()| Board::new());
        thread::scope(|scope| {
            let sides = [0, 1].map(|side| {
                let boards = &boards;
                // One thread reads the one board and keeps the other going while it holds the page.
                scope.spawn(move || {
                    let (own, other) = (&boards[side], &boards[1 - side]);
                    let mut mark = (side as u64 + 1) << 32;
                    while own.replaced.load(Relaxed) < 20_000 {
                        let guard = epoch::pin();
                        let shared = other.page.load(Acquire, &guard);
                        // SAFETY: never null; loaded under the guard, published complete.
                        let page = unsafe { shared.deref() };
                        let seen = page.check();
                        for _ in 0..20 {
                            mark += 1;
                            own.replace(mark, &guard);
                            assert_eq!(page.check(), seen);
                        }
                        drop(guard);
                        sydra_pool::collect_garbage();
                    }
                })
            });
            let ends = sides.map(|side| side.join());
            ends.into_iter()
                .for_each(|end| end.expect("what was loaded stays"));
        });
        let snapshot = sydra_pool::snapshot();
        let pages = snapshot.buckets.iter().filter(|one| one.pool == "Page");
        let used = pages.filter(|one| one.shard.is_some() && one.allocations > 0);
        assert!(used.count() >= 2, "both threads had the same shard");
        assert!(snapshot.epoch.reclaimed > 30_000, "{:?}", snapshot.epoch);
    });
    apart.run("").succeeded();
}
