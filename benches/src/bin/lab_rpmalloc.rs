//! `Box` on rpmalloc.

use std::process::ExitCode;

use benches::lab::peer::{Peer, main as measured};
use rpmalloc::RpMalloc;

#[global_allocator]
static GLOBAL: RpMalloc = RpMalloc;

fn main() -> ExitCode {
    measured(Peer {
        allocator: || "rpmalloc".into(),
        is_ours: false,
    })
}
