use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(isolate, merge)]
struct Forwards(u8);

#[derive(Pooled)]
#[pooled(merge, shards = 2)]
#[pooled(isolate)]
struct Backwards(u8);

fn main() {
    drop((PoolBox::new(Forwards(1)), PoolBox::new(Backwards(1))));
}
