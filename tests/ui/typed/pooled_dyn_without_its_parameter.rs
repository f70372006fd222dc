trait Visitor<T> {
    fn visit(&mut self, value: T);
}
sydra_pool::pooled_dyn!(dyn Visitor<T>);

fn main() {}
