use sydra_pool::PoolBox;

trait Shape {}

struct Square;
impl Shape for Square {}

fn main() {
    let square: Option<PoolBox<Square>> = None;
    let shape: Option<PoolBox<dyn Shape>> = None;
}
