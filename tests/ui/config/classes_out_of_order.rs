use sydra_pool::SydraPool;

#[sydra_pool::config(classes = [16, 32, 24, 32, 32, 64])]
static ORDER: SydraPool = SydraPool::new();

#[sydra_pool::config(classes = [0, 16])]
static ZERO: SydraPool = SydraPool::new();

#[sydra_pool::config(classes = [])]
static EMPTY: SydraPool = SydraPool::new();

fn main() {
    drop((ORDER.snapshot(), ZERO.snapshot(), EMPTY.snapshot()));
}
