use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
pub union Either {
    whole: u64,
    part: u8,
}

#[derive(Pooled)]
union Generic<T: Copy> {
    whole: T,
}

fn main() {
    drop(PoolBox::new(Either { part: 1 }));
    drop(PoolBox::new(Generic { whole: 1_u16 }));
}
