//! `PoolBox`, the typed pool, in a program that leaves everything else to the system's allocator.

use std::process::ExitCode;

use benches::owner::PoolDoor;
use benches::peer::{Peer, peer_main};

fn main() -> ExitCode {
    peer_main::<PoolDoor>(Peer {
        trim: Some(sydra_pool::trim),
    })
}
