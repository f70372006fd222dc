use sydra_pool::SydraPool;

#[sydra_pool::config(shards = "many")]
static WORD: SydraPool = SydraPool::new();

#[sydra_pool::config(shards = auto)]
static BARE: SydraPool = SydraPool::new();

#[sydra_pool::config(shards = 1.5)]
static FRACTION: SydraPool = SydraPool::new();

fn main() {
    drop((WORD.snapshot(), BARE.snapshot(), FRACTION.snapshot()));
}
