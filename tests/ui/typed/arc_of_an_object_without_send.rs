use std::any::Any;
use sydra_pool::PoolArc;

fn send(any: PoolArc<dyn Any + Send>) {
    std::thread::spawn(move || drop(any));
}

fn main() {}
