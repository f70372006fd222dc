#[sydra_pool::config(shards = 8)]
fn function() {}

#[sydra_pool::config(shards = 8)]
pub const CONSTANT: sydra_pool::SydraPool = sydra_pool::SydraPool::new();

#[sydra_pool::config(shrads = 8)]
struct Structure;

#[sydra_pool::config]
mod module {}

fn main() {
    function();
    let _ = (CONSTANT.snapshot(), Structure);
}
