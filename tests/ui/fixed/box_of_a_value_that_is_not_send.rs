//! A pool may hold values that are not `Send`, their boxes stay in the thread.

use std::rc::Rc;
use sydra_pool::StaticPool;

static POOL: StaticPool<Rc<u64>, 4> = StaticPool::new();

fn main() {
    let boxed = POOL.try_box(Rc::new(1)).unwrap();
    std::thread::spawn(move || drop(boxed));
}
