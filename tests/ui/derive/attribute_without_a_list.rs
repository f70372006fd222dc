use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled]
struct Bare(u8);

#[derive(Pooled)]
#[pooled = "shards"]
struct Value(u8);

#[derive(Pooled)]
#[pooled[shards = 8]]
struct Brackets(u8);

fn main() {
    drop((PoolBox::new(Bare(1)), PoolBox::new(Value(1)), PoolBox::new(Brackets(1))));
}
