//! The global door, with fat LTO.

use std::alloc::Layout;
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

/// Bytes of a size that only the run time knows, as a vector asks for them.
#[unsafe(no_mangle)]
#[inline(never)]
pub fn make_bytes(layout: Layout) -> *mut u8 {
    // SAFETY: the caller's layout has a size.
    unsafe { std::alloc::alloc(layout) }
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
    let layout = Layout::new::<Order>();
    let bytes = black_box(make_bytes as fn(Layout) -> *mut u8)(layout);
    // SAFETY: from `make_bytes` just now, with this layout.
    unsafe { std::alloc::dealloc(bytes, layout) };
}
