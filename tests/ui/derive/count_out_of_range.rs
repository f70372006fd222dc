// Literals: judged by the macro.
use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(shards = 65, slab_size = 100_000, magazine = 1, align = 3)]
struct First(u8);

#[derive(Pooled)]
#[pooled(slab_size = 0x8000, magazine = 1025, align = 8192)]
struct Second(u8);

#[derive(Pooled)]
#[pooled(slab_size = 2097152, magazine = 0, align = 0, max_limbo = 0)]
struct Third(u8);

fn main() {
    drop((PoolBox::new(First(1)), PoolBox::new(Second(1)), PoolBox::new(Third(1))));
}
