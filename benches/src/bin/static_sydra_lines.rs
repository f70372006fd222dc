//! Our fixed pool, each block on cache lines of its own, in a process of its own.

use std::process::ExitCode;

use benches::fixed::peer::peer_main;
use benches::fixed::pool::SydraLines;

fn main() -> ExitCode {
    peer_main::<SydraLines>()
}
