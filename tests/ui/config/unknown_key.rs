use sydra_pool::SydraPool;

#[sydra_pool::config(shard = 8)]
static NEAR: SydraPool = SydraPool::new();

#[sydra_pool::config(threads = 8)]
static FAR: SydraPool = SydraPool::new();

#[sydra_pool::config(zero_on_free)]
static ELSEWHERE: SydraPool = SydraPool::new();

fn main() {
    drop((NEAR.snapshot(), FAR.snapshot(), ELSEWHERE.snapshot()));
}
