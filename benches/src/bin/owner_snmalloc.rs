//! `Arc`, `Rc` and boxed futures on snmalloc.

use std::process::ExitCode;

use benches::pointer::peer::peer_main;
use benches::pointer::rival::Std;

#[global_allocator]
static GLOBAL: snmalloc_rs::SnMalloc = snmalloc_rs::SnMalloc;

fn main() -> ExitCode {
    peer_main::<Std>()
}
