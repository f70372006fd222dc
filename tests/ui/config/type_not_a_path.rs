use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 8)]
static REFERENCE: &SydraPool = &SydraPool::new();

#[sydra_pool::config(shards = 8)]
static ARRAY: [SydraPool; 1] = [SydraPool::new()];

fn main() {
    drop((REFERENCE.snapshot(), ARRAY[0].snapshot()));
}
