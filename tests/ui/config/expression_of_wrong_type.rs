use sydra_pool::SydraPool;

const EIGHT: u32 = 8;

#[sydra_pool::config(
    shards = EIGHT,
    slab_size = EIGHT << 13,
    magazine = EIGHT * 8,
    max_limbo = 1.5 * 2.0,
    classes = &[EIGHT],
    poison = EIGHT
)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

#[sydra_pool::config(poison = 1 == 1, classes = [EIGHT, 16])]
static OTHER: SydraPool = SydraPool::new();

fn main() {
    drop((GLOBAL.snapshot(), OTHER.snapshot()));
}
