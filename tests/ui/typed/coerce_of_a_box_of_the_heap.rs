use std::any::Any;
use sydra_pool::coerce;

fn main() {
    let _any = coerce!(Box::new(1) => dyn Any);
}
