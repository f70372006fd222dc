use std::sync::MutexGuard;
use sydra_pool::{PoolArc, Pooled};

#[derive(Pooled)]
struct Held(MutexGuard<'static, u64>);

fn send(held: PoolArc<Held>) {
    std::thread::spawn(move || drop(held));
}

fn main() {}
