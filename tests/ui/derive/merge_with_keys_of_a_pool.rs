use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(merge, shards = 2, slab_size = 65536, magazine = 64)]
struct Plain(u8);

#[derive(Pooled)]
#[pooled(shards = 2, merge, instances(Listed<u8>))]
struct Listed<T>(T);

fn main() {
    drop((PoolBox::new(Plain(1)), PoolBox::new(Listed(1_u8))));
}
