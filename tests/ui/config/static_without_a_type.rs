use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 8)]
static GLOBAL = SydraPool::new();

fn main() {
    drop(GLOBAL.snapshot());
}
