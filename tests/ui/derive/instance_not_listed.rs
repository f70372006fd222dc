use sydra_pool::Pooled;

#[derive(Pooled)]
#[pooled(instances(Node<u8>))]
struct Node<T>(T);

fn needs_a_pool<T: Pooled>(_: T) {}

fn main() {
    needs_a_pool(Node(1_u8));
    needs_a_pool(Node(1_u16));
}
