use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(capacity = u16::MAX)]
struct Plain(u8);

#[derive(Pooled)]
#[pooled(capacity = MISSING, align = 64)]
struct Unknown(u8);

fn main() {
    drop(PoolBox::try_new(Plain(1)).is_ok());
    drop(PoolBox::try_new(Unknown(1)).is_ok());
}
