//! `Box` on jemalloc.

use std::process::ExitCode;

use benches::lab::peer::{Peer, main as measured};
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static GLOBAL: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    measured(Peer {
        allocator: || "jemalloc".into(),
        is_ours: false,
    })
}
