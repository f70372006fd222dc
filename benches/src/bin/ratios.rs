//! Compares our two doors with the rival allocators; see `benches/README.md`.

use std::process::ExitCode;

use benches::driver::{Options, run};
use clap::Parser;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("ratios: {trouble}");
            ExitCode::from(2)
        }
    }
}
