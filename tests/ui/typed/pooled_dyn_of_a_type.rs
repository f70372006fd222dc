struct Square;
sydra_pool::pooled_dyn!(Square);

fn main() {}
