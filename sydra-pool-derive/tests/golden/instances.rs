// Homes for the listed instantiations, and no implementation for others.
#[derive(Pooled)]
#[pooled(instances(Node<u32>, Node<&'static str>), name = "node")]
struct Node<T> {
    value: T,
}
