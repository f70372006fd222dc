use sydra_pool::SydraPool;

#[sydra_pool::config(
    shards = 8 magazine = 64,
    classes = [16, 24 32, 48;],
    poison = true false,
    stats = "full" "basic",
    max_limbo = 64 <<
)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

fn main() {
    GLOBAL.trim();
}
