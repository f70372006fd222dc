use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 8)]
#[sydra_pool::config(magazine = 64)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

fn main() {
    GLOBAL.trim();
}
