//! A crate whose own names are those of the standard library and of the expansion.
#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code, non_camel_case_types, non_upper_case_globals, unused_macros)]

use ::sydra_pool::{PoolBox, Pooled};

mod core {}
mod std {}
mod alloc {}
mod sydra_pool {}
struct Option;
struct Some;
struct Result;
struct Sized;
struct Send;
struct Sync;
struct Drop;
struct Report;
struct Class;
struct Stride;
struct Waste;
struct FnOnce;
struct Plan;
struct Pool;
struct Magazine;
struct usize;
struct str;
struct bool;
const PLAN: u8 = 0;
static POOL: u8 = 0;
static MAGAZINE: u8 = 0;
static f: u8 = 0;
const NUMBER: ::core::primitive::usize = 8;
fn check_shards() {}
fn check_fits() {}
macro_rules! shadowed {
    ($($name:ident)*) => {$(
        macro_rules! $name {
            () => {
                compile_error!("the wrong one");
            };
        }
    )*};
}
shadowed!(assert panic concat stringify const_format_args);
macro_rules! thread_local {
    () => {
        compile_error!("the wrong one");
    };
}

#[derive(Pooled)]
#[pooled(shards = NUMBER, fallback = "none")]
struct First(u8);

#[derive(Pooled)]
#[pooled(max_waste = 100, merge)]
struct Second(u8);

#[derive(Pooled)]
struct Generic<T>(T);

#[derive(Pooled)]
struct Relaxed<T: ?::core::marker::Sized>(T);

/// Parameters with the names an expansion might use.
#[derive(Pooled)]
struct Greedy<R, F, T, const f: ::core::primitive::usize>(R, F, T);

/// A raw name, and a raw parameter.
#[derive(Pooled)]
struct r#type<r#fn>(r#fn);

mod engine {
    pub(crate) use ::sydra_pool as renamed;
}

#[derive(Pooled)]
#[pooled(crate = engine::renamed)]
struct ByPath(u8);

#[derive(Pooled)]
#[pooled(crate = "engine::renamed", magazine = 8)]
struct ByString<'a>(&'a u8);

#[derive(Pooled)]
#[pooled(crate = crate::engine::renamed)]
struct ByPathGeneric<T>(T);

fn main() {
    drop(PoolBox::new(First(1)));
    drop(PoolBox::new(Second(1)));
    drop(PoolBox::new(Generic(1)));
    drop(PoolBox::new(Relaxed(1)));
    drop(PoolBox::new(Greedy::<_, _, _, 3>(1, 2, 3)));
    ::std::assert_eq!(::sydra_pool::pool::<r#type<u8>>().name(), "type");
    drop(PoolBox::new(ByPath(1)));
    drop(PoolBox::new(ByString(&1)));
    drop(PoolBox::new(ByPathGeneric(1)));
}
