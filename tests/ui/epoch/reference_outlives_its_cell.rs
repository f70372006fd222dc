use sydra_pool::Pooled;
use sydra_pool::epoch::{self, EpochCell};

#[derive(Pooled)]
struct Order(u64);

fn main() {
    let guard = epoch::pin();
    let order = {
        let cell = EpochCell::new(Order(1));
        cell.load(&guard)
    };
    println!("{}", order.0);
}
