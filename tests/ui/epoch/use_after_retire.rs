use sydra_pool::{PoolBox, Pooled, epoch};

#[derive(Pooled)]
struct Order(u64);

fn main() {
    let order = PoolBox::new(Order(1));
    let guard = epoch::pin();
    PoolBox::retire(order, &guard);
    println!("{}", order.0);
}
