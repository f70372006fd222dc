use sydra_pool::{PoolArc, PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(fallback = "none")]
struct Just([u8; 32768]);

fn main() {
    let _boxed = PoolBox::new(Just([0; 32768]));
    let _shared = PoolArc::new(Just([0; 32768]));
}
