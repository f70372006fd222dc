use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(bound = "u8: Copy")]
struct Plain(u8);

#[derive(Pooled)]
#[pooled(instances(Listed<u8>), bound = "T: Copy")]
struct Listed<T>(T);

fn main() {
    drop((PoolBox::new(Plain(1)), PoolBox::new(Listed(1_u8))));
}
