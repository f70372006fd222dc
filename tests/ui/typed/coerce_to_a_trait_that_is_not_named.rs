use sydra_pool::{PoolBox, Pooled, coerce};

trait Shape {
    fn area(&self) -> f64;
}

#[derive(Pooled)]
struct Square(f64);

impl Shape for Square {
    fn area(&self) -> f64 {
        self.0 * self.0
    }
}

fn main() {
    let _square = coerce!(PoolBox::new(Square(1.0)) => dyn Shape);
}
