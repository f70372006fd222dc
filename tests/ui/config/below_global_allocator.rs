use sydra_pool::SydraPool;

#[global_allocator]
#[sydra_pool::config(shards = 65, mode = "none")]
static GLOBAL: SydraPool = SydraPool::new();

fn main() {
    drop(GLOBAL.snapshot());
}
