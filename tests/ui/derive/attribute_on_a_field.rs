use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
struct Fields {
    #[pooled(align = 64)]
    first: u8,
    second: u8,
}

#[derive(Pooled)]
enum Variants {
    #[pooled(merge)]
    First(#[pooled] u8),
}

fn main() {
    let fields = PoolBox::new(Fields { first: 1, second: 2 });
    let _ = fields.first + fields.second;
    let Variants::First(_) = *PoolBox::new(Variants::First(1));
}
