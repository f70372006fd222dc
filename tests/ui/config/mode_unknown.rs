use sydra_pool::SydraPool;

#[sydra_pool::config(mode = "smallpool")]
static NEAR: SydraPool = SydraPool::new();

#[sydra_pool::config(mode = "jemalloc")]
static FAR: SydraPool = SydraPool::new();

#[sydra_pool::config(mode = small_pool)]
static BARE: SydraPool = SydraPool::new();

#[sydra_pool::config(mode = 3)]
static NUMBER: SydraPool = SydraPool::new();

#[sydra_pool::config(mode)]
static NOTHING: SydraPool = SydraPool::new();

fn main() {
    drop((NEAR.snapshot(), FAR.snapshot(), BARE.snapshot()));
    drop((NUMBER.snapshot(), NOTHING.snapshot()));
}
