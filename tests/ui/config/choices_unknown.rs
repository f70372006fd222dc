use sydra_pool::SydraPool;

#[sydra_pool::config(fallback = "heap", stats = "fall")]
static WORDS: SydraPool = SydraPool::new();

#[sydra_pool::config(fallback = System, stats = StatsLevel::Full)]
static VARIANTS: SydraPool = SydraPool::new();

fn main() {
    drop((WORDS.snapshot(), VARIANTS.snapshot()));
}
