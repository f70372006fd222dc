//! Every interleaving of pinning, retiring, sealing, sweeping and leaving, within loom's bounds.
//!
//! A value in these models is a cell that its reader reads and its reclaimer writes: loom reports a
//! reader that still looks when the value is dropped, in whatever way it could come to that.

use super::{Advance, Bag, Clock, Kind, Participant, capacity_for};
use crate::block::Block;
use crate::sync::{AtomicPtr, AtomicUsize, Ordering, Ordering::Relaxed};
use core::ptr::NonNull;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use std::vec::Vec;

/// A value that may be dropped once.
struct Value {
    alive: UnsafeCell<bool>,
}

impl Value {
    fn new() -> Self {
        Self {
            alive: UnsafeCell::new(true),
        }
    }

    fn check(&self) {
        // SAFETY: BAG-1; a reader; loom reports a drop at the same time.
        self.alive
            .with(|alive| assert!(unsafe { *alive }, "dropped before its reader let go"));
    }

    fn drop_now(&self) {
        self.alive.with_mut(|alive| {
            // SAFETY: BAG-2; whoever took the bag; loom reports a reader at the same time.
            let alive = unsafe { &mut *alive };
            assert!(core::mem::replace(alive, false), "dropped twice");
        });
    }
}

/// A place that leads to one of two values, and the clock they are retired to.
struct World {
    clock: Clock,
    values: [Value; 2],
    /// The number of the value that can be loaded.
    shown: AtomicUsize,
    dropped: AtomicUsize,
}

/// Where a thread keeps its open bag: outlives the thread, as thread-locals do.
fn side() -> &'static AtomicPtr<()> {
    std::boxed::Box::leak(std::boxed::Box::new(AtomicPtr::new(core::ptr::null_mut())))
}

const KIND: Kind = Kind {
    opaque: NonNull::dangling(),
    drops: false,
};
const CAPACITY: usize = capacity_for(4);

impl World {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            clock: Clock::new(),
            values: [Value::new(), Value::new()],
            shown: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
        })
    }

    fn place(&self) -> &'static Participant {
        self.clock.claim().expect("memory")
    }

    /// A reader looks at whatever is shown.
    fn read(&self, place: &Participant) {
        place.pin(&self.clock.epoch);
        let shown = self.shown.load(Ordering::Acquire);
        self.values[shown].check();
        place.unpin();
    }

    /// Unlinks value 0 and retires it.
    fn retire(&self, place: &'static Participant, side: &AtomicPtr<()>) {
        place.pin(&self.clock.epoch);
        self.shown.store(1, Ordering::Release);
        self.put(place, side, 0);
        place.unpin();
    }

    fn put(&self, place: &'static Participant, side: &AtomicPtr<()>, number: usize) {
        let block = Block(NonNull::from(&self.values[number]).cast());
        // SAFETY: PTC-1; this thread's own place, pinned.
        let refused =
            unsafe { place.put_slow(&self.clock.epoch, side, KIND, CAPACITY, block, |_| {}) };
        assert!(refused.is_none());
    }

    fn empty(&self, bag: NonNull<Bag>) {
        let (_, blocks, count) = Bag::contents(bag);
        for number in 0..count {
            // SAFETY: BAG-2; within the bag that was taken.
            let place = unsafe { blocks.add(number) };
            // SAFETY: BAG-2; each is read once.
            let Block(value) = unsafe { place.read() };
            // SAFETY: BAG-2; the values live as long as the world.
            unsafe { value.cast::<Value>().as_ref() }.drop_now();
            self.dropped.fetch_add(1, Relaxed);
        }
        // SAFETY: BAG-2; the blocks have moved out.
        unsafe { Bag::dissolve(bag) };
    }

    fn empty_passed(&self) {
        for one in self.clock.participants() {
            while let Some(bag) = one.take_passed(&self.clock.epoch, true) {
                self.empty(bag);
            }
        }
        while let Some(bag) = self.clock.take_orphan(true) {
            self.empty(bag);
        }
    }

    /// Moves on as far as it goes, and empties.
    fn collect(&self, steps: usize) {
        for _ in 0..steps {
            if let Advance::Moved = self.clock.try_advance() {
                self.empty_passed();
            }
        }
    }

    /// Unlinks value 0, retires it, seals it, and reclaims what it can.
    fn retire_and_collect(&self, place: &'static Participant) {
        self.retire(place, side());
        place.flush(&self.clock.epoch, |_| {});
        self.collect(2);
    }

    fn leave(&self, place: &Participant) {
        // SAFETY: PTC-1; the thread does nothing more with its place.
        unsafe { self.clock.release(place, |_| {}) };
    }
}

/// Pin against advance, and retire against pin: one retires and collects, one reads.
#[test]
fn loom_a_reader_keeps_what_it_sees() {
    loom::model(|| {
        let world = World::new();
        let (mine, theirs) = (world.place(), world.place());
        let other = Arc::clone(&world);
        let reader = thread::spawn(move || other.read(theirs));
        world.retire_and_collect(mine);
        assert!(reader.join().is_ok());
        world.collect(2);
        assert_eq!(world.dropped.load(Relaxed), 1, "lost");
    });
}

/// The same with a reader that pins twice in a row: the second pin must not hide the first.
#[test]
fn loom_a_reader_that_pins_again() {
    loom::model(|| {
        let world = World::new();
        let (mine, theirs) = (world.place(), world.place());
        let other = Arc::clone(&world);
        let reader = thread::spawn(move || {
            other.read(theirs);
            other.read(theirs);
        });
        world.retire_and_collect(mine);
        assert!(reader.join().is_ok());
    });
}

/// Seal against advance: one thread retires and seals while another moves the epoch on and empties;
/// a third reads.
#[test]
fn loom_a_bag_is_noted_with_an_epoch_that_is_late_enough() {
    loom::model(|| {
        let world = World::new();
        let (a, b) = (world.place(), world.place());
        let (one, two) = (Arc::clone(&world), Arc::clone(&world));
        let retirer = thread::spawn(move || {
            one.retire(a, side());
            a.flush(&one.clock.epoch, |_| {});
        });
        let reader = thread::spawn(move || two.read(b));
        world.collect(2);
        assert!(retirer.join().is_ok());
        assert!(reader.join().is_ok());
        world.collect(2);
        assert_eq!(world.dropped.load(Relaxed), 1, "lost");
    });
}

/// A sweep takes an open bag over while its owner goes on putting.
#[test]
fn loom_a_sweep_loses_and_doubles_nothing() {
    loom::model(|| {
        let world = World::new();
        let theirs = world.place();
        let other = Arc::clone(&world);
        let owner = thread::spawn(move || {
            let side = side();
            other.retire(theirs, side);
            theirs.pin(&other.clock.epoch);
            let block = Block(NonNull::from(&other.values[1]).cast());
            // SAFETY: PTC-2; this thread's own.
            let open = unsafe { super::Open::at(side) };
            let refused = match open {
                // SAFETY: PTC-2; the owner, pinned.
                Some(open) => unsafe { open.put(KIND.opaque, block) }.is_err(),
                None => true,
            };
            if refused {
                other.put(theirs, side, 1);
            }
            theirs.unpin();
        });
        world.clock.sweep(None, false, |_| {});
        assert!(owner.join().is_ok());
        world.clock.sweep(None, true, |_| {});
        world.collect(3);
        assert_eq!(world.dropped.load(Relaxed), 2, "lost or doubled");
    });
}

/// Exit against advance, and orphan adoption: a thread retires and ends while another collects.
#[test]
fn loom_what_an_ended_thread_leaves_is_adopted() {
    loom::model(|| {
        let world = World::new();
        let theirs = world.place();
        let other = Arc::clone(&world);
        let ending = thread::spawn(move || {
            other.retire(theirs, side());
            other.leave(theirs);
        });
        world.collect(2);
        assert!(ending.join().is_ok());
        world.collect(3);
        assert_eq!(world.dropped.load(Relaxed), 1, "lost");
    });
}

/// A place goes from an ended thread to a new one, which sees it as the old one left it.
#[test]
fn loom_a_place_changes_hands() {
    loom::model(|| {
        let world = World::new();
        let theirs = world.place();
        let other = Arc::clone(&world);
        let ending = thread::spawn(move || {
            theirs.pin(&other.clock.epoch);
            other.leave(theirs);
        });
        let next = world.place();
        world.read(next);
        assert!(ending.join().is_ok());
        assert!(next.pinned_at().is_none());
        let places: Vec<_> = world.clock.participants().collect();
        assert!(places.len() <= 2);
        assert!(matches!(world.clock.try_advance(), Advance::Moved));
    });
}

/// A reader that pins after the epoch has moved on from the seal's sees what was unlinked before the
/// seal, without any fence: the first case of the argument in the head of `limbo`. Also when a second
/// seal came in between.
#[test]
fn loom_the_epoch_hands_on_what_was_unlinked() {
    loom::model(|| {
        let clock = Arc::new(Clock::new());
        let unlinked = Arc::new(AtomicUsize::new(0));
        let (one, flag) = (Arc::clone(&clock), Arc::clone(&unlinked));
        let retirer = thread::spawn(move || {
            flag.store(1, Relaxed);
            one.epoch.seal()
        });
        let two = Arc::clone(&clock);
        let mover = thread::spawn(move || two.epoch.step(two.epoch.now()));
        let three = Arc::clone(&clock);
        let reader = thread::spawn(move || {
            let seen_at = three.epoch.now();
            (seen_at, unlinked.load(Relaxed))
        });
        let sealed_at = retirer.join().expect("the retirer");
        assert!(mover.join().is_ok());
        let (seen_at, seen) = reader.join().expect("the reader");
        assert!(seen_at <= sealed_at || seen == 1, "a stale look");
    });
}

/// Who empties a bag is another thread than the one that looked at the readers.
///
/// The threads begin in the order in which they matter: loom starts from the schedule that runs them
/// one after the other, and would not find the others' turns before a load that comes first.
#[test]
fn loom_a_reader_is_done_before_others_empty() {
    loom::model(|| {
        let world = World::new();
        let (mine, theirs) = (world.place(), world.place());
        world.retire(mine, side());
        mine.flush(&world.clock.epoch, |_| {});
        // Loaded before it was unlinked.
        theirs.pin(&world.clock.epoch);
        let worlds: [_; 3] = core::array::from_fn(|_| Arc::clone(&world));
        let [one, two, three] = worlds;
        let reader = thread::spawn(move || {
            one.values[0].check();
            theirs.unpin();
        });
        let mover = thread::spawn(move || {
            let _ = two.clock.try_advance();
            let _ = two.clock.try_advance();
        });
        let emptier = thread::spawn(move || three.empty_passed());
        for thread in [reader, mover, emptier] {
            assert!(thread.join().is_ok());
        }
    });
}

/// A thread that is new finds its place while another looks at all of them.
#[test]
fn loom_a_new_reader_is_seen() {
    loom::model(|| {
        let world = World::new();
        let mine = world.place();
        let other = Arc::clone(&world);
        let reader = thread::spawn(move || {
            let place = other.place();
            other.read(place);
        });
        world.retire_and_collect(mine);
        assert!(reader.join().is_ok());
    });
}

/// The next owner of a place finds no pin of the last one.
#[test]
fn loom_a_place_is_left_tidy() {
    loom::model(|| {
        let world = World::new();
        let theirs = world.place();
        let other = Arc::clone(&world);
        let ending = thread::spawn(move || {
            theirs.pin(&other.clock.epoch);
            theirs.set_entered(1);
            other.leave(theirs);
        });
        if theirs.claim() {
            assert_eq!(theirs.depths(), (0, 0));
            assert!(theirs.pinned_at().is_none());
        }
        assert!(ending.join().is_ok());
    });
}
