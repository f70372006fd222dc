// How much is wasted is known only at each use, so that is where it is said.
use sydra_pool::{Pooled, __private::v1::Described};

#[derive(Pooled)]
#[pooled(max_waste = 10)]
struct Node<T>(T);

fn main() {
    let _ = const { <Node<[u8; 48]> as Described>::PLAN };
    let _ = const { <Node<[u8; 41]> as Described>::PLAN };
}
