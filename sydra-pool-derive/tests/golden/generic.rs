// A static cannot be generic: the class's blocks, chosen for each instantiation.
#[derive(Pooled)]
#[pooled(align = 32, fallback = "none", max_waste = 25, bound = "T: Send")]
struct Node<K: Ord, T: ?Sized, const N: usize = 4>
where
    K: Copy,
{
    keys: [K; N],
    value: Box<T>,
}
