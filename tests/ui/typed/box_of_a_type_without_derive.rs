use sydra_pool::PoolBox;

trait Shape {}

struct Square;
impl Shape for Square {}

fn main() {
    let _square: Option<PoolBox<Square>> = None;
    let _shape: Option<PoolBox<dyn Shape>> = None;
}
