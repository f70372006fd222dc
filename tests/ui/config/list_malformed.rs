use sydra_pool::SydraPool;

#[sydra_pool::config("small_pool", 8, shards 8, , mode: "default")]
static LIST: SydraPool = SydraPool::new();

fn main() {
    drop(LIST.snapshot());
}
