//! Boxes lead back to their pool for ever, so it must be there for ever.

use sydra_pool::StaticPool;

fn main() {
    let pool = StaticPool::<u64, 4>::new();
    let boxed = pool.try_box(1);
    drop(boxed);
}
