// No key at all.
#[sydra_pool::config]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();
