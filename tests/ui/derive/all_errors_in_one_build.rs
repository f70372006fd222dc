// Each mistake is reported once, at its token, and the uses of the type add nothing.
use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(shards = 65, magazin = 3, fallback = "hep", align = "x")]
#[pooled(isolate = true, slab_size, merge)]
union Both {
    #[pooled(shards = 1)]
    whole: u64,
    part: u8,
}

fn takes<T: Pooled>(_: &PoolBox<T>) {}

fn main() {
    let boxed = PoolBox::new(Both { part: 1 });
    takes(&boxed);
    let _ = sydra_pool::pool::<Both>();
}
