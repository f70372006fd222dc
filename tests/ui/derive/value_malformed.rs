// A slip in a value is one error, where the finger slipped.
use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(max_limbo = 8 shards = 9)]
struct NoComma(u8);

#[derive(Pooled)]
#[pooled(name = "a" "b", magazine = 8; align = 8)]
struct OtherComma(u8);

#[derive(Pooled)]
#[pooled(shards = = 3, align = 8 +, zero_on_free, crate = a b)]
struct HalfAnExpression(u8);

#[derive(Pooled)]
#[pooled(capacity = 3 * * 4 5)]
struct Generic<T>(T);

fn main() {
    drop((PoolBox::new(NoComma(1)), PoolBox::new(OtherComma(1)), PoolBox::new(HalfAnExpression(1))));
    drop(PoolBox::new(Generic(1)));
}
