//! `Box` on our global allocator, with shards; and `PoolBox`.

use std::process::ExitCode;

use benches::lab::peer::{Peer, main as measured, shards};
use sydra_pool::SydraPool;

/// `bench_alloc --shards` builds this anew.
const SHARDS: usize = shards(option_env!("SYDRA_BENCH_SHARDS"));

#[sydra_pool::config(shards = SHARDS)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

fn main() -> ExitCode {
    measured(Peer {
        allocator: || format!("sydra-pool {}, {SHARDS} shards", env!("CARGO_PKG_VERSION")),
        is_ours: true,
    })
}
