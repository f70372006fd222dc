sydra_pool::pooled_dyn!(dyn std::fmt::UpperHex);

fn main() {}
