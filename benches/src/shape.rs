//! The loops on one thread. Generic over the owner and inlined into each peer, so that all run the same code.

use crate::batch::Batch;
use crate::block::Block;
use crate::clock::{Effort, Unwatched, fastest};
use crate::owner::{Owner, keep};
use crate::random::Random;
use crate::row::{Shape, Touch};

/// Allocates a block and writes as much of it as the row says.
#[inline(always)]
pub fn make<T: Block, O: Owner<T>, const WHOLE: bool>(stamp: u64) -> O {
    let owner = if WHOLE {
        O::whole(T::filled(stamp))
    } else {
        O::stamped(stamp)
    };
    keep(owner.address());
    owner
}

/// Nanoseconds per allocation and free of a one-thread shape.
///
/// # Panics
/// If the shape needs two threads or decides its sizes itself.
pub fn measure<T: Block, O: Owner<T> + 'static>(shape: Shape, touch: Touch, effort: Effort) -> f64 {
    fastest(effort, prepared::<T, O>(shape, touch))
}

/// A loop with its slots filled: it does at least as many operations as it is told, and returns how many it did.
///
/// # Panics
/// If the shape needs two threads or decides its sizes itself.
pub fn prepared<T: Block, O: Owner<T> + 'static>(
    shape: Shape,
    touch: Touch,
) -> Box<dyn FnMut(u64) -> u64> {
    match touch {
        Touch::Word => filled::<T, O, false>(shape),
        Touch::Whole => filled::<T, O, true>(shape),
    }
}

fn filled<T: Block, O: Owner<T> + 'static, const WHOLE: bool>(
    shape: Shape,
) -> Box<dyn FnMut(u64) -> u64> {
    match shape {
        Shape::Pair => Box::new(pair::<T, O, WHOLE>),
        Shape::Deep(depth, order) => {
            let mut batch = Batch::new(depth, order, depth as u64);
            Box::new(move |operations| deep::<T, O, WHOLE>(&mut batch, operations))
        }
        Shape::Replace(live) => {
            let mut slots: Vec<O> = (0..live as u64).map(make::<T, O, WHOLE>).collect();
            let mut random = Random::new(live as u64);
            // Blocks just allocated one after another are a special case: age the heap until each slot has been replaced
            // twice in the mean.
            replace::<T, O, WHOLE>(&mut slots, &mut random, 2 * live as u64);
            Box::new(move |operations| replace::<T, O, WHOLE>(&mut slots, &mut random, operations))
        }
        Shape::Handoff | Shape::Json | Shape::Maps(_) => {
            panic!("{shape} is no shape of one thread and one size")
        }
    }
}

#[inline(never)]
fn pair<T: Block, O: Owner<T>, const WHOLE: bool>(operations: u64) -> u64 {
    for stamp in 0..operations {
        drop(make::<T, O, WHOLE>(stamp));
    }
    operations
}

#[inline(never)]
fn deep<T: Block, O: Owner<T>, const WHOLE: bool>(batch: &mut Batch<O>, operations: u64) -> u64 {
    let rounds = operations.div_ceil(batch.depth());
    for mut round in 0..rounds {
        batch.round(
            &mut Unwatched,
            &mut round,
            |round| make::<T, O, WHOLE>(*round),
            |_, owner| drop(owner),
        );
    }
    rounds * batch.depth()
}

#[inline(never)]
fn replace<T: Block, O: Owner<T>, const WHOLE: bool>(
    slots: &mut [O],
    random: &mut Random,
    operations: u64,
) -> u64 {
    // A copy, so that the state stays in a register.
    let mut places = random.clone();
    for stamp in 0..operations {
        // The slot first: with a new owner in hand, a failed bounds check would have something to drop.
        let slot = &mut slots[places.below(slots.len())];
        *slot = make::<T, O, WHOLE>(stamp);
    }
    *random = places;
    operations
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::block::Block48;
    use crate::row::Row;

    #[test]
    fn every_one_thread_row_can_be_measured() {
        let effort = Effort {
            samples: 1,
            sample: Duration::from_micros(1),
        };
        for row in Row::all().into_iter().filter(|row| row.bytes == 48) {
            if row.shape != Shape::Handoff && row.shape != Shape::Replace(500_000) {
                let ns = measure::<Block48, Box<Block48>>(row.shape, row.touch, effort);
                assert!(ns.is_finite() && ns > 0.0, "{row}: {ns}");
            }
        }
    }
}
