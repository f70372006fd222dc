//! Compares our counting pointers and pooled futures with `std`'s on other allocators; see `benches/README.md`.

use std::process::ExitCode;

use benches::driver::owners::{Options, run};
use clap::Parser;

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(code) => code,
        Err(trouble) => {
            eprintln!("owners: {trouble}");
            ExitCode::from(2)
        }
    }
}
