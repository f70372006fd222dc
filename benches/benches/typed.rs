//! The fast paths of `PoolBox`, with `Box` on the system's allocator beside them.

mod fast_paths;

use benches::owner::{BoxDoor, PoolDoor};
use criterion::{Criterion, criterion_group, criterion_main};
use fast_paths::fast_paths;

fn typed(criterion: &mut Criterion) {
    fast_paths::<PoolDoor>(criterion, "PoolBox");
    fast_paths::<BoxDoor>(criterion, "Box on System");
}

criterion_group!(benches, typed);
criterion_main!(benches);
