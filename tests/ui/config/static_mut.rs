use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 8)]
#[global_allocator]
static mut GLOBAL: SydraPool = SydraPool::new();

fn main() {
    drop(GLOBAL.snapshot());
}
