//! The attribute below `#[global_allocator]`, in a crate with unhelpful names.
#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code, non_camel_case_types)]

mod core {}
mod std {}
mod sydra_pool {}
struct Config;
struct Settings;
struct Mode;
struct usize;

use ::sydra_pool::SydraPool as Pool;

mod engine {
    pub(crate) use ::sydra_pool as renamed;
}

#[global_allocator]
#[::sydra_pool::config(shards = 8, magazine = 8 * 2, mode = "small_pool", classes = [16, 64], crate = engine::renamed)]
static GLOBAL: Pool = Pool::new();


fn main() {
    ::std::assert_eq!(*::std::boxed::Box::new(5), 5);
}
