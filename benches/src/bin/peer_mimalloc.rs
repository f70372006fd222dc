//! `Box` on mimalloc v3, built as its users build it.

use std::process::ExitCode;

use benches::owner::BoxDoor;
use benches::peer::{Peer, peer_main};

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    peer_main::<BoxDoor>(Peer::PLAIN)
}
