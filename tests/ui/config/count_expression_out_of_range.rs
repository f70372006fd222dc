use sydra_pool::SydraPool;

const ONE: usize = 1;

#[sydra_pool::config(
    shards = 64 + ONE,
    slab_size = (1 << 16) - ONE,
    magazine = ONE,
    max_limbo = ONE - 1
)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

#[sydra_pool::config(shards = 63 + ONE, slab_size = ONE << 20, magazine = 1023 + ONE, max_limbo = ONE)]
static MOST: SydraPool = SydraPool::new();

fn main() {
    drop((GLOBAL.snapshot(), MOST.snapshot()));
}
