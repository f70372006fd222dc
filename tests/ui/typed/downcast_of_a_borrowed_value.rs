use std::any::Any;
use sydra_pool::{PoolBox, Pooled, coerce};

#[derive(Pooled)]
struct Line<'t>(&'t str);

fn main() {
    let text = String::from("short");
    let any = coerce!(PoolBox::new(Line(&text)) => dyn Any);
    let _line = any.downcast::<Line<'_>>();
}
