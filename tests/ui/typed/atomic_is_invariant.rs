use sydra_pool::epoch::{Atomic, EpochCell};
use sydra_pool::Pooled;

#[derive(Pooled)]
struct Line<'t>(&'t str);

fn shorter_place<'s>(long: &'s Atomic<Line<'static>>) -> &'s Atomic<Line<'s>> {
    long
}

fn shorter_cell<'s>(long: &'s EpochCell<Line<'static>>) -> &'s EpochCell<Line<'s>> {
    long
}

fn main() {}
