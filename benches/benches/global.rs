//! The fast paths of `Box` under our global allocator.

mod fast_paths;

use benches::owner::BoxDoor;
use criterion::{Criterion, criterion_group, criterion_main};
use fast_paths::fast_paths;
use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 8)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

fn global(criterion: &mut Criterion) {
    fast_paths::<BoxDoor>(criterion, "Box on SydraPool");
}

criterion_group!(benches, global);
criterion_main!(benches);
