use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(instances(Node<T>, Node))]
struct Node<T>(T);

#[derive(Pooled)]
#[pooled(instances(Ring<'a, u8, 4>, Ring<'_, u8, N>, Ring<'_, u8, 4>))]
struct Ring<'a, T, const N: usize>([&'a T; N]);

fn main() {
    drop((PoolBox::new(Node(1)), PoolBox::new(Ring([&1_u8, &2]))));
}
