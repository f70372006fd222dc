use std::rc::Rc;
use sydra_pool::{PoolBox, Pooled, epoch};

#[derive(Pooled)]
struct Local(Rc<u64>);

fn main() {
    let local = PoolBox::new(Local(Rc::new(1)));
    PoolBox::retire(local, &epoch::pin());
}
