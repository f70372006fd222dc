use std::cell::Cell;
use sydra_pool::Pooled;
use sydra_pool::epoch::EpochCell;

#[derive(Pooled)]
struct Tally(Cell<u64>);

fn main() {
    drop(EpochCell::new(Tally(Cell::new(1))));
}
