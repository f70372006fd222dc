use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled("shards", 8, shards 8, , shards: 8, merge isolate)]
struct Plain(u8);

#[derive(Pooled)]
#[pooled(instances(Generic<u8>) align = 64, Self::shards = 8)]
struct Generic<T>(T);

fn main() {
    drop((PoolBox::new(Plain(1)), PoolBox::new(Generic(1))));
}
