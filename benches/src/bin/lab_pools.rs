//! Other crates' pools, on mimalloc.

use std::process::ExitCode;

use benches::lab::peer::{Peer, main_of_pools as measured};
use mimalloc::MiMalloc;

#[global_allocator]
static GLOBAL: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    measured(Peer {
        allocator: || "mimalloc".into(),
        is_ours: false,
    })
}
