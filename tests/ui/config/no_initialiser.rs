use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 8)]
#[global_allocator]
static GLOBAL: SydraPool;

fn main() {
    drop(GLOBAL.snapshot());
}
