use sydra_pool::SydraPool;

// Each mistake is reported once, at its token, and the uses of the static add nothing.
#[sydra_pool::config(
    mode = "small",
    shards = 100,
    classes = [32, 16],
    magazine = "64",
    limbo = 3,
    stats = "all",
    poison = maybe maybe,
    crate = 7
)]
#[global_allocator]
static mut GLOBAL: SydraPool<u8>;

fn main() {
    drop(GLOBAL.snapshot());
    GLOBAL.trim();
}
