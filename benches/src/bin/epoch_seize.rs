//! seize on mimalloc v3, both built as their users build them.

use std::process::ExitCode;

use benches::epoch::peer::peer_main;
use benches::epoch::seize::Seize;

#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    peer_main::<Seize>(None)
}
