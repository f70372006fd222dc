//! The loops over counting pointers. Generic over the pointer and inlined into each peer, so that all run the same code.

use super::rival::Counting;
use crate::block::Block;
use crate::clock::{Effort, fastest};
use crate::owner::keep;
use crate::random::Random;

/// Values alive at a time in `many`.
const MANY: usize = 1000;

/// A pointer to a value of which one word is written.
#[inline(always)]
fn make<T: Block, P: Counting<T>>(stamp: u64) -> P {
    let pointer = P::make(T::stamped(stamp));
    keep(&raw const *pointer);
    pointer
}

/// Nanoseconds to make and drop one.
pub fn new<T: Block, P: Counting<T>>(effort: Effort) -> f64 {
    fastest(effort, pairs::<T, P>)
}

#[inline(never)]
fn pairs<T: Block, P: Counting<T>>(operations: u64) -> u64 {
    for stamp in 0..operations {
        drop(make::<T, P>(stamp));
    }
    operations
}

/// Nanoseconds to make and drop one of a thousand, which are dropped in an order of their own.
pub fn many<T: Block, P: Counting<T>>(effort: Effort) -> f64 {
    let mut order: Vec<u32> = (0..MANY as u32).collect();
    Random::new(MANY as u64).shuffle(&mut order);
    let mut slots: Vec<Option<P>> = Vec::new();
    slots.resize_with(MANY, || None);
    fastest(effort, |operations| {
        rounds::<T, P>(&mut slots, &order, operations)
    })
}

#[inline(never)]
fn rounds<T: Block, P: Counting<T>>(
    slots: &mut [Option<P>],
    order: &[u32],
    operations: u64,
) -> u64 {
    let rounds = operations.div_ceil(order.len() as u64);
    for round in 0..rounds {
        for slot in slots.iter_mut() {
            *slot = Some(make::<T, P>(round));
        }
        for &place in order {
            drop(slots[place as usize].take());
        }
    }
    rounds * order.len() as u64
}

/// Nanoseconds to clone a pointer and drop the clone.
pub fn clone<T: Block, P: Counting<T>>(effort: Effort) -> f64 {
    let first = make::<T, P>(7);
    fastest(effort, |operations| clones::<T, P>(&first, operations))
}

#[inline(never)]
fn clones<T: Block, P: Counting<T>>(first: &P, operations: u64) -> u64 {
    for _ in 0..operations {
        let second = P::clone(first);
        keep(&raw const *second);
        drop(second);
    }
    operations
}
