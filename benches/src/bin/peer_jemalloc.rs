//! `Box` on jemalloc.

use std::process::ExitCode;

use benches::owner::BoxDoor;
use benches::peer::{Peer, peer_main};

#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    peer_main::<BoxDoor>(Peer::PLAIN)
}
