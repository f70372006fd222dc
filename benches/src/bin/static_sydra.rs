//! Our fixed pool, in a process of its own.

use std::process::ExitCode;

use benches::fixed::peer::peer_main;
use benches::fixed::pool::Sydra;

fn main() -> ExitCode {
    peer_main::<Sydra>()
}
