use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(instances())]
struct Empty<T>(T);

#[derive(Pooled)]
#[pooled(instances(Twice<u8>, Twice< u8 >))]
struct Twice<T>(T);

#[derive(Pooled)]
#[pooled(instances = [Value<u8>])]
struct Value<T>(T);

#[derive(Pooled)]
#[pooled(instances(Broken<u8> Broken<u16>), align = 3)]
struct Broken<T>(T);

fn main() {
    drop((PoolBox::new(Empty(1)), PoolBox::new(Twice(1)), PoolBox::new(Value(1))));
    drop(PoolBox::new(Broken(1)));
}
