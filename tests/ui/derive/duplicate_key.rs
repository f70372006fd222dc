use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(shards = 8, magazine = 64, shards = 8)]
struct SameList(u8);

#[derive(Pooled)]
#[pooled(name = "one")]
#[pooled(zero_on_free, name = "two")]
#[pooled(zero_on_free)]
struct SeveralLists(u8);

fn main() {
    drop((PoolBox::new(SameList(1)), PoolBox::new(SeveralLists(1))));
}
