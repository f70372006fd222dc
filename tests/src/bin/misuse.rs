//! A program with an error in it, for instruments that are to find it: `misuse clean | read | write |
//! beyond | twice`. With the feature `shadow` every block is an allocation of the system's, so they can.

use std::hint::black_box;

use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[repr(C)]
struct Order {
    id: u64,
    flags: [u8; 5],
}

fn main() {
    let error = std::env::args().nth(1).unwrap_or_default();
    let others: Vec<_> = (0..10).map(order).collect();
    let raw = PoolBox::into_raw(order(7));
    match error.as_str() {
        // SAFETY: right: taken back once.
        "clean" => drop(unsafe { PoolBox::from_raw(raw) }),
        "read" => {
            // SAFETY: right.
            drop(unsafe { PoolBox::from_raw(raw) });
            // SAFETY: the error: the value is gone; a number comes first.
            black_box(unsafe { raw.cast::<u64>().read_volatile() });
        }
        "write" => {
            // SAFETY: right.
            drop(unsafe { PoolBox::from_raw(raw) });
            // SAFETY: the error: the block is free.
            unsafe { raw.cast::<u8>().write_volatile(1) };
        }
        // SAFETY: the error: one byte behind the block.
        "beyond" => unsafe { raw.wrapping_add(1).cast::<u8>().write_volatile(1) },
        "twice" => {
            // SAFETY: right.
            drop(unsafe { PoolBox::from_raw(raw) });
            // SAFETY: the error.
            drop(unsafe { PoolBox::from_raw(raw) });
        }
        other => panic!("clean, read, write, beyond or twice, not {other:?}"),
    }
    let sum: u64 = others.iter().map(|order| order.id).sum();
    println!("the end: {sum}");
}

fn order(id: u64) -> PoolBox<Order> {
    PoolBox::new(Order { id, flags: [0; 5] })
}
