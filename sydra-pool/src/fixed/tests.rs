//! The list with a tag, with a narrow one and with none; the hands; exactly `N`: natively, by threads and step by step.

use super::Shape;
use super::bare::{Bare, Pool};
use super::list::List;
use super::word::{Narrow, Wide};
use crate::sync::{AtomicU64, Ordering::Relaxed};
use core::cell::RefCell;
use core::sync::atomic::{AtomicBool, AtomicUsize};
use std::boxed::Box;
use std::thread;
use std::thread_local;
use std::time::{Duration, Instant};
use std::vec::Vec;

/// Runs once, between the load and the exchange of a pop of this thread.
type Interruption = Box<dyn FnOnce()>;
thread_local! {
    static INTERRUPTION: RefCell<Option<Interruption>> = const { RefCell::new(None) };
    static PAUSES: RefCell<bool> = const { RefCell::new(false) };
}

fn between() {
    let interruption = INTERRUPTION.take();
    if let Some(interruption) = interruption {
        interruption();
    }
    if PAUSES.with_borrow(|pauses| *pauses) {
        thread::yield_now();
    }
}

macro_rules! shape {
    ($(#[$doc:meta])* $name:ident: $tag:literal, $off:literal) => {
        $(#[$doc])*
        struct $name;
        impl Shape for $name {
            type Word = AtomicU64;
            const TAG: u32 = $tag;
            const OFF: u32 = $off;
            const TOP: u32 = 16;
            const PLACE: u32 = 32;
            fn between() {
                between();
            }
        }
    };
}
shape!(
    /// As it is used, with the pause.
    Tagged: 32, 16
);
shape!(
    /// A tag that wraps after eight pushes.
    ThreeBits: 3, 16
);
shape!(
    /// The mutant: a plain stack.
    Untagged: 0, 0
);

/// A pop is stopped between its load and its exchange, in which others push `pushes` times and leave the same block on top of
/// another one, and as many off the list. Returns whether the list is whole afterwards.
fn survives_interruption<S: Shape>(pushes: usize) -> bool {
    assert!(pushes >= 3);
    let shared: &'static (List<S>, Bare<S>) = Box::leak(Box::new((List::new(), Bare::new(4))));
    let (list, bare) = shared;
    INTERRUPTION.set(Some(Box::new(move || {
        for _ in 3..pushes {
            let number = list.pop(bare).unwrap();
            list.push(number, &bare.links[number]);
        }
        let popped = [(); 3].map(|()| list.pop(bare).unwrap());
        assert_eq!(popped, [0, 1, 2]);
        for number in [1, 2, 0] {
            list.push(number, &bare.links[number]);
        }
    })));
    let mut seen = Vec::new();
    // 0 lies on 2 now, and no longer on 1.
    while let Ok(number) = list.pop(bare) {
        seen.push(number);
    }
    seen.sort_unstable();
    seen == [0, 1, 2, 3]
}

#[test]
fn a_tag_of_three_bits_stands_seven_pushes_and_no_eighth() {
    for pushes in 3..8 {
        assert!(
            survives_interruption::<ThreeBits>(pushes),
            "{pushes} pushes"
        );
    }
    if cfg!(miri) {
        // Its weak exchanges fail for no reason, and then look again.
        return;
    }
    assert!(
        !survives_interruption::<ThreeBits>(8),
        "as the documents say"
    );
    assert!(survives_interruption::<ThreeBits>(9));
    for pushes in [3, 8, 16] {
        assert!(survives_interruption::<Tagged>(pushes));
        assert!(!survives_interruption::<Untagged>(pushes), "the mutant");
    }
}

#[test]
fn the_number_of_blocks_off_the_list_guards_too() {
    // Two blocks: the one that is popped in the gap cannot lie on the other again while as many are off.
    struct OffOnly;
    impl Shape for OffOnly {
        type Word = AtomicU64;
        const TAG: u32 = 0;
        const OFF: u32 = 16;
        const TOP: u32 = 16;
        const PLACE: u32 = 32;
    }
    assert_eq!((OffOnly::ONE_TAG, OffOnly::tag(u64::MAX)), (0, 0));
    assert_eq!(Tagged::off(0x0000_0001_FFFE_0003), 0xFFFE);
}

/// Eight threads pop and push two blocks, with a pause in each gap. Returns whether two threads ever had one block, or one
/// was lost.
fn goes_wrong<S: Shape>(rounds: usize, patience: Duration) -> bool {
    const BLOCKS: usize = 2;
    let (list, bare) = (List::<S>::new(), Bare::<S>::new(BLOCKS));
    let owned: [AtomicBool; BLOCKS] = [const { AtomicBool::new(false) }; BLOCKS];
    let wrong = AtomicBool::new(false);
    let deadline = Instant::now() + patience;
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                PAUSES.set(true);
                for round in 0..rounds {
                    if wrong.load(Relaxed) || (round % 64 == 0 && Instant::now() > deadline) {
                        return;
                    }
                    let Ok(number) = list.pop(&bare) else {
                        thread::yield_now();
                        continue;
                    };
                    if owned[number].swap(true, Relaxed) {
                        wrong.store(true, Relaxed);
                        return;
                    }
                    thread::yield_now();
                    owned[number].store(false, Relaxed);
                    list.push(number, &bare.links[number]);
                }
            });
        }
    });
    let left = core::iter::from_fn(|| list.pop(&bare).ok()).take(BLOCKS + 1);
    wrong.load(Relaxed) || left.count() != BLOCKS
}

#[test]
fn eight_threads_on_two_blocks_with_a_pause_in_the_gap() {
    let (rounds, patience) = if cfg!(miri) {
        (20, Duration::from_secs(600))
    } else {
        (20_000, Duration::from_secs(20))
    };
    assert!(!goes_wrong::<Tagged>(rounds, patience));
    if !cfg!(miri) {
        let caught = (0..1000).any(|_| goes_wrong::<Untagged>(rounds, patience));
        assert!(
            caught,
            "the untagged list is never caught: the amplifier amplifies nothing"
        );
    }
}

fn one_thread<S: Shape, const HANDS: usize, const CELLS: usize>(count: usize) {
    let pool = Pool::<S, HANDS, CELLS>::new(count);
    for round in 0..3 {
        let mut out: Vec<usize> = (0..count).map(|_| pool.take(round).unwrap()).collect();
        assert_eq!(pool.take(round), None);
        assert_eq!((pool.core.live(), pool.core.high_water()), (count, count));
        // Its three bits have wrapped.
        if S::TAG > 3 {
            assert_eq!(pool.core.frees(), (round * count) as u64);
        }
        if round == 0 {
            assert_eq!(
                out,
                (0..count).collect::<Vec<_>>(),
                "the zero image is in order"
            );
        }
        out.rotate_left(count / 2);
        for number in &out {
            pool.give(*number);
        }
        out.sort_unstable();
        assert_eq!(out, (0..count).collect::<Vec<_>>());
        assert_eq!(pool.core.live(), 0);
    }
}

#[test]
fn all_blocks_come_out_once_and_all_go_back() {
    for count in [1, 2, 5, 40] {
        one_thread::<Wide, 8, 4>(count);
        one_thread::<Narrow, 1, 1>(count);
        one_thread::<ThreeBits, 2, 1>(count);
    }
    if !cfg!(miri) {
        one_thread::<Wide, 8, 4>(65_535);
        one_thread::<Narrow, 1, 1>(1_023);
    }
}

#[test]
fn a_pair_goes_through_the_hand_and_leaves_the_list_alone() {
    let pool = Pool::<Wide, 8, 4>::new(10);
    let first = pool.take(3).unwrap();
    pool.give(first);
    for _ in 0..100 {
        let number = pool.take(3).unwrap();
        assert_eq!(number, first);
        pool.give(number);
    }
    assert_eq!(pool.core.frees(), 101);
    // Four blocks fit the hand, a fifth has no home.
    let out: Vec<usize> = (0..5).map(|_| pool.take(3).unwrap()).collect();
    let homed = out.iter().filter(|&&number| pool.has_home(number));
    assert_eq!(homed.count(), 4);
    out.into_iter().for_each(|number| pool.give(number));
    // What lies at another hand is taken when nothing else is left, and goes back there.
    let all: Vec<usize> = (0..10).map(|_| pool.take(4).unwrap()).collect();
    assert_eq!((pool.take(4), pool.core.live()), (None, 10));
    all.into_iter().for_each(|number| pool.give(number));
    assert_eq!(pool.core.live(), 0);
}

#[test]
fn a_cells_count_wraps_and_nothing_notices() {
    // Narrow: 2^21 gives to the one cell.
    let pool = Pool::<Narrow, 1, 1>::new(1);
    for _ in 0..if cfg!(miri) { 100 } else { (1 << 21) + 5 } {
        let number = pool.take(0).unwrap();
        pool.give(number);
    }
    let number = pool.take(0).unwrap();
    assert_eq!(pool.take(0), None);
    pool.give(number);
    assert_eq!(pool.core.live(), 0);
}

/// `threads` threads take and give, each at most `each` at once, `threads * each` blocks or fewer.
fn crowd<S: Shape, const HANDS: usize, const CELLS: usize>(
    count: usize,
    each: usize,
    rounds: usize,
) {
    const THREADS: usize = 4;
    let pool = Pool::<S, HANDS, CELLS>::new(count);
    let owned: Vec<AtomicBool> = (0..count).map(|_| AtomicBool::new(false)).collect();
    let refused = AtomicUsize::new(0);
    thread::scope(|scope| {
        for hand in 0..THREADS {
            let (pool, owned, refused) = (&pool, &owned, &refused);
            scope.spawn(move || {
                let mut mine = Vec::new();
                for round in 0..rounds {
                    if mine.len() < each && (round * 7 + hand) % 3 != 0 {
                        match pool.take(hand) {
                            Some(number) => {
                                assert!(
                                    !owned[number].swap(true, Relaxed),
                                    "one block twice: {count} {each} {HANDS}"
                                );
                                mine.push(number);
                            }
                            None => {
                                refused.fetch_add(1, Relaxed);
                            }
                        }
                    } else if !mine.is_empty() {
                        let number = mine.swap_remove(round % mine.len());
                        assert!(owned[number].swap(false, Relaxed));
                        pool.give(number);
                    }
                }
                for number in mine {
                    owned[number].store(false, Relaxed);
                    pool.give(number);
                }
            });
        }
    });
    assert_eq!(pool.core.live(), 0);
    // With as many blocks as may be out at once, nobody is ever refused.
    if count >= THREADS * each {
        assert_eq!(refused.into_inner(), 0);
    }
    let all: Vec<usize> = core::iter::from_fn(|| pool.take(0)).collect();
    assert_eq!(all.len(), count);
}

#[test]
fn four_threads_at_the_brim() {
    let rounds = if cfg!(miri) { 60 } else { 100_000 };
    crowd::<Wide, 8, 4>(12, 3, rounds);
    crowd::<Wide, 8, 4>(4, 1, rounds);
    crowd::<Wide, 8, 4>(5, 3, rounds);
    crowd::<Wide, 2, 1>(4, 1, rounds);
    crowd::<Narrow, 1, 1>(8, 2, rounds);
    crowd::<Narrow, 1, 1>(3, 2, rounds);
}
