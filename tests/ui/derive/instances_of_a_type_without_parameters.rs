use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(instances(Plain))]
struct Plain(u8);

#[derive(Pooled)]
#[pooled(instances(View<'static>))]
struct View<'a>(&'a u8);

fn main() {
    drop((PoolBox::new(Plain(1)), PoolBox::new(View(&1))));
}
