use sydra_pool::Pooled;
use sydra_pool::epoch::{self, EpochCell};

#[derive(Pooled)]
struct Order(u64);

fn main() {
    let cell = EpochCell::new(Order(1));
    let mut guard = epoch::pin();
    let order = cell.load(&guard);
    guard.repin();
    println!("{}", order.0);
}
