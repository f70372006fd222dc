//! A block's number has 16 bits, and the number of blocks too.

use sydra_pool::StaticPool;

static MOST: StaticPool<u8, 65_535> = StaticPool::new();
static POOL: StaticPool<u8, 65_536> = StaticPool::new();

fn main() {
    let _ = (MOST.len(), POOL.len());
}
