use std::any::Any;
use std::rc::Rc;
use sydra_pool::{PoolBox, Pooled, coerce};

#[derive(Pooled)]
struct Local(Rc<u64>);

fn main() {
    let local = PoolBox::new(Local(Rc::new(1)));
    let _sent = coerce!(local => dyn Any + Send);
}
