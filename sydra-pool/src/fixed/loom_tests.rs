//! Every interleaving of the list and of the hands, within loom's bounds.
//!
//! A value is a cell that the owner of its block writes: loom reports two owners, in whatever way it came to that, and an owner
//! who does not see what the last one did.

use super::bare::{Bare, Pool};
use super::list::List;
use super::word::Wide;
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use std::vec::Vec;

/// What owners do to their blocks.
struct Values(Vec<UnsafeCell<usize>>);

impl Values {
    fn new(count: usize) -> Self {
        Self((0..count).map(|_| UnsafeCell::new(0)).collect())
    }

    /// The owner writes; another at the same time is a data race.
    fn own(&self, number: usize) {
        // SAFETY: FIX-1; loom checks that nobody else does.
        self.0[number].with_mut(|value| unsafe { *value += 1 });
    }
}

/// A list and its blocks.
struct Stack {
    list: List<Wide>,
    bare: Bare<Wide>,
    values: Values,
}

impl Stack {
    fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            list: List::new(),
            bare: Bare::new(count),
            values: Values::new(count),
        })
    }

    fn pop(&self) -> Option<usize> {
        let number = self.list.pop(&self.bare).ok()?;
        self.values.own(number);
        Some(number)
    }

    fn push(&self, number: usize) {
        self.values.own(number);
        self.list.push(number, &self.bare.links[number]);
    }

    fn whole(&self) -> bool {
        let mut seen: Vec<usize> = std::iter::from_fn(|| self.pop()).collect();
        seen.sort_unstable();
        seen.into_iter().eq(0..self.values.0.len())
    }
}

#[test]
fn loom_a_list_pops_pushes_and_pops_the_same_again() {
    loom::model(|| {
        let stack = Stack::new(2);
        let other = Arc::clone(&stack);
        // One in the other's gap: pop both, and push the first again, which lies on nothing then.
        let thread = thread::spawn(move || {
            let (first, second) = (other.pop(), other.pop());
            first.inspect(|number| other.push(*number));
            second.inspect(|number| other.push(*number));
        });
        if let Some(number) = stack.pop() {
            stack.push(number);
        }
        assert!(thread.join().is_ok());
        assert!(stack.whole());
    });
}

#[test]
fn loom_a_list_hands_blocks_over_to_who_lost_an_exchange() {
    loom::model(|| {
        let stack = Stack::new(1);
        let threads = [(); 2].map(|()| {
            let stack = Arc::clone(&stack);
            thread::spawn(move || {
                if let Some(number) = stack.pop() {
                    stack.push(number);
                }
            })
        });
        if let Some(number) = stack.pop() {
            stack.push(number);
        }
        for thread in threads {
            assert!(thread.join().is_ok());
        }
        assert!(stack.whole());
    });
}

/// A pool with three hands of one cell, and its blocks.
struct World {
    pool: Pool<Wide, 3, 1>,
    values: Values,
}

impl World {
    fn new(count: usize) -> Arc<Self> {
        Arc::new(Self {
            pool: Pool::new(count),
            values: Values::new(count),
        })
    }

    fn take(&self, hand: usize) -> Option<usize> {
        let number = self.pool.take(hand)?;
        self.values.own(number);
        Some(number)
    }

    fn give(&self, number: usize) {
        self.values.own(number);
        self.pool.give(number);
    }

    fn whole(&self) -> bool {
        assert_eq!(self.pool.core.live(), 0);
        let mut seen: Vec<usize> = std::iter::from_fn(|| self.take(2)).collect();
        seen.sort_unstable();
        seen.into_iter().eq(0..self.values.0.len())
    }
}

#[test]
fn loom_a_block_is_stolen_while_it_is_given_back() {
    loom::model(|| {
        let world = World::new(1);
        let number = world.take(0).unwrap();
        let other = Arc::clone(&world);
        let thread = thread::spawn(move || {
            other.give(number);
            other.take(0).inspect(|number| other.give(*number));
        });
        if let Some(number) = world.take(1) {
            world.give(number);
        }
        assert!(thread.join().is_ok());
        assert!(world.whole());
    });
}

#[test]
fn loom_two_take_out_of_one_hand() {
    loom::model(|| {
        let world = World::new(2);
        let number = world.take(0).unwrap();
        world.give(number);
        let other = Arc::clone(&world);
        let thread = thread::spawn(move || {
            let number = other.take(0).unwrap();
            other.give(number);
        });
        let number = world.take(0).unwrap();
        world.give(number);
        assert!(thread.join().is_ok());
        assert!(world.whole());
    });
}

/// Two blocks, `out` of which are out already, taken with hands 0 and 1: of those a thread gives one back before it takes
/// another, so that never more than one is out, and whoever asks meanwhile must get a block.
fn never_full(
    prepare: impl Fn(&World) -> usize + Sync + Send + 'static,
    hand: usize,
    asked: usize,
) {
    loom::model(move || {
        let world = World::new(2);
        let out = prepare(&world);
        let other = Arc::clone(&world);
        let thread = thread::spawn(move || {
            other.give(out);
            other.take(hand)
        });
        let mine = world.take(asked);
        let theirs = thread.join().ok().flatten();
        assert!(mine.is_some(), "refused, and one was free at every moment");
        assert!(mine != theirs);
    });
}

#[test]
fn loom_not_full_while_a_block_goes_home_and_another_leaves_home() {
    // 0 is out and has cell 0 for a home, 1 is in cell 1.
    let prepare = |world: &World| {
        let (out, held) = (world.take(0).unwrap(), world.take(1).unwrap());
        world.give(held);
        out
    };
    never_full(prepare, 1, 2);
}

#[test]
fn loom_not_full_while_a_block_goes_home_and_another_leaves_the_list() {
    // 0 is out and has cell 0 for a home, 1 is in the list.
    never_full(|world| world.take(0).unwrap(), 1, 2);
}

#[test]
fn loom_not_full_while_a_block_goes_to_the_list_and_another_leaves_home() {
    // 0 is in cell 0, 1 is out and has no home.
    let prepare = |world: &World| {
        let (held, out) = (world.take(0).unwrap(), world.take(0).unwrap());
        assert!(!world.pool.has_home(out));
        world.give(held);
        out
    };
    never_full(prepare, 0, 2);
}

#[test]
fn loom_no_more_than_there_are_and_no_fewer() {
    loom::model(|| {
        let world = World::new(1);
        let other = Arc::clone(&world);
        let thread = thread::spawn(move || other.take(0));
        let mine = world.take(1);
        let theirs = thread.join().ok().flatten();
        assert!(
            mine.is_some() != theirs.is_some(),
            "{mine:?} and {theirs:?}"
        );
    });
}
