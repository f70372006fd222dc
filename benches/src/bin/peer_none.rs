//! No allocator: the loop that only writes the value.

use std::process::ExitCode;

use benches::owner::NoDoor;
use benches::peer::{Peer, peer_main};

fn main() -> ExitCode {
    peer_main::<NoDoor>(Peer::PLAIN)
}
