use std::any::Any;
use sydra_pool::{PoolBox, Pooled, coerce};

#[derive(Pooled)]
struct Order(u64);

unsafe fn order() -> PoolBox<Order> {
    PoolBox::new(Order(1))
}

fn main() {
    let _any = coerce!(order() => dyn Any);
}
