trait Copied {
    fn copied(&self) -> Self;
}
sydra_pool::pooled_dyn!(dyn Copied);

fn main() {}
