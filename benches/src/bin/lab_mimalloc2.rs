//! `Box` on mimalloc 2: built with the feature `mimalloc2`, and not together with the other rivals.

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
        allocator: || mimalloc_version(mi_version(), 2),
        is_ours: false,
    })
}
