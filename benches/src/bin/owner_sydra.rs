//! `PoolArc`, `PoolRc` and pooled futures, in a program that leaves everything else to mimalloc: what tokio allocates costs
//! the same here and there.

use std::process::ExitCode;

use benches::pointer::peer::peer_main;
use benches::pointer::rival::Sydra;

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    peer_main::<Sydra>()
}
