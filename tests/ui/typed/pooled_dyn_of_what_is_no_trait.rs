struct Square;
sydra_pool::pooled_dyn!(dyn Square);

fn main() {}
