use sydra_pool::SydraPool;

#[sydra_pool::config(crate = 3)]
static NUMBER: SydraPool = SydraPool::new();

#[sydra_pool::config(crate = "sydra pool")]
static WORDS: SydraPool = SydraPool::new();

fn main() {
    drop((NUMBER.snapshot(), WORDS.snapshot()));
}
