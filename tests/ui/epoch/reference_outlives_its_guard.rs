use std::sync::atomic::Ordering;
use sydra_pool::Pooled;
use sydra_pool::epoch::{self, Atomic};

#[derive(Pooled)]
struct Order(u64);

fn main() {
    let place = Atomic::new(Order(1));
    let order = {
        let guard = epoch::pin();
        unsafe { place.load(Ordering::Acquire, &guard).deref() }
    };
    println!("{}", order.0);
}
