//! Compares our fixed pool with those of others; see `benches/README.md`.

use std::process::ExitCode;

use benches::driver::statics::{Options, run};
use clap::Parser;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("statics: {trouble}");
            ExitCode::from(2)
        }
    }
}
