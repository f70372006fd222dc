//! Alignments are powers of two, up to 4096.

use sydra_pool::{StaticBox, StaticPool};

static POOL: StaticPool<u64, 10, 48> = StaticPool::new();

fn take(_: StaticBox<u64, 8192>) {}

fn main() {}
