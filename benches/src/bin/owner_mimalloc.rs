//! `Arc`, `Rc` and boxed futures on mimalloc v3, built as its users build it.

use std::process::ExitCode;

use benches::pointer::peer::peer_main;
use benches::pointer::rival::Std;

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    peer_main::<Std>()
}
