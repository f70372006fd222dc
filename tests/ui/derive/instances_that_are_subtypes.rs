use sydra_pool::Pooled;

#[derive(Pooled)]
#[pooled(instances(Node<for<'a> fn(&'a u8)>, Node<fn(&'static u8)>))]
struct Node<T>(T);

fn main() {}
