use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(shards = 8, slab_size = 65536, magazine = 64, isolate)]
struct Node<T>(T);

#[derive(Pooled)]
#[pooled(merge)]
struct Ring<'a, T, const N: usize>([&'a T; N]);

fn main() {
    drop((PoolBox::new(Node(1)), PoolBox::new(Ring([&1, &2]))));
}
