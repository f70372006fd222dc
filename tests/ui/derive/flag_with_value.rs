use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(isolate = true, zero_on_free = false)]
struct Truth(u8);

#[derive(Pooled)]
#[pooled(merge(u8))]
struct List(u8);

#[derive(Pooled)]
#[pooled(merge =)]
struct Nothing(u8);

fn main() {
    drop((PoolBox::new(Truth(1)), PoolBox::new(List(1)), PoolBox::new(Nothing(1))));
}
