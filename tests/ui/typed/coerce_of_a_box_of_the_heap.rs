use std::any::Any;
use sydra_pool::coerce;

fn main() {
    let any = coerce!(Box::new(1) => dyn Any);
}
