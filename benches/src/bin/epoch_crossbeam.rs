//! crossbeam-epoch on mimalloc v3, both built as their users build them.

use std::process::ExitCode;

use benches::epoch::crossbeam::Crossbeam;
use benches::epoch::peer::peer_main;

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    peer_main::<Crossbeam>(None)
}
