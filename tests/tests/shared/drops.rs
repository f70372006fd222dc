//! User code that panics, at any point: drops, clones, defaults, closures. Every value is dropped once,
//! every block goes back.

use core::cell::{Cell, RefCell};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sydra_pool::{PoolArc, PoolBox, PoolRc, Pooled, coerce, pool};
use tests::counted::{counted, settled};

const FUSES: u64 = if cfg!(miri) { 2 } else { 30 };

thread_local! {
    static DROPS: Cell<u64> = const { Cell::new(0) };
    /// What the next clone drops first.
    static STASH: RefCell<Option<Box<dyn Any>>> = const { RefCell::new(None) };
}

/// A fuse type of the test's own, by whose name its figures are found: counts its drops, and the one
/// with number `panics_at` panics. A clone has the next number.
macro_rules! fuse {
    ($test:expr, $(#[$attribute:meta])*) => {
        #[derive(Debug, Pooled)]
        #[pooled(name = concat!(module_path!(), $test))]
        $(#[$attribute])*
        struct Fuse {
            number: u64,
            panics_at: u64,
        }
        impl Drop for Fuse {
            fn drop(&mut self) {
                DROPS.set(DROPS.get() + 1);
                let burns = self.number == self.panics_at && !std::thread::panicking();
                assert!(!burns, "fuse {} burns", self.number);
            }
        }
        impl Clone for Fuse {
            fn clone(&self) -> Self {
                drop(STASH.take());
                assert!(self.panics_at != u64::MAX, "no second one");
                Self { number: self.number + 1, panics_at: self.panics_at }
            }
        }
    };
}

fn burns<R>(job: impl FnOnce() -> R) {
    assert!(
        catch_unwind(AssertUnwindSafe(|| drop(job()))).is_err(),
        "no panic"
    );
}

fn dropped(times: u64, what: &str) {
    assert_eq!(DROPS.replace(0), times, "{what}");
}

macro_rules! every_k {
    ($test:ident, $pointer:ident, $object:ty, $(#[$attribute:meta])*) => {
        #[test]
        fn $test() {
            fuse!(stringify!($test), $(#[$attribute])*);
            let fuse = |number, panics_at| $pointer::new(Fuse { number, panics_at });
            for k in 0..FUSES {
                let what = format!("panic at {k}");
                // All of them, each shared: the second pointer is what drops.
                let all: Vec<_> = (0..FUSES).map(|number| fuse(number, k)).collect();
                let again = all.clone();
                drop(all);
                dropped(0, &what);
                burns(|| drop(again));
                dropped(FUSES, &what);
                settled::<Fuse>();

                // One after the other, through every door.
                let all: Vec<_> = (0..FUSES).map(|number| fuse(number, k)).collect();
                let mut burnt = 0;
                for (way, one) in all.into_iter().enumerate() {
                    let end = catch_unwind(AssertUnwindSafe(|| match way % 6 {
                        0 => drop(one),
                        // SAFETY: given out here, taken back once.
                        1 => unsafe { $pointer::decrement_strong_count($pointer::into_raw(one)) },
                        2 => drop($pointer::into_inner(one)),
                        3 => drop($pointer::try_unwrap(one)),
                        4 => drop(coerce!(one => $object)),
                        _ => drop($pointer::unwrap_or_clone(one)),
                    }));
                    burnt += u64::from(end.is_err());
                }
                assert_eq!(burnt, 1);
                dropped(FUSES, &what);
                settled::<Fuse>();
            }

            // The value has moved out before it is dropped: the block is back already.
            let value = $pointer::into_inner(fuse(1, 1)).expect("the only one");
            settled::<Fuse>();
            burns(|| drop(value));
            dropped(1, "into_inner");
        }
    };
}

every_k!(every_drop_of_an_arc, PoolArc, dyn Any + Send + Sync,);
every_k!(every_drop_of_an_rc, PoolRc, dyn Any,);
every_k!(every_drop_of_an_aligned_value, PoolArc, dyn Any, #[repr(align(64))]);
#[cfg(not(miri))]
every_k!(every_drop_of_a_merged_value, PoolArc, dyn Any, #[pooled(merge)]);
#[cfg(not(miri))]
every_k!(every_drop_of_an_overwritten_value, PoolRc, dyn Any, #[pooled(zero_on_free)]);

macro_rules! user_code {
    ($module:ident, $pointer:ident) => {
        mod $module {
            use super::*;

            #[test]
            fn a_closure_that_panics_gives_the_block_back() {
                fuse!("::a_closure_that_panics_gives_the_block_back",);
                for _ in 0..FUSES {
                    burns(|| $pointer::<Fuse>::new_with(|| panic!("no value")));
                    burns(|| $pointer::<Fuse>::try_new_with(|| panic!("no value")).is_ok());
                }
                settled::<Fuse>();
                dropped(0, "nothing was made");
            }

            #[test]
            fn a_default_that_panics_gives_the_block_back() {
                #[derive(Pooled)]
                #[pooled(name = concat!(module_path!(), "::Undefined"))]
                struct Undefined(#[expect(dead_code, reason = "gives the value a size")] u64);
                impl Default for Undefined {
                    fn default() -> Self {
                        panic!("no default")
                    }
                }
                burns($pointer::<Undefined>::default);
                settled::<Undefined>();
            }

            /// A clone that panics leaves everything as it was.
            #[test]
            fn a_clone_that_panics_changes_nothing() {
                fuse!("::a_clone_that_panics_changes_nothing",);
                let first = $pointer::new(Fuse {
                    number: 1,
                    panics_at: u64::MAX,
                });
                let mut second = first.clone();
                burns(|| $pointer::make_mut(&mut second).number = 9);
                assert!($pointer::ptr_eq(&first, &second));
                assert_eq!($pointer::strong_count(&first), 2);
                assert_eq!(counted::<Fuse>().live, 1);
                // Here the pointer itself is used up.
                burns(|| $pointer::unwrap_or_clone(second));
                assert_eq!($pointer::strong_count(&first), 1);
                assert_eq!(counted::<Fuse>().live, 1);
                // Alone nobody asks for a clone.
                assert_eq!($pointer::unwrap_or_clone(first).number, 1);
                dropped(1, "the only value");
                settled::<Fuse>();
            }

            /// The clone drops the other pointers, so that `make_mut` finds itself the last owner of
            /// the old value, whose drop panics.
            #[test]
            fn make_mut_as_the_last_owner_of_what_it_leaves() {
                fuse!("::make_mut_as_the_last_owner_of_what_it_leaves",);
                for panics in [false, true] {
                    let panics_at = if panics { 7 } else { 99 };
                    let mut mine = $pointer::new(Fuse {
                        number: 7,
                        panics_at,
                    });
                    let others = vec![mine.clone(), mine.clone()];
                    STASH.set(Some(Box::new(others)));
                    let end = catch_unwind(AssertUnwindSafe(|| {
                        $pointer::make_mut(&mut mine).number = 20;
                    }));
                    assert_eq!(end.is_err(), panics);
                    dropped(1, "the old value");
                    assert_eq!(mine.number, if panics { 8 } else { 20 });
                    assert_eq!($pointer::strong_count(&mine), 1);
                    assert_eq!(counted::<Fuse>().live, 1);
                    drop(mine);
                    dropped(1, "the new value");
                    settled::<Fuse>();
                }
            }

            /// The same for `unwrap_or_clone`.
            #[test]
            fn unwrap_or_clone_as_the_last_owner_of_what_it_leaves() {
                fuse!("::unwrap_or_clone_as_the_last_owner_of_what_it_leaves",);
                for panics in [false, true] {
                    let panics_at = if panics { 7 } else { 99 };
                    let mine = $pointer::new(Fuse {
                        number: 7,
                        panics_at,
                    });
                    STASH.set(Some(Box::new(mine.clone())));
                    let end = catch_unwind(AssertUnwindSafe(|| $pointer::unwrap_or_clone(mine)));
                    assert_eq!(end.is_err(), panics);
                    drop(end);
                    // A value on its way out of a function is forgotten when something else that
                    // goes out of scope there panics: the language's own doing, with `Arc` as well.
                    let drops = DROPS.replace(0);
                    assert!(drops == 2 || panics && drops == 1, "{drops} drops");
                    settled::<Fuse>();
                }
            }

            /// Assignment through the pointer: the old value burns, the new one is there.
            #[test]
            fn a_value_replaced_in_its_place() {
                fuse!("::a_value_replaced_in_its_place",);
                let mut mine = $pointer::new(Fuse {
                    number: 1,
                    panics_at: 1,
                });
                burns(|| {
                    *$pointer::get_mut(&mut mine).expect("the only one") = Fuse {
                        number: 2,
                        panics_at: 1,
                    };
                });
                assert_eq!(mine.number, 2);
                drop(mine);
                dropped(2, "both values");
                settled::<Fuse>();
            }

            #[test]
            fn a_box_becomes_shared() {
                fuse!("::a_box_becomes_shared",);
                let boxed = PoolBox::new(Fuse {
                    number: 1,
                    panics_at: 1,
                });
                let mine = $pointer::from(boxed);
                assert_eq!((pool::<Fuse>().live(), counted::<Fuse>().live), (0, 1));
                burns(|| drop(mine));
                dropped(1, "the value");
                settled::<Fuse>();
            }

            /// What was never initialised is not dropped.
            #[test]
            fn uninitialised_values_are_not_dropped() {
                fuse!("::uninitialised_values_are_not_dropped",);
                let fresh = $pointer::<Fuse>::new_uninit();
                let again = fresh.clone();
                drop((fresh, again));
                dropped(0, "no value");
                settled::<Fuse>();
            }

            /// A value that owns pointers of its own kind, and makes more while it is dropped.
            #[test]
            fn a_drop_may_use_its_own_pool() {
                #[derive(Pooled)]
                #[pooled(name = concat!(module_path!(), "::Echo"))]
                struct Echo {
                    left: u32,
                    next: Option<$pointer<Echo>>,
                }
                impl Drop for Echo {
                    fn drop(&mut self) {
                        if self.left > 0 {
                            let echo = $pointer::new(Echo {
                                left: self.left - 1,
                                next: None,
                            });
                            drop((echo.clone(), echo));
                        }
                        // Those that are only ours are taken apart here, not in a recursion.
                        let mut next = self.next.take();
                        while let Some(mut echo) = next.and_then($pointer::into_inner) {
                            next = echo.next.take();
                        }
                    }
                }
                let length = if cfg!(miri) { 8 } else { 2_000 };
                let mut head = None;
                for _ in 0..length {
                    head = Some($pointer::new(Echo {
                        left: 2,
                        next: head,
                    }));
                }
                drop(head);
                settled::<Echo>();
                assert_eq!(counted::<Echo>().allocations, length * 3);
            }
        }
    };
}
user_code!(arc, PoolArc);
user_code!(rc, PoolRc);
