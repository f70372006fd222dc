//! The typed door, in release without LTO: what a user gets who changes no setting.

use std::hint::black_box;

use sydra_pool::{PoolBox, Pooled};

/// A type with a pool of its own.
#[derive(Pooled)]
pub struct Order {
    pub id: u64,
    pub price: u64,
    pub quantity: u64,
}

/// A generic type: its blocks come from the shared class magazines.
#[derive(Pooled)]
pub struct Node<T> {
    pub value: T,
    pub key: u64,
    pub next: u64,
}

#[unsafe(no_mangle)]
#[inline(never)]
pub fn make_order(order: Order) -> PoolBox<Order> {
    PoolBox::new(order)
}

#[unsafe(no_mangle)]
#[inline(never)]
pub fn drop_order(order: PoolBox<Order>) {
    drop(order);
}

#[unsafe(no_mangle)]
#[inline(never)]
pub fn make_node(node: Node<u64>) -> PoolBox<Node<u64>> {
    PoolBox::new(node)
}

#[unsafe(no_mangle)]
#[inline(never)]
pub fn drop_node(node: PoolBox<Node<u64>>) {
    drop(node);
}

/// What the test must reject: the way to the pool is a call.
#[unsafe(no_mangle)]
#[inline(never)]
pub fn make_behind_a_call(order: Order) -> PoolBox<Order> {
    let order = black_box(make_order as fn(Order) -> PoolBox<Order>)(order);
    black_box(&order);
    order
}

fn main() {
    let order = Order {
        id: 1,
        price: 2,
        quantity: 3,
    };
    let order = black_box(make_order as fn(Order) -> PoolBox<Order>)(order);
    assert_eq!(order.id + order.price + order.quantity, 6);
    black_box(drop_order as fn(PoolBox<Order>))(order);

    let node = Node {
        value: 1,
        key: 2,
        next: 3,
    };
    let node = black_box(make_node as fn(Node<u64>) -> PoolBox<Node<u64>>)(node);
    assert_eq!(node.value + node.key + node.next, 6);
    black_box(drop_node as fn(PoolBox<Node<u64>>))(node);

    let order = Order {
        id: 1,
        price: 2,
        quantity: 3,
    };
    let order = black_box(make_behind_a_call as fn(Order) -> PoolBox<Order>)(order);
    assert_eq!(order.id, 1);
}
