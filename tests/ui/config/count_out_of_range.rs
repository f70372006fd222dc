use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 65, slab_size = 65535, magazine = 1, max_limbo = 0)]
static FIRST: SydraPool = SydraPool::new();

#[sydra_pool::config(shards = -1, slab_size = "64K", magazine = 2048, max_limbo = -1)]
static SECOND: SydraPool = SydraPool::new();

fn main() {
    drop((FIRST.snapshot(), SECOND.snapshot()));
}
