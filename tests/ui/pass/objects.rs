//! Trait objects in a crate that shadows everything and allows nothing.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::all, clippy::pedantic)]
#![allow(dead_code, non_camel_case_types, non_upper_case_globals, unused_macros)]

use ::sydra_pool::{PoolArc, PoolBox, PoolRc, Pooled, coerce, pooled_dyn};

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
struct Stored;
struct Coercible;
struct Unknown;
struct usize;
static value: u8 = 0;
static pointer: u8 = 0;
macro_rules! thread_local {
    () => {
        compile_error!("the wrong one");
    };
}

/// A trait.
pub trait Shape {
    /// Its area.
    fn area(&self) -> ::core::primitive::f64;
}
pooled_dyn!(dyn Shape);

/// A trait with parameters, as a path.
pub mod inner {
    /// A trait with a lifetime, a type and a constant.
    pub trait Visitor<'v, T, const N: ::core::primitive::u8>: ::core::any::Any {
        /// Visits.
        fn visit(&mut self, value: &'v T) -> ::core::primitive::u8;
    }
}
pooled_dyn!(['v, T: 'static, const N: ::core::primitive::u8] dyn inner::Visitor<'v, T, N>);

/// A trait with an item.
pub trait Source {
    /// What it gives.
    type Item;
    /// Gives one.
    fn give(&mut self) -> Self::Item;
}
pooled_dyn!([I] dyn Source<Item = I>);

/// A square.
#[derive(Pooled)]
pub struct Square(::core::primitive::f64);

impl Shape for Square {
    fn area(&self) -> ::core::primitive::f64 {
        self.0 * self.0
    }
}

impl<'v> inner::Visitor<'v, ::core::primitive::u8, 3> for Square {
    fn visit(&mut self, text: &'v ::core::primitive::u8) -> ::core::primitive::u8 {
        *text
    }
}

impl Source for Square {
    type Item = ::core::primitive::f64;
    fn give(&mut self) -> ::core::primitive::f64 {
        self.0
    }
}

/// Covariance: a longer life is a shorter one too.
pub fn shorter<'s>(
    boxed: PoolBox<Line<'static>>,
    arc: PoolArc<Line<'static>>,
    rc: PoolRc<Line<'static>>,
) -> (PoolBox<Line<'s>>, PoolArc<Line<'s>>, PoolRc<Line<'s>>) {
    (boxed, arc, rc)
}

/// The same for trait objects.
pub fn shorter_object<'s>(
    boxed: PoolBox<dyn Shape>,
    arc: PoolArc<dyn Shape>,
) -> (PoolBox<dyn Shape + 's>, PoolArc<dyn Shape + 's>) {
    (boxed, arc)
}

/// By coercion as well.
pub fn shorter_by_coercion<'s>(boxed: PoolBox<dyn Shape>) -> PoolBox<dyn Shape + 's> {
    coerce!(boxed => dyn Shape + 's)
}

/// Borrows.
#[derive(Pooled)]
pub struct Line<'t>(&'t ::core::primitive::str);

fn main() {
    let shape = coerce!(PoolBox::new(Square(3.0)) => dyn Shape);
    assert!(shape.area() > 8.9);
    let shape: PoolArc<dyn Shape + ::core::marker::Send + ::core::marker::Sync> =
        coerce!(PoolArc::new(Square(2.0)) => dyn Shape + ::core::marker::Send + ::core::marker::Sync);
    assert!(shape.area() < 4.1);
    let shape = coerce!(shape => dyn Shape);
    assert!(shape.area() < 4.1);
    let mut source = coerce!(PoolBox::new(Square(1.0)) => dyn Source<Item = ::core::primitive::f64>);
    assert!(source.give() < 1.1);
    let (boxed, arc) = shorter_object(
        coerce!(PoolBox::new(Square(3.0)) => dyn Shape),
        coerce!(PoolArc::new(Square(3.0)) => dyn Shape),
    );
    assert!(boxed.area() + arc.area() > 17.9);
}
