use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(fallback = "help")]
struct Near(u8);

#[derive(Pooled)]
#[pooled(fallback = "mimalloc")]
struct Far(u8);

#[derive(Pooled)]
#[pooled(fallback = none)]
struct Bare(u8);

#[derive(Pooled)]
#[pooled(fallback = false)]
struct Truth(u8);

#[derive(Pooled)]
#[pooled(fallback = concat!("no", "ne"))]
struct Computed(u8);

fn main() {
    drop((PoolBox::new(Near(1)), PoolBox::new(Far(1)), PoolBox::new(Bare(1))));
    drop((PoolBox::new(Truth(1)), PoolBox::new(Computed(1))));
}
