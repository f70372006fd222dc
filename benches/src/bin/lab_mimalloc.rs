//! `Box` on mimalloc 3; and the reclaimers, which allocate there.

use std::ffi::c_int;
use std::process::ExitCode;

use benches::lab::peer::{Peer, main as measured, mimalloc_version};
use mimalloc::MiMalloc;

#[global_allocator]
static GLOBAL: MiMalloc = MiMalloc;

unsafe extern "C" {
    safe fn mi_version() -> c_int;
}

fn main() -> ExitCode {
    measured(Peer {
        allocator: || mimalloc_version(mi_version(), 3),
        is_ours: false,
    })
}
