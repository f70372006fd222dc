//! The main job: ingest flights into a sharded store of pooled nodes, check every answer, compare `PoolBox` with `Box`;
//! then the same into one lock-free list, with readers, and the epoch's figures.
//!
//! `cargo run --release -p examples --example ingest -- --help`; the code is in the library of this package, beginning
//! with `examples::job`.

use std::io;
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut out = io::stdout().lock();
    ExitCode::from(examples::job::run(
        std::env::args_os(),
        &mut out,
        &mut io::stderr(),
    ))
}
