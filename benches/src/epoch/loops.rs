//! The loops on one thread. Generic over the rival and inlined into each peer, so that all run the same code.

use super::reclaim::{Body, Reclaim};
use crate::clock::{Effort, fastest};
use crate::owner::keep;

/// Nanoseconds to pin and unpin. What lies between counts as reading memory, so nothing moves across and no pin goes.
pub fn pin<R: Reclaim>(effort: Effort) -> f64 {
    let reclaim = R::default();
    fastest(effort, |operations| pins(&reclaim, operations))
}

/// The same while a guard of the thread lives.
pub fn nested<R: Reclaim>(effort: Effort) -> f64 {
    let reclaim = R::default();
    let outer = reclaim.pin();
    let ns = fastest(effort, |operations| pins(&reclaim, operations));
    drop(outer);
    ns
}

#[inline(never)]
fn pins<R: Reclaim>(reclaim: &R, operations: u64) -> u64 {
    for _ in 0..operations {
        let guard = reclaim.pin();
        keep(&raw const *reclaim);
        drop(guard);
    }
    operations
}

/// A place where one node is published.
#[derive(Debug, Default)]
pub struct Stand<R: Reclaim> {
    link: R::Link,
    reclaim: R,
}

impl<R: Reclaim> Stand<R> {
    /// Allocates nodes, publishes each, retires the one that was there. Pinned once for `PINNED_FOR` nodes.
    /// To be called by one thread at a time.
    #[inline(never)]
    pub fn replace<const PINNED_FOR: u64>(&self, operations: u64) -> u64 {
        let pins = operations.div_ceil(PINNED_FOR);
        for pin in 0..pins {
            let guard = self.reclaim.pin();
            for value in 0..PINNED_FOR {
                let node = R::alloc(Body::new(pin, value, 0), &guard);
                let old = R::swap(&self.link, node, &guard);
                if old != R::null() {
                    // SAFETY: RIV-2; the exchange took it out.
                    unsafe { R::retire(old, &guard) };
                }
            }
            if PINNED_FOR > 1 {
                R::keep_up(&guard);
            }
        }
        pins * PINNED_FOR
    }
}

impl<R: Reclaim> Drop for Stand<R> {
    fn drop(&mut self) {
        let guard = self.reclaim.pin();
        let last = R::swap(&self.link, R::null(), &guard);
        if last != R::null() {
            // SAFETY: RIV-3; nobody else has the stand.
            unsafe { R::free(last) };
        }
    }
}

/// Nanoseconds to allocate, publish, retire and reclaim a node, in the long run.
pub fn node<const PINNED_FOR: u64, R: Reclaim>(effort: Effort) -> f64 {
    let stand = Stand::<R>::default();
    fastest(effort, |operations| stand.replace::<PINNED_FOR>(operations))
}

/// Retires `count` nodes under one guard and says by how many bytes a node each of the `sizes` has grown.
///
/// The nodes are allocated, written and listed before, so they are not in it themselves.
pub fn limbo<const N: usize, R: Reclaim>(count: usize, sizes: impl Fn() -> [u64; N]) -> [f64; N] {
    let reclaim = R::default();
    let guard = reclaim.pin();
    let nodes: Vec<R::Pointer<'_>> = (0..count as u64)
        .map(|value| R::alloc(Body::new(0, value, 0), &guard))
        .collect();
    let before = sizes();
    for node in &nodes {
        // SAFETY: RIV-2; never published, and retired once.
        unsafe { R::retire(*node, &guard) };
    }
    let after = sizes();
    core::array::from_fn(|place| after[place].saturating_sub(before[place]) as f64 / count as f64)
}
