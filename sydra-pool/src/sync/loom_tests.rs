//! Every interleaving of the lock and of publication, within loom's bounds.
//!
//! Run with `RUSTFLAGS="--cfg loom" cargo test -p sydra-pool --release --lib loom`.

use super::{AtomicU32, Lock, Ordering, Owners, Published, Swapped, Window};
use core::ptr::NonNull;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

#[test]
fn loom_lock_excludes_and_hands_over() {
    loom::model(|| {
        let lock = Arc::new(Lock::new(0_u32));
        let threads: [_; 2] = core::array::from_fn(|_| {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                let mut guard = lock.lock();
                *guard += 1;
            })
        });
        for thread in threads {
            assert!(thread.join().is_ok());
        }
        assert_eq!(*lock.lock(), 2);
    });
}

#[test]
fn loom_try_lock_excludes() {
    loom::model(|| {
        let lock = Arc::new(Lock::new(0_u32));
        let other = Arc::clone(&lock);
        let thread = thread::spawn(move || match other.try_lock() {
            Some(mut guard) => {
                *guard += 1;
                1
            }
            None => 0,
        });
        let mine = match lock.try_lock() {
            Some(mut guard) => {
                *guard += 1;
                1
            }
            None => 0,
        };
        let theirs = thread.join().unwrap_or(0);
        assert!(mine + theirs >= 1);
        assert_eq!(*lock.lock(), mine + theirs);
    });
}

#[test]
fn loom_published_pointee_is_complete() {
    struct Room {
        value: UnsafeCell<u32>,
    }
    loom::model(|| {
        let room = Arc::new((
            Published::<Room>::new(),
            Room {
                value: UnsafeCell::new(0),
            },
        ));
        let other = Arc::clone(&room);
        let writer = thread::spawn(move || {
            // SAFETY: PUB-1; written before it is published, by this thread alone.
            other.1.value.with_mut(|value| unsafe { *value = 7 });
            other.0.publish(NonNull::from(&other.1));
        });
        if let Some(seen) = room.0.get() {
            // SAFETY: PUB-1; published, so complete, and alive as long as `room`.
            let seen = unsafe { seen.as_ref() };
            // SAFETY: PUB-1; nobody writes after publication; loom checks that.
            assert_eq!(seen.value.with(|value| unsafe { *value }), 7);
        }
        assert!(writer.join().is_ok());
    });
}

#[test]
fn loom_a_stranger_is_never_ours_while_the_window_opens() {
    // A stranger at a low address: taken for ours if the length were seen without the base.
    const BYTES: usize = 1 << 20;
    static RANGE: [u8; 1] = [0];
    loom::model(|| {
        let window = Arc::new(Window::new());
        let other = Arc::clone(&window);
        let opener = thread::spawn(move || other.set(NonNull::from(&RANGE[0]), BYTES));
        assert_eq!(window.offset_of(4096), None);
        assert!(opener.join().is_ok());
        assert_eq!(window.offset_of((&raw const RANGE).addr() + 8), Some(8));
    });
}

#[test]
fn loom_a_swapped_pointee_is_complete_for_readers_and_takers() {
    struct Room {
        value: UnsafeCell<u32>,
    }
    loom::model(|| {
        let rooms: [Room; 3] = core::array::from_fn(|_| Room {
            value: UnsafeCell::new(7),
        });
        let rooms = Arc::new(rooms);
        let place = |number: usize| (&raw const rooms[number]).cast_mut();
        let shown = Arc::new(Swapped::new(place(0)));
        let writers = [1, 2].map(|number| {
            let (rooms, shown) = (Arc::clone(&rooms), Arc::clone(&shown));
            thread::spawn(move || {
                // SAFETY: SWP-1; written before it is put in, by this thread alone.
                rooms[number]
                    .value
                    .with_mut(|value| unsafe { *value = number as u32 + 7 });
                let new = (&raw const rooms[number]).cast_mut();
                let old = if number == 1 {
                    shown.swap(new)
                } else {
                    let seen = shown.load();
                    if !shown.exchange(seen, new) {
                        return;
                    }
                    seen
                };
                // SAFETY: SWP-1; the rooms live as long as the model.
                let old = unsafe { &*old };
                // SAFETY: SWP-1; complete when it was put in; loom checks that.
                assert!(old.value.with(|value| unsafe { *value }) >= 7);
            })
        });
        for writer in writers {
            assert!(writer.join().is_ok());
        }
    });
}

#[test]
fn loom_a_swapped_pointee_is_complete_for_a_reader() {
    struct Room {
        value: UnsafeCell<u32>,
    }
    for by_exchange in [false, true] {
        loom::model(move || {
            let rooms = Arc::new([(); 2].map(|()| Room {
                value: UnsafeCell::new(0),
            }));
            let shown = Arc::new(Swapped::new((&raw const rooms[0]).cast_mut()));
            let (theirs, place) = (Arc::clone(&rooms), Arc::clone(&shown));
            let writer = thread::spawn(move || {
                // SAFETY: SWP-1; written before it is put in, by this thread alone.
                theirs[1].value.with_mut(|value| unsafe { *value = 7 });
                let new = (&raw const theirs[1]).cast_mut();
                if by_exchange {
                    assert!(place.exchange(place.load(), new));
                } else {
                    place.swap(new);
                }
            });
            // SAFETY: SWP-1; the rooms live as long as the model.
            let seen = unsafe { &*shown.load() };
            // SAFETY: SWP-1; complete when it was put in; loom checks that.
            let value = seen.value.with(|value| unsafe { *value });
            assert!(value == 7 || core::ptr::eq(seen, &rooms[0]));
            assert!(writer.join().is_ok());
        });
    }
}

/// A value with owners, as a counting pointer has it.
struct Owned {
    owners: Owners,
    value: UnsafeCell<u32>,
}

impl Owned {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            owners: Owners::one(),
            value: UnsafeCell::new(0),
        })
    }

    fn read(&self) -> u32 {
        // SAFETY: OWN-1; by an owner; loom checks that nobody has it to himself.
        self.value.with(|value| unsafe { *value })
    }

    fn have(&self) {
        // SAFETY: OWN-1; by the only owner, or the last; loom checks that nobody else reads.
        self.value.with_mut(|value| unsafe { *value += 1 });
    }

    /// What dropping a pointer does; whether it was the last.
    fn drop_one(&self) -> bool {
        let last = self.owners.leave();
        if last {
            self.have();
        }
        last
    }
}

#[test]
fn loom_the_last_owner_has_the_value_to_himself() {
    loom::model(|| {
        let owned = Owned::new();
        let others: [_; 2] = core::array::from_fn(|_| {
            assert!(owned.owners.join());
            let owned = Arc::clone(&owned);
            thread::spawn(move || {
                owned.read();
                owned.drop_one()
            })
        });
        owned.read();
        let mut last = usize::from(owned.drop_one());
        for other in others {
            last += usize::from(other.join().unwrap_or(false));
        }
        assert_eq!((last, owned.read()), (1, 1), "exactly one was the last");
    });
}

#[test]
fn loom_a_single_owner_may_write() {
    loom::model(|| {
        let owned = Owned::new();
        assert!(owned.owners.join());
        let other = Arc::clone(&owned);
        let other = thread::spawn(move || {
            // As `get_mut`, `try_unwrap` and `make_mut` ask, and then as `drop` does.
            let single = other.owners.is_single();
            if single {
                other.have();
            }
            other.read();
            (single, other.drop_one())
        });
        let single = owned.owners.is_single();
        if single {
            owned.have();
        }
        owned.read();
        let last = owned.drop_one();
        let (theirs, was_last) = other.join().unwrap_or((true, true));
        assert!(last != was_last, "one of the two is the last");
        assert!(!(single && theirs), "two cannot both be single");
    });
}

#[test]
fn loom_clones_of_clones_keep_the_value() {
    loom::model(|| {
        let owned = Owned::new();
        assert!(owned.owners.join());
        let other = Arc::clone(&owned);
        let thread = thread::spawn(move || {
            assert!(other.owners.join());
            let first = other.drop_one();
            other.read();
            first || other.drop_one()
        });
        let mine = owned.drop_one();
        let theirs = thread.join().unwrap_or(false);
        assert!(mine != theirs, "one of the two is the last");
    });
}

/// The first clone is made in another thread, through a reference that the owner has lent out and got back (OWN-2).
#[test]
fn loom_an_owner_made_through_a_reference_is_seen() {
    loom::model(|| {
        let owned = Owned::new();
        let returned = Arc::new(AtomicU32::new(0));
        let (lent, give_back) = (Arc::clone(&owned), Arc::clone(&returned));
        let thread = thread::spawn(move || {
            assert!(lent.owners.join());
            // ORDERING: Release pairs with the Acquire below: so does the end of any borrow, or `&mut` would race.
            give_back.store(1, Ordering::Release);
            lent.read();
            lent.drop_one()
        });
        // ORDERING: Acquire pairs with the Release above.
        while returned.load(Ordering::Acquire) == 0 {
            thread::yield_now();
        }
        owned.read();
        let mine = owned.drop_one();
        let theirs = thread.join().unwrap_or(mine);
        assert!(mine != theirs, "one of the two is the last");
    });
}
