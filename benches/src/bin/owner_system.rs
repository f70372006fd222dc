//! `Arc`, `Rc` and boxed futures on the system's allocator.

use std::process::ExitCode;

use benches::pointer::peer::peer_main;
use benches::pointer::rival::Std;

fn main() -> ExitCode {
    peer_main::<Std>()
}
