//! The laboratory: allocators, pools and reclaimers side by side; see `benches/README.md`.

use std::process::ExitCode;

use benches::lab::driver::{Options, run};
use clap::Parser;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("bench_alloc: {trouble}");
            ExitCode::from(2)
        }
    }
}
