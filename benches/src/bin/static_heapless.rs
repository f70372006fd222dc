//! The pool of heapless, in a process of its own.

use std::process::ExitCode;

use benches::fixed::peer::peer_main;
use benches::fixed::rivals::Heapless;

fn main() -> ExitCode {
    peer_main::<Heapless>()
}
