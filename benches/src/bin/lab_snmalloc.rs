//! `Box` on snmalloc.

use std::process::ExitCode;

use benches::lab::peer::{Peer, main as measured};
use snmalloc_rs::SnMalloc;

#[global_allocator]
static GLOBAL: SnMalloc = SnMalloc;

fn main() -> ExitCode {
    measured(Peer {
        allocator: || "snmalloc".into(),
        is_ours: false,
    })
}
