trait Shape {}
sydra_pool::pooled_dyn!(dyn Shape);
sydra_pool::pooled_dyn!(dyn Shape);

fn main() {}
