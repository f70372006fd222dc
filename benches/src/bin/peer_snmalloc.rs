//! `Box` on snmalloc.

use std::process::ExitCode;

use benches::owner::BoxDoor;
use benches::peer::{Peer, peer_main};

#[global_allocator]
static GLOBAL: snmalloc_rs::SnMalloc = snmalloc_rs::SnMalloc;

fn main() -> ExitCode {
    peer_main::<BoxDoor>(Peer::PLAIN)
}
