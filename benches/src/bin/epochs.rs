//! Compares our epoch with the rivals in reclaiming; see `benches/README.md`.

use std::process::ExitCode;

use benches::driver::epochs::{Options, run};
use clap::Parser;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("epochs: {trouble}");
            ExitCode::from(2)
        }
    }
}
