use std::sync::atomic::Ordering;
use sydra_pool::Pooled;
use sydra_pool::epoch::{self, Atomic};

#[derive(Pooled)]
struct Order(u64);

fn main() {
    let place = Atomic::new(Order(1));
    let guard = epoch::pin();
    let order = place.load(Ordering::Acquire, &guard);
    std::thread::scope(|scope| {
        scope.spawn(move || println!("{order:p}"));
    });
}
