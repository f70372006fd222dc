//! `Box` on the system's allocator.

use std::process::ExitCode;

use benches::owner::BoxDoor;
use benches::peer::{Peer, peer_main};

fn main() -> ExitCode {
    peer_main::<BoxDoor>(Peer::PLAIN)
}
