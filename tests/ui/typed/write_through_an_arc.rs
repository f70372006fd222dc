use sydra_pool::{PoolArc, Pooled};

#[derive(Pooled)]
struct Order(u64);

fn main() {
    let order = PoolArc::new(Order(1));
    order.0 = 2;
}
