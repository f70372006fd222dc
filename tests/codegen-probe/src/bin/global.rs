//! The global door, with fat LTO.

use std::hint::black_box;

use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 8)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

pub struct Order {
    pub id: u64,
    pub price: u64,
    pub quantity: u64,
}

#[unsafe(no_mangle)]
#[inline(never)]
pub fn make_order(order: Order) -> Box<Order> {
    Box::new(order)
}

#[unsafe(no_mangle)]
#[inline(never)]
pub fn drop_order(order: Box<Order>) {
    drop(order);
}

fn main() {
    let order = Order {
        id: 1,
        price: 2,
        quantity: 3,
    };
    let order = black_box(make_order as fn(Order) -> Box<Order>)(order);
    assert_eq!(order.id + order.price + order.quantity, 6);
    black_box(drop_order as fn(Box<Order>))(order);
}
