use sydra_pool::{PoolRc, Pooled};

#[derive(Pooled)]
struct Order(u64);

fn main() {
    let order = PoolRc::new(Order(1));
    std::thread::spawn(move || drop(order));
}
