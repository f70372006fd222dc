use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(shard = 8)]
struct Near(u8);

#[derive(Pooled)]
#[pooled(block = 8)]
struct Far(u8);

#[derive(Pooled)]
#[pooled(mode = "small_pool")]
struct Elsewhere(u8);

#[derive(Pooled)]
#[pooled(r#zero_on_fee)]
struct Raw(u8);

fn main() {
    drop((PoolBox::new(Near(1)), PoolBox::new(Far(1)), PoolBox::new(Elsewhere(1))));
    drop(PoolBox::new(Raw(1)));
}
