use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(fallback = "none")]
struct Large([u8; 32769]);

#[derive(Pooled)]
#[pooled(fallback = "none")]
#[repr(align(8192))]
struct OverAligned(u8);

#[derive(Pooled)]
#[pooled(instances(Listed<u8, 4>, Listed<u64, 5000>), fallback = "none")]
struct Listed<T, const N: usize>([T; N]);

#[derive(Pooled)]
#[pooled(fallback = "none")]
struct Fits<'a>([&'a u8; 4096]);

fn main() {
    let _ = |a: PoolBox<Large>, b: PoolBox<OverAligned>, c: PoolBox<Fits<'static>>| {
        (a.0[0], b.0, c.0[0])
    };
    let _ = |a: PoolBox<Listed<u64, 5000>>| a.0[0];
}
