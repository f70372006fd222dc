use sydra_pool::{PoolArc, PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(fallback = "none")]
struct Page([u8; 32768]);

fn main() {
    // It fits as it is, and not with a counter in front.
    let page = PoolBox::new(Page([0; 32768]));
    let _ = PoolArc::from(page);
}
