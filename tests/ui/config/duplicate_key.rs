use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 8, mode = "default", shards = "auto", mode = "default")]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

fn main() {
    drop(GLOBAL.snapshot());
}
