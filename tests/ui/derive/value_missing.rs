use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(shards, slab_size =, magazine(64), fallback, name)]
struct Plain(u8);

#[derive(Pooled)]
#[pooled(bound, crate, instances, max_limbo)]
struct Generic<T>(T);

fn main() {
    drop((PoolBox::new(Plain(1)), PoolBox::new(Generic(1))));
}
