use sydra_pool::{PoolBox, Pooled};

struct Other<T>(T);

#[derive(Pooled)]
#[pooled(instances(Node<u8>, Other<u16>, Vec<u8>, u32, (Node<u64>, u8), [u8; 4]))]
struct Node<T>(T);

fn main() {
    let _ = Other(1);
    drop((PoolBox::new(Node(1_u8)), PoolBox::new(Node(1_u16))));
}
