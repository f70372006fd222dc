use sydra_pool::{PoolBox, Pooled};

#[derive(Pooled)]
#[pooled(bound = "T Clone")]
struct Unparsed<T>(T);

#[derive(Pooled)]
#[pooled(bound = T)]
struct Bare<T>(T);

#[derive(Pooled)]
#[pooled(bound = 3)]
struct Number<T>(T);

#[derive(Pooled)]
#[pooled(bound = "T: Send U: Sync")]
struct NoComma<T, U>(T, U);

fn main() {
    drop((PoolBox::new(Unparsed(1)), PoolBox::new(Bare(1)), PoolBox::new(Number(1))));
    drop(PoolBox::new(NoComma(1, 2)));
}
