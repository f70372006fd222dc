// The message has the numbers and says what would help. At the limit nothing is said.
use sydra_pool::{PoolBox, Pooled};

const MOST: usize = 10;

#[derive(Pooled)]
#[pooled(merge, max_waste = MOST)]
struct Merged([u8; 41]);

#[derive(Pooled)]
#[pooled(max_waste = 74)]
struct Tiny(u16);

#[derive(Pooled)]
#[pooled(align = 64, max_waste = 35)]
struct Aligned<'a>([&'a u8; 5]);

#[derive(Pooled)]
#[pooled(merge, align = 32, max_waste = 0)]
struct Both([u64; 13]);

#[derive(Pooled)]
#[pooled(instances(Listed<u8>, Listed<[u8; 40]>), merge, max_waste = 15)]
struct Listed<T>(T, u8);

#[derive(Pooled)]
#[pooled(merge, max_waste = 15)]
struct AtTheLimit([u8; 41]);

#[derive(Pooled)]
#[pooled(max_waste = 0)]
struct Exact([u8; 41]);

fn main() {
    drop((PoolBox::new(Merged([1; 41])), PoolBox::new(Tiny(1)), PoolBox::new(Listed(1_u8, 1))));
}
