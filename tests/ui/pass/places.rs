//! Types inside functions, and types that a macro writes.
#![forbid(unsafe_code)]
#![deny(warnings)]
#![allow(dead_code)]

use sydra_pool::{PoolBox, Pooled};

macro_rules! record {
    ($name:ident, $ty:ty, $shards:expr, $magazine:literal, $label:expr) => {
        #[derive(sydra_pool::Pooled)]
        #[pooled(shards = $shards, magazine = $magazine, name = $label)]
        struct $name($ty);
    };
}
record!(Record, u64, 2 + 2, 16, stringify!(record of orders));

macro_rules! fixed {
    () => {
        #[derive(Pooled)]
        #[pooled(shards = 3)]
        struct Fixed<'a>(&'a u8);
    };
}
fixed!();

macro_rules! listed {
    ($name:ident: $($argument:ty),*) => {
        #[derive(Pooled)]
        #[pooled(instances($($name<$argument>),*))]
        struct $name<T>(T);
    };
}
listed!(Listed: u8, Vec<u16>);

macro_rules! whole {
    ($($instance:ty),*) => {
        #[derive(Pooled)]
        #[pooled(instances($($instance),*))]
        struct Whole<T>(T);
    };
}
whole!(Whole<u8>, Whole<Vec<u16>>);

macro_rules! keyed {
    ($key:ident = $value:tt) => {
        #[derive(Pooled)]
        #[pooled($key = $value)]
        struct Keyed(u8);
    };
}
keyed!(align = 128);

macro_rules! everything {
    ($(#[$attribute:meta])* $vis:vis struct $name:ident<$lifetime:lifetime>; $($keys:tt)*) => {
        $(#[$attribute])*
        #[derive(Pooled)]
        #[pooled($($keys)*)]
        $vis struct $name<$lifetime>(&$lifetime u8);
    };
}
everything! {
    /// With an attribute.
    #[derive(Debug)]
    pub struct Everything<'a>; shards = 2 + 2, max_waste = 100, name = "everything"
}

pub mod engine {
    pub use ::sydra_pool as renamed;
}

macro_rules! through_the_macros_crate {
    ($name:ident, $path:path, $magazine:expr, $most:literal, $bound:literal) => {
        #[derive(Pooled)]
        #[pooled(crate = $crate::engine::renamed, magazine = $magazine, max_waste = $most)]
        struct $name(u8);

        mod generic {
            #[derive(super::Pooled)]
            #[pooled(crate = $path, bound = $bound)]
            pub struct Generic<T>(pub T);
        }
    };
}
through_the_macros_crate!(ByCrate, crate::engine::renamed, 3 * 3, 100, "T: Copy");

macro_rules! registers {
    ($($ty:ty),*) => {
        sydra_pool::register!($($ty),*);
        sydra_pool::register![$($ty,)*];
    };
}

#[cfg_attr(all(), derive(Pooled), pooled(magazine = 4))]
#[cfg_attr(all(), pooled(shards = 2))]
#[cfg_attr(any(), pooled(nonsense))]
enum Conditional {
    One(u8),
}

const _: () = {
    #[derive(Pooled)]
    struct InConstant(u8);
};

fn in_function<T: Default>() -> T {
    const LOCAL: usize = 8;
    #[derive(Pooled)]
    #[pooled(shards = LOCAL)]
    struct Hidden(u32);
    #[derive(Pooled)]
    struct Local<T>(T);
    drop(PoolBox::new(Hidden(1)));
    PoolBox::new(Local(T::default()));
    T::default()
}

trait Shape {
    fn shape();
}

impl Shape for u8 {
    fn shape() {
        #[derive(Pooled)]
        enum Inner {
            One(u8),
        }
        let Inner::One(_) = *PoolBox::new(Inner::One(1));
    }
}

fn main() {
    registers!(Record, Fixed<'static>, Listed<u8>, ByCrate, generic::Generic<u8>);
    drop((PoolBox::new(Everything(&1)), PoolBox::new(ByCrate(1))));
    drop(PoolBox::new(generic::Generic(1)));
    drop(PoolBox::new(Conditional::One(1)));
    let in_closure = || {
        #[derive(Pooled)]
        struct Enclosed<'a>(&'a str);
        PoolBox::new(Enclosed("here")).0.len()
    };
    assert_eq!(in_closure(), 4);
    drop(PoolBox::new(Record(1)));
    drop(PoolBox::new(Fixed(&1)));
    drop(PoolBox::new(Listed(vec![1_u16])));
    drop(PoolBox::new(Whole(1_u8)));
    drop(PoolBox::new(Keyed(1)));
    assert_eq!(in_function::<u8>(), 0);
    <u8 as Shape>::shape();
    assert_eq!(sydra_pool::pool::<Record>().name(), "record of orders");
}
