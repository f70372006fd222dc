//! `Arc`, `Rc` and boxed futures on jemalloc.

use std::process::ExitCode;

use benches::pointer::peer::peer_main;
use benches::pointer::rival::Std;

#[global_allocator]
static GLOBAL: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    peer_main::<Std>()
}
