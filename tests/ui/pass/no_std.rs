//! A crate without `std` and without its prelude, in which another crate goes by the name of `core`.
#![no_std]
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, unused_qualifications)]
#![allow(unused_extern_crates)]

extern crate sydra_pool as core;
extern crate sydra_pool as std;

use ::sydra_pool::{PoolBox, Pooled, SydraPool, register};

/// With a pool of its own.
#[derive(Pooled)]
#[pooled(shards = 2, max_waste = 0, name = NAME)]
struct Own<'a>(&'a u8);

const NAME: &::sydra_pool::__private::v1::primitive::str = "own";

/// With the pools of the classes.
#[derive(Pooled)]
#[pooled(fallback = "none", max_waste = 90)]
struct Generic<T: ?::sydra_pool::__private::v1::Sized>(T);

#[::sydra_pool::config(shards = 2, classes = [16, 32], poison)]
static POOL: SydraPool = SydraPool::new();

fn main() {
    register!(Own<'_>, Generic<u8>);
    let own = PoolBox::new(Own(&1));
    let generic = PoolBox::new(Generic(1_u8));
    let _ = (*own.0, generic.0, &POOL);
}
