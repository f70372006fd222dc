//! Our epoch and a typed pool, in a program that leaves everything else to the system's allocator.

use std::process::ExitCode;

use benches::epoch::peer::peer_main;
use benches::epoch::sydra::Sydra;

fn main() -> ExitCode {
    peer_main::<Sydra>(Some(|| sydra_pool::snapshot().bytes.metadata))
}
