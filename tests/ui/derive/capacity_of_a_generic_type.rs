// Said once: what goes with a capacity does not matter where there can be none.
use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(capacity = 8, fallback = "heap")]
struct Node<T>(T);

fn main() {
    drop(PoolBox::new(Node(1)));
}
