// A type without parameters: two homes of its own.
#[derive(Pooled)]
struct Order {
    id: u64,
    price: i64,
}
