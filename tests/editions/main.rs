//! Built by `ci/editions` in every edition, with the engine under another name.
#![forbid(unsafe_code)]
#![deny(warnings, rust_2018_idioms, rust_2021_compatibility, rust_2024_compatibility)]
#![allow(unused_extern_crates, dead_code)]

extern crate pool;

use pool::{PoolBox, Pooled, SydraPool, register};

#[pool::config(shards = 2, crate = pool)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

#[derive(Pooled)]
#[pooled(crate = pool, shards = 2, name = "own", max_waste = 0)]
struct Own<'a>(&'a u64);

#[derive(Pooled)]
#[pooled(crate = "pool", fallback = "none", max_waste = 90)]
struct Generic<T>(T);

#[derive(Pooled)]
#[pooled(crate = ::pool, instances(Listed<u8>))]
struct Listed<T>(T);

fn main() {
    register!(Own<'_>, Generic<u8>);
    drop((PoolBox::new(Own(&1)), PoolBox::new(Generic(1u8)), PoolBox::new(Listed(1u8))));
}
