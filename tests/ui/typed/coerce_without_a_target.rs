//! `coerce!` needs to be told what to become.

use sydra_pool::{PoolBox, Pooled, coerce};

#[derive(Pooled)]
struct Order(u64);

fn main() {
    let _ = coerce!(PoolBox::new(Order(1)));
}
