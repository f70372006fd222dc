//! One script for four pointers: whatever `Arc` and `Rc` answer, `PoolArc` and `PoolRc` answer.

use core::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use sydra_pool::{PoolArc, PoolRc, Pooled};
use tests::rng::Rng;

thread_local! {
    static DROPS: Cell<u64> = const { Cell::new(0) };
    static CLONES: Cell<u64> = const { Cell::new(0) };
}

/// A field that counts the drops and the clones of what it is a field of.
#[derive(Debug, Default)]
pub(crate) struct Tally;

impl Drop for Tally {
    fn drop(&mut self) {
        DROPS.set(DROPS.get() + 1);
    }
}

impl Clone for Tally {
    fn clone(&self) -> Self {
        CLONES.set(CLONES.get() + 1);
        Self
    }
}

/// A value that can be told from others, if it has a size.
pub(crate) trait Probe: Clone {
    /// A value with this number.
    fn make(number: u64) -> Self;
    /// The number; checks that all of the value says the same.
    fn number(&self) -> u64;
    /// Gives it another number.
    fn set(&mut self, number: u64);
}

const STEPS: usize = if cfg!(miri) { 60 } else { 2_000 };

/// The answers of one run.
pub(crate) type Answers = Vec<String>;

macro_rules! play {
    ($name:ident, $pointer:ident) => {
        /// Plays the script of `seed` and returns all answers.
        pub(crate) fn $name<T: Probe + Pooled>(seed: u64) -> Answers {
            let mut rng = Rng::new(seed);
            let mut answers = Answers::new();
            let mut held: Vec<$pointer<T>> = Vec::new();
            let (drops, clones) = (DROPS.get(), CLONES.get());
            for step in 0..STEPS as u64 {
                let act = if held.is_empty() { 0 } else { rng.below(17) };
                let place = rng.below(held.len().max(1));
                let answer = match act {
                    0 => {
                        held.push($pointer::new(T::make(step)));
                        String::from("new")
                    }
                    1 => {
                        held.push($pointer::from(T::make(step)));
                        String::from("from")
                    }
                    2 | 3 => {
                        let another = $pointer::clone(&held[place]);
                        held.push(another);
                        format!("clone {}", $pointer::strong_count(&held[place]))
                    }
                    4 | 5 => {
                        drop(held.swap_remove(place));
                        String::from("drop")
                    }
                    6 => match $pointer::try_unwrap(held.swap_remove(place)) {
                        Ok(value) => format!("unwrapped {}", value.number()),
                        Err(back) => {
                            let answer = format!("shared {}", back.number());
                            held.push(back);
                            answer
                        }
                    },
                    7 => match $pointer::into_inner(held.swap_remove(place)) {
                        Some(value) => format!("inner {}", value.number()),
                        None => String::from("not the last"),
                    },
                    8 => {
                        let value = $pointer::unwrap_or_clone(held.swap_remove(place));
                        format!("owned {}", value.number())
                    }
                    9 => match $pointer::get_mut(&mut held[place]) {
                        Some(value) => {
                            value.set(step);
                            format!("set {}", value.number())
                        }
                        None => String::from("shared"),
                    },
                    10 => {
                        let value = $pointer::make_mut(&mut held[place]);
                        value.set(step);
                        format!("made {}", value.number())
                    }
                    11 => {
                        let other = rng.below(held.len());
                        format!("same {}", $pointer::ptr_eq(&held[place], &held[other]))
                    }
                    12 => {
                        let raw = $pointer::into_raw(held.swap_remove(place));
                        // SAFETY: the pointer that was just given out keeps the value alive.
                        let number = unsafe { &*raw }.number();
                        // SAFETY: from `into_raw` of this very type, taken back once.
                        held.push(unsafe { $pointer::from_raw(raw) });
                        format!("raw {number}")
                    }
                    13 => {
                        let raw = $pointer::as_ptr(&held[place]);
                        // SAFETY: `held[place]` is alive meanwhile.
                        unsafe { $pointer::increment_strong_count(raw) };
                        let count = $pointer::strong_count(&held[place]);
                        if rng.chance(50) {
                            // SAFETY: counted just above.
                            unsafe { $pointer::decrement_strong_count(raw) };
                        } else {
                            // SAFETY: counted just above, taken over by this pointer.
                            held.push(unsafe { $pointer::from_raw(raw) });
                        }
                        format!("counted {count}")
                    }
                    14 => {
                        let pinned = $pointer::pin(T::make(step));
                        let another = pinned.clone();
                        let number = another.number();
                        format!("pinned {number}")
                    }
                    15 => {
                        let mut fresh = $pointer::<T>::new_uninit();
                        $pointer::get_mut(&mut fresh)
                            .expect("the only one")
                            .write(T::make(step));
                        // SAFETY: just written.
                        held.push(unsafe { fresh.assume_init() });
                        String::from("written")
                    }
                    _ => {
                        // Out of order, so that blocks come back in no order.
                        let half = held.len() / 2;
                        held.rotate_left(half);
                        held.truncate(held.len().min(40));
                        format!("cut to {}", held.len())
                    }
                };
                let (drops, clones) = (DROPS.get() - drops, CLONES.get() - clones);
                answers.push(format!("{step}: {answer}, {drops} drops, {clones} clones"));
                // A value that was overwritten would say so; all of them, now and then.
                for one in held.iter().filter(|_| step % 40 == 0) {
                    assert!($pointer::as_ptr(one).is_aligned());
                    let _ = one.number();
                }
            }
            for one in held {
                let number = one.number();
                drop(one);
                let drops = DROPS.get() - drops;
                answers.push(format!("end of {number}, {drops} drops"));
            }
            answers
        }
    };
}
play!(with_arc, Arc);
play!(with_pool_arc, PoolArc);
play!(with_rc, Rc);
play!(with_pool_rc, PoolRc);

/// All four give the same answers.
pub(crate) fn alike<T: Probe + Pooled>(seed: u64) {
    let expected = with_arc::<T>(seed);
    assert!(expected.len() >= STEPS);
    for (name, found) in [
        ("PoolArc", with_pool_arc::<T>(seed)),
        ("Rc", with_rc::<T>(seed)),
        ("PoolRc", with_pool_rc::<T>(seed)),
    ] {
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found, expected, "{name}, seed {seed}");
        }
        assert_eq!(found.len(), expected.len(), "{name}, seed {seed}");
    }
}
