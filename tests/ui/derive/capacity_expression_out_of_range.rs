// The static of the blocks has the capacity in its type; the error is still one, at the value.
use sydra_pool::{PoolBox, Pooled};

const NONE: usize = 0;

#[derive(Pooled)]
#[pooled(capacity = NONE)]
struct Nothing(u8);

#[derive(Pooled)]
#[pooled(instances(TooMany<u8>, TooMany<u16>), capacity = (NONE + 1) << 16)]
struct TooMany<T>(T);

fn main() {
    drop(PoolBox::try_new(Nothing(1)).is_ok());
    drop(PoolBox::try_new(TooMany(1_u8)).is_ok());
}
