use std::cell::Cell;
use sydra_pool::{PoolArc, Pooled};

#[derive(Pooled)]
struct Local(Cell<u64>);

fn send(local: PoolArc<Local>) {
    std::thread::spawn(move || drop(local));
}

fn main() {}
