use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(shards = "8", slab_size = true, magazine = 64.0, align = 'x')]
struct Kinds(u8);

#[derive(Pooled)]
#[pooled(shards = -1, magazine = 64u32, align = 99999999999999999999, max_limbo = 64i64)]
struct Numbers(u8);

#[derive(Pooled)]
#[pooled(shards = b"8", slab_size = "auto", max_limbo = "1 MiB")]
struct Strings(u8);

fn main() {
    drop((PoolBox::new(Kinds(1)), PoolBox::new(Numbers(1)), PoolBox::new(Strings(1))));
}
