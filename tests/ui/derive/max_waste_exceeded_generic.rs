// How much is wasted is known only at each use, so that is where it is said.
use sydra_pool::Pooled;

#[derive(Pooled)]
#[pooled(max_waste = 10)]
struct Node<T>(T);

fn main() {
    let _ = const { <Node<[u8; 48]> as Pooled>::BLOCK_BYTES };
    let _ = const { <Node<[u8; 41]> as Pooled>::BLOCK_BYTES };
}
