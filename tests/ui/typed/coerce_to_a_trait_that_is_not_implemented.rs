use sydra_pool::{PoolArc, PoolBox, Pooled, coerce, pooled_dyn};

trait Shape {}
pooled_dyn!(dyn Shape);

#[derive(Pooled)]
struct Order(u64);

fn main() {
    let _boxed = coerce!(PoolBox::new(Order(1)) => dyn Shape);
    let _shared = coerce!(PoolArc::new(Order(1)) => dyn Shape);
}
