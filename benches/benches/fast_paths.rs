//! The fast paths of one door, for Criterion.

use std::time::{Duration, Instant};

use benches::block::{Block, Block24, Block64, Block200};
use benches::owner::Door;
use benches::row::{Order, Shape, Touch};
use benches::shape::prepared;
use criterion::Criterion;

/// Shapes in which the magazine serves nearly every call, and one that goes through the depot.
const SHAPES: [Shape; 4] = [
    Shape::Pair,
    Shape::Deep(64, Order::Lifo),
    Shape::Deep(1000, Order::Shuffled),
    Shape::Replace(20_000),
];

/// Benches all shapes for three sizes.
pub(crate) fn fast_paths<D: Door>(criterion: &mut Criterion, door: &str) {
    sized::<D, Block24>(criterion, door);
    sized::<D, Block64>(criterion, door);
    sized::<D, Block200>(criterion, door);
}

fn sized<D: Door, T: Block>(criterion: &mut Criterion, door: &str) {
    let mut group = criterion.benchmark_group(door);
    group.warm_up_time(Duration::from_millis(200));
    group.measurement_time(Duration::from_millis(600));
    group.sample_size(20);
    for shape in SHAPES {
        let mut work = prepared::<T, D::Owner<T>>(shape, Touch::Word);
        group.bench_function(format!("{shape}/{}", T::BYTES), |bencher| {
            bencher.iter_custom(|operations| {
                let start = Instant::now();
                let done = work(operations);
                // A deep shape does whole rounds: a few operations more than it was asked for.
                start.elapsed().mul_f64(operations as f64 / done as f64)
            });
        });
    }
    group.finish();
}
