use sydra_pool::{PoolBox, Pooled, coerce};

#[derive(Pooled)]
struct Order(u64);

#[derive(Pooled)]
struct Text(u64);

fn main() {
    let _text = coerce!(PoolBox::new(Order(1)) => Text);
}
