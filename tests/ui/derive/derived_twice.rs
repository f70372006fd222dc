use sydra_pool::Pooled;

#[derive(Pooled, Pooled)]
struct Plain(u8);

fn main() {}
