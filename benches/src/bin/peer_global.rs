//! `Box` on our global allocator.

use std::process::ExitCode;

use benches::owner::BoxDoor;
use benches::peer::{Peer, peer_main};
use sydra_pool::SydraPool;

#[sydra_pool::config(shards = 8)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

fn main() -> ExitCode {
    peer_main::<BoxDoor>(Peer {
        trim: Some(sydra_pool::trim),
    })
}
