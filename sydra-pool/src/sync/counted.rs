//! Atomics that count: `--cfg sydra_count` puts them in the place of `core`'s, so that a program can be asked how many
//! read-modify-writes the engine did, where in the source, and how many of them met a cache line that another thread had
//! written. For measurements only: the counts themselves are read-modify-writes.
//!
//! | count | read-modify-writes |
//! |---|---|
//! | `all` | every one, a failed comparison too: the processor takes the line for it all the same |
//! | `shared` | of a line that two living threads write by turns: one has written it again after another had |
//! | `moved` | of a line that another thread has written last: it had to travel |
//!
//! A line has 64 bytes. What a thread inherits from one that has ended is not shared, but moved once. `shared` hardly depends
//! on who ran when; `moved` does: who has no core meanwhile takes no line away. [`forget_writers`] begins anew, so that
//! what one thread has set up for others is not shared.
//!
//! # Invariants
//! - `CNT-1`: a place in `ALL_SITES` is null or the address of a `Location` that the compiler has made, which lives for ever.
//!   Made by `Site::of`, the only one to write it; used by `read_modify_writes_by_place`.
//!
//! # Concurrency
//! All words are relaxed. A count may be off by those that happen at the same moment; no line and no place gets lost.
//!
//! # Not here
//! Loads. Stores are not counted, but they make their thread the last writer of a line that has had a read-modify-write.
//! What is written without an atomic is not seen.

use core::ops::{Deref, DerefMut};
use core::panic::Location;
use core::ptr;
use core::sync::atomic::{self, AtomicBool as Flag, AtomicU64 as Sum, AtomicUsize as Word};
use core::sync::atomic::{Ordering, Ordering::Relaxed};

/// Lines that are told apart; a read-modify-write of one beyond them counts as moved.
const LINES: usize = 1 << 16;

/// Places in the source that are told apart; those beyond them share the last.
const SITES: usize = 256;

const LINE_BYTES: usize = 64;

/// How many read-modify-writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadModifyWrites {
    /// All of them.
    pub all: u64,
    /// Of lines that living threads write by turns.
    pub shared: u64,
    /// Of lines that another thread has written last.
    pub moved: u64,
}

/// A cache line that has had a read-modify-write.
struct Line {
    /// Its address by the bytes of a line; 0 while the place is empty.
    number: Word,
    /// The threads that wrote it, the last one first; 0 is nobody.
    writers: [Word; WRITERS],
    by_turns: Flag,
}

/// Writers of a line that are remembered: who comes back later than after so many others is taken for a new one.
const WRITERS: usize = 4;

static ALL_LINES: [Line; LINES] = [const {
    Line {
        number: Word::new(0),
        writers: [const { Word::new(0) }; WRITERS],
        by_turns: Flag::new(false),
    }
}; LINES];

/// A place in the source.
struct Site {
    place: atomic::AtomicPtr<Location<'static>>,
    all: Sum,
    shared: Sum,
    moved: Sum,
}

static ALL_SITES: [Site; SITES] = [const {
    Site {
        place: atomic::AtomicPtr::new(ptr::null_mut()),
        all: Sum::new(0),
        shared: Sum::new(0),
        moved: Sum::new(0),
    }
}; SITES];

/// Read-modify-writes of the engine's atomics since the process started.
pub fn read_modify_writes() -> ReadModifyWrites {
    let mut sum = ReadModifyWrites::default();
    read_modify_writes_by_place(&mut |_, one| {
        sum.all += one.all;
        sum.shared += one.shared;
        sum.moved += one.moved;
    });
    sum
}

/// The same for each place in the source; a place may come twice. A lock is taken where its caller is, and given back where
/// its guard is dropped.
pub fn read_modify_writes_by_place(visit: &mut dyn FnMut(&Location<'_>, ReadModifyWrites)) {
    for site in &ALL_SITES {
        // SAFETY: CNT-1.
        let place = unsafe { site.place.load(Relaxed).as_ref() };
        let Some(place) = place else { continue };
        visit(
            place,
            ReadModifyWrites {
                all: site.all.load(Relaxed),
                shared: site.shared.load(Relaxed),
                moved: site.moved.load(Relaxed),
            },
        );
    }
}

impl Line {
    /// The line of an address, if it has had a read-modify-write or gets a place now.
    fn of(address: usize, enter: bool) -> Option<&'static Self> {
        let number = address / LINE_BYTES;
        // Neighbours far apart, by a multiplication with an odd number.
        let start = number.wrapping_mul(0x9E37_79B9_7F4A_7C15_u64 as usize) >> (usize::BITS - 16);
        for step in 0..LINES {
            let line = &ALL_LINES[(start + step) % LINES];
            match line.number.load(Relaxed) {
                0 if !enter => return None,
                0 => match line.number.compare_exchange(0, number, Relaxed, Relaxed) {
                    Ok(_) => return Some(line),
                    Err(other) if other == number => return Some(line),
                    Err(_) => {}
                },
                other if other == number => return Some(line),
                _ => {}
            }
        }
        None
    }

    /// Whether another thread has written it last, and whether it is written by turns.
    fn wrote(&self) -> (bool, bool) {
        let thread = thread();
        let [last, others @ ..] = &self.writers;
        let mut before = last.load(Relaxed);
        if before == thread {
            return (false, self.by_turns.load(Relaxed));
        }
        let moved = before != 0;
        last.store(thread, Relaxed);
        for other in others {
            let one = other.load(Relaxed);
            other.store(before, Relaxed);
            if one == thread {
                self.by_turns.store(true, Relaxed);
                break;
            }
            before = one;
        }
        (moved, self.by_turns.load(Relaxed))
    }
}

/// Forgets who has written what.
pub fn forget_writers() {
    for line in &ALL_LINES {
        line.writers.iter().for_each(|one| one.store(0, Relaxed));
        line.by_turns.store(false, Relaxed);
    }
}

impl Site {
    fn of(place: &'static Location<'static>) -> &'static Self {
        let wanted = ptr::from_ref(place).cast_mut();
        for site in &ALL_SITES[..SITES - 1] {
            let here = site.place.load(Relaxed);
            if here == wanted {
                return site;
            }
            if here.is_null() {
                let tried = site.place.compare_exchange(here, wanted, Relaxed, Relaxed);
                if tried.is_ok() || tried == Err(wanted) {
                    return site;
                }
            }
        }
        let last = &ALL_SITES[SITES - 1];
        last.place.store(wanted, Relaxed);
        last
    }
}

#[cfg(feature = "std")]
fn thread() -> usize {
    crate::os::thread_number()
}

/// Without a system there are no threads that it could tell apart.
#[cfg(not(feature = "std"))]
fn thread() -> usize {
    1
}

/// Counts a read-modify-write.
#[track_caller]
fn count<T>(word: &T) {
    let line = Line::of(ptr::from_ref(word).addr(), true);
    let (moved, shared) = line.map_or((true, true), Line::wrote);
    let site = Site::of(Location::caller());
    site.all.fetch_add(1, Relaxed);
    site.shared.fetch_add(u64::from(shared), Relaxed);
    site.moved.fetch_add(u64::from(moved), Relaxed);
}

/// Notes a store.
fn stored<T>(word: &T) {
    if let Some(line) = Line::of(ptr::from_ref(word).addr(), false) {
        line.wrote();
    }
}

macro_rules! counted {
    ($name:ident$(<$T:ident>)?, $value:ty, { $($method:ident),* }) => {
        #[derive(Debug, Default)]
        #[repr(transparent)]
        pub(crate) struct $name$(<$T>)?(atomic::$name$(<$T>)?);

        #[allow(dead_code)]
        impl$(<$T>)? $name$(<$T>)? {
            pub(crate) const fn new(value: $value) -> Self {
                Self(atomic::$name::new(value))
            }

            pub(crate) fn into_inner(self) -> $value {
                self.0.into_inner()
            }

            pub(crate) fn load(&self, order: Ordering) -> $value {
                self.0.load(order)
            }

            pub(crate) fn store(&self, value: $value, order: Ordering) {
                stored(self);
                self.0.store(value, order);
            }

            #[track_caller]
            pub(crate) fn swap(&self, value: $value, order: Ordering) -> $value {
                count(self);
                self.0.swap(value, order)
            }

            #[track_caller]
            pub(crate) fn compare_exchange(
                &self,
                old: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                count(self);
                self.0.compare_exchange(old, new, success, failure)
            }

            #[track_caller]
            pub(crate) fn compare_exchange_weak(
                &self,
                old: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                count(self);
                self.0.compare_exchange_weak(old, new, success, failure)
            }

            $(#[track_caller]
            pub(crate) fn $method(&self, value: $value, order: Ordering) -> $value {
                count(self);
                self.0.$method(value, order)
            })*
        }

        /// For what reads or borrows the word. A read-modify-write that has no method above would go uncounted by this way.
        impl$(<$T>)? Deref for $name$(<$T>)? {
            type Target = atomic::$name$(<$T>)?;

            fn deref(&self) -> &Self::Target {
                &self.0
            }
        }

        impl$(<$T>)? DerefMut for $name$(<$T>)? {
            fn deref_mut(&mut self) -> &mut Self::Target {
                &mut self.0
            }
        }
    };
}

macro_rules! counted_integers {
    ($($name:ident $value:ty;)+) => {$(
        counted!($name, $value, {
            fetch_add, fetch_sub, fetch_max, fetch_min, fetch_or, fetch_and, fetch_xor, fetch_nand
        });
    )+};
}

counted!(AtomicBool, bool, { fetch_or, fetch_and, fetch_xor, fetch_nand });
counted!(AtomicPtr<T>, *mut T, {});
counted_integers! {
    AtomicI64 i64;
    AtomicU8 u8;
    AtomicU16 u16;
    AtomicU32 u32;
    AtomicU64 u64;
    AtomicUsize usize;
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use crate::sync::Lock;
    use std::sync::mpsc;

    /// What was counted in this file by one place, which no other test uses.
    fn at(line: u32) -> ReadModifyWrites {
        let mut found = ReadModifyWrites::default();
        read_modify_writes_by_place(&mut |place, counts| {
            if (place.file(), place.line()) == (file!(), line) {
                found = counts;
            }
        });
        found
    }

    #[repr(align(64))]
    struct Alone<T>(T);

    #[test]
    fn who_writes_alone_shares_nothing_and_who_inherits_moves_once() {
        let word = Alone(AtomicU64::new(0));
        let place = line!() + 1;
        let three = || (0..3).map(|_| word.0.fetch_add(1, Relaxed)).last();
        for _ in 0..2 {
            std::thread::scope(|scope| drop(scope.spawn(three).join()));
        }
        let (all, shared, moved) = (6, 0, 1);
        assert_eq!(at(place), ReadModifyWrites { all, shared, moved });
    }

    #[test]
    fn who_writes_by_turns_shares_from_the_second_turn_on() {
        let word = Alone((AtomicU64::new(0), AtomicU64::new(0)));
        let (ask, asked) = mpsc::channel::<()>();
        let (answer, answered) = mpsc::channel();
        let place = line!() + 1;
        let write = || word.0.1.swap(1, Relaxed);
        std::thread::scope(|scope| {
            // The other only stores, to another word of the line.
            scope.spawn(|| {
                for () in asked {
                    word.0.0.store(1, Relaxed);
                    assert!(answer.send(()).is_ok());
                }
            });
            for _ in 0..4 {
                write();
                write();
                assert!(ask.send(()).is_ok());
                assert!(answered.recv().is_ok());
            }
            drop(ask);
        });
        let (all, shared, moved) = (8, 6, 3);
        assert_eq!(at(place), ReadModifyWrites { all, shared, moved });
    }

    #[test]
    fn a_lock_is_two_and_the_first_is_its_callers() {
        let lock = Lock::new(0);
        let place = line!() + 1;
        (0..5).for_each(|_| *lock.lock() += 1);
        assert_eq!(at(place).all, 5);
    }
}
