//! `Box` on the system's allocator.

use std::process::ExitCode;

use benches::lab::peer::{Peer, main as measured};

fn main() -> ExitCode {
    measured(Peer {
        allocator: || "the system's".into(),
        is_ours: false,
    })
}
