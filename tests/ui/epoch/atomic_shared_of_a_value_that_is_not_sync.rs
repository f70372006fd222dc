use std::cell::Cell;
use sydra_pool::Pooled;
use sydra_pool::epoch::Atomic;

#[derive(Pooled)]
struct Tally(Cell<u64>);

fn main() {
    let place = Atomic::new(Tally(Cell::new(1)));
    std::thread::scope(|scope| {
        scope.spawn(|| println!("{place:p}"));
    });
}
