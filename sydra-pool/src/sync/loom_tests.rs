//! Every interleaving of the lock and of publication, within loom's bounds.
//!
//! Run with `RUSTFLAGS="--cfg loom" cargo test -p sydra-pool --release --lib loom`.

use super::{Lock, Published, Swapped, Window};
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
