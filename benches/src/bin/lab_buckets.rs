//! `Box` on our global allocator without shards and with the least magazines: one mutex for each class.

use std::process::ExitCode;

use benches::lab::peer::{Peer, main as measured};
use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 0, magazine = 2)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

fn main() -> ExitCode {
    measured(Peer {
        allocator: || format!("sydra-pool {}, buckets only", env!("CARGO_PKG_VERSION")),
        is_ours: true,
    })
}
