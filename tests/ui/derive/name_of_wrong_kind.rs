use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(name = "")]
struct Empty(u8);

#[derive(Pooled)]
#[pooled(name = 8)]
struct Number(u8);

const NAME: &str = "node";

#[derive(Pooled)]
#[pooled(name = NAME, instances(Listed<u8>))]
struct Listed<T>(T);

#[derive(Pooled)]
#[pooled(name = NAME.len())]
struct Typed(u8);

fn main() {
    drop((PoolBox::new(Empty(1)), PoolBox::new(Number(1)), PoolBox::new(Listed(1_u8))));
    drop(PoolBox::new(Typed(1)));
}
