// Expressions: judged by const assertions, by the same limits as the literals.
use sydra_pool::Pooled;

const ONE: usize = 1;

#[derive(Pooled)]
#[pooled(shards = 64 + ONE, slab_size = 100_000 * ONE, magazine = ONE, align = 3 * ONE)]
struct First(u8);

#[derive(Pooled)]
#[pooled(slab_size = ONE << 15, magazine = 1024 + ONE, align = 8192 * ONE)]
struct Second(u8);

#[derive(Pooled)]
#[pooled(slab_size = 2 * 1024 * 1024, magazine = ONE - 1, align = ONE - 1, max_limbo = ONE - 1)]
struct Third(u8);

// The limits themselves are fine.
#[derive(Pooled)]
#[pooled(shards = 63 + ONE, slab_size = ONE << 16, magazine = ONE + 1, align = ONE, max_limbo = ONE)]
struct Least(u8);

#[derive(Pooled)]
#[pooled(shards = ONE - 1, slab_size = ONE << 20, magazine = 1023 + ONE, align = 4096 * ONE, max_limbo = usize::MAX)]
struct Most(u8);

fn main() {}
