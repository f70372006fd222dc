use sydra_pool::{PoolBox, Pooled};

const NAME: &[u8] = b"order";

#[derive(Pooled)]
#[pooled(name = NAME)]
struct Plain(u8);

#[derive(Pooled)]
#[pooled(name = 1 + 1)]
struct Generic<T>(T);

fn main() {
    drop((PoolBox::new(Plain(1)), PoolBox::new(Generic(1))));
}
