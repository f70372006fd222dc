use sydra_pool::{PoolBox, Pooled, coerce, pooled_dyn};

trait Shape {
    fn name(&self) -> &str;
}
pooled_dyn!(dyn Shape);

#[derive(Pooled)]
struct Named<'t>(&'t str);

impl Shape for Named<'_> {
    fn name(&self) -> &str {
        self.0
    }
}

fn escape(name: &str) -> PoolBox<dyn Shape> {
    coerce!(PoolBox::new(Named(name)) => dyn Shape)
}

fn main() {
    let named = escape(&String::from("gone"));
    println!("{}", named.name());
}
