use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(crate = 3)]
struct Number(u8);

#[derive(Pooled)]
#[pooled(crate = "not a path")]
struct Words(u8);

#[derive(Pooled)]
#[pooled(crate = sydra_pool::<u8>)]
struct Arguments(u8);

fn main() {
    drop((PoolBox::new(Number(1)), PoolBox::new(Words(1)), PoolBox::new(Arguments(1))));
}
