//! `pooled_dyn!` covers `Send` and `Sync` by itself.

trait Shape {}

sydra_pool::pooled_dyn!(dyn Shape + Send);

fn main() {}
