// One error for each type, whatever is done with it.
use sydra_pool::{PoolBox, Pooled, pool, register};

#[derive(Pooled)]
#[pooled(nonsense)]
struct Plain<'a>(&'a u8);

#[derive(Pooled)]
#[pooled(instances(Listed<u8>, Listed<u16>), shards = 65)]
struct Listed<T>(T);

#[derive(Pooled)]
#[pooled(bound = "T:", capacity = 0)]
struct Generic<T>(T);

#[derive(Pooled)]
#[pooled(max_waste = 0, capacity = 64, fallback = "heap")]
struct Tiny(u8);

fn takes<T: Pooled>(value: T) -> PoolBox<T> {
    PoolBox::new(value)
}

fn main() {
    register!(Plain<'static>, Listed<u8>, Generic<u8>, Tiny);
    drop((takes(Plain(&1)), takes(Listed(1_u8)), takes(Generic(1)), takes(Tiny(1))));
    println!("{:?}", pool::<Listed<u16>>().geometry());
    const _: usize = <Tiny as Pooled>::BLOCK_BYTES;
}
