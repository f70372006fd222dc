//! The way from a block to its pool depends on the alignment, so boxes of two alignments are two types.

use sydra_pool::{StaticBox, StaticPool};

static POOL: StaticPool<u64, 4, 64> = StaticPool::new();

fn main() {
    let boxed: StaticBox<u64> = POOL.try_box(1).unwrap();
    drop(boxed);
}
