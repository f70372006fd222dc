//! Ten lines: a struct with a pool of its own, boxes that live in it, and what the pool knows.

use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
struct Order {
    id: u64,
    price: i64,
}

fn main() {
    let mut orders = Vec::new();
    for id in 1..=1_000 {
        orders.push(PoolBox::new(Order { id, price: 995 }));
    }
    orders.retain(|order| order.id % 4 == 0);
    let total: i64 = orders.iter().map(|order| order.price).sum();
    println!("{} orders left, worth {total}\n", orders.len());
    println!("{}", sydra_pool::snapshot());
}
