// Every key of the configuration.
#[sydra_pool::config(
    mode = "small_pool",
    shards = 8,
    classes = [16, 64],
    slab_size = 65536,
    magazine = 8 * 8,
    max_limbo = 64 << 20,
    fallback = "mimalloc",
    stats = "full",
    poison
)]
#[global_allocator]
pub static GLOBAL: SydraPool = SydraPool::new();
