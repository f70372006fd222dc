//! A pool of no blocks.

use sydra_pool::StaticPool;

static POOL: StaticPool<u64, 0> = StaticPool::new();

fn main() {
    let _ = POOL.len();
}
