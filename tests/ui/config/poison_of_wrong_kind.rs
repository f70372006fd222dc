use sydra_pool::SydraPool;

#[sydra_pool::config(poison = "yes")]
static WORD: SydraPool = SydraPool::new();

#[sydra_pool::config(poison = 1)]
static NUMBER: SydraPool = SydraPool::new();

#[sydra_pool::config(poison(true))]
static LIST: SydraPool = SydraPool::new();

fn main() {
    drop((WORD.snapshot(), NUMBER.snapshot(), LIST.snapshot()));
}
