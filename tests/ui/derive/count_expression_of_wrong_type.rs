use sydra_pool::{PoolBox, Pooled};

const EIGHT: u32 = 8;

#[derive(Pooled)]
#[pooled(shards = EIGHT * 2)]
struct Plain(u8);

// One error, however many instances share the value.
#[derive(Pooled)]
#[pooled(instances(Listed<u8>, Listed<u16>), magazine = EIGHT)]
struct Listed<T>(T);

fn main() {
    drop((PoolBox::new(Plain(1)), PoolBox::new(Listed(1_u8)), PoolBox::new(Listed(1_u16))));
}
