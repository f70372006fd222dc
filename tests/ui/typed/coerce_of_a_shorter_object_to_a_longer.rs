use sydra_pool::{PoolArc, PoolBox, coerce, pooled_dyn};

trait Shape {}
pooled_dyn!(dyn Shape);

fn boxed<'t>(shape: PoolBox<dyn Shape + 't>) -> PoolBox<dyn Shape> {
    coerce!(shape => dyn Shape)
}

fn shared<'t>(shape: PoolArc<dyn Shape + 't>) -> PoolArc<dyn Shape> {
    coerce!(shape => dyn Shape)
}

fn main() {}
