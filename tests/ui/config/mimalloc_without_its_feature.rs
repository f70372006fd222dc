use sydra_pool::SydraPool;

#[sydra_pool::config(mode = "mimalloc")]
#[global_allocator]
static MODE: SydraPool = SydraPool::new();

#[sydra_pool::config(fallback = "mimalloc")]
static FALLBACK: SydraPool = SydraPool::new();

fn main() {
    drop((MODE.snapshot(), FALLBACK.snapshot()));
}
