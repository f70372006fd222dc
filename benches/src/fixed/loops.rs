//! The loops: take some blocks, give them back, last first.

use core::hint::black_box;

use super::pool::FixedPool;
use crate::clock::{Effort, fastest};
use crate::cores::{Sample, side_by_side};

/// Pairs of one thread in a sample of two.
const OPERATIONS: u64 = 8192;

/// At least so many pairs, in rounds of `DEPTH`; returns how many.
#[inline(never)]
fn work<const DEPTH: usize, P: FixedPool>(operations: u64) -> u64 {
    let rounds = operations.div_ceil(DEPTH as u64);
    for round in 0..rounds {
        let mut blocks: [Option<P::Block>; DEPTH] = core::array::from_fn(|_| {
            let block = P::take(black_box([round; 6]));
            Some(block.expect("far fewer are out than there are"))
        });
        // The address is looked at, so nothing is optimised away.
        black_box(&blocks);
        for block in blocks.iter_mut().rev() {
            *block = None;
        }
    }
    rounds * DEPTH as u64
}

/// Nanoseconds per pair on one thread.
pub fn alone<P: FixedPool>(depth: usize, effort: Effort) -> Option<f64> {
    let work = at_depth::<P>(depth)?;
    Some(fastest(effort, work))
}

/// Samples of two threads on one pool, per pair of either.
pub fn shared<P: FixedPool>(depth: usize, samples: u32) -> Option<Vec<Sample>> {
    let work = at_depth::<P>(depth)?;
    let half = || {
        work(OPERATIONS);
    };
    Some(side_by_side(samples, 2 * OPERATIONS, half, half))
}

fn at_depth<P: FixedPool>(depth: usize) -> Option<fn(u64) -> u64> {
    match depth {
        1 => Some(work::<1, P>),
        4 => Some(work::<4, P>),
        64 => Some(work::<64, P>),
        _ => None,
    }
}
