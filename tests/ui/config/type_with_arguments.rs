use sydra_pool::{DefaultConfig, SydraPool};

#[sydra_pool::config(shards = 8)]
#[global_allocator]
static GLOBAL: SydraPool<DefaultConfig> = SydraPool::new();

#[sydra_pool::config(shards = 8)]
static PATH: sydra_pool::SydraPool<DefaultConfig> = SydraPool::new();

fn main() {
    drop((GLOBAL.snapshot(), PATH.snapshot()));
}
