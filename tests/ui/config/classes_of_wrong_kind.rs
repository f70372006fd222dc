use sydra_pool::SydraPool;

#[sydra_pool::config(classes = "16, 32")]
static WORDS: SydraPool = SydraPool::new();

#[sydra_pool::config(classes = 16)]
static NUMBER: SydraPool = SydraPool::new();

#[sydra_pool::config(classes = [16, "32"])]
static MIXED: SydraPool = SydraPool::new();

#[sydra_pool::config(classes(16, 32))]
static LIST: SydraPool = SydraPool::new();

#[sydra_pool::config(classes = [16, 32u64, -48])]
static SUFFIX: SydraPool = SydraPool::new();

fn main() {
    drop((WORDS.snapshot(), NUMBER.snapshot(), MIXED.snapshot()));
    drop((LIST.snapshot(), SUFFIX.snapshot()));
}
