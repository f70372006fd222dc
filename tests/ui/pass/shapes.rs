//! Every shape of type, in a crate that forbids what an expansion could be caught with.
#![forbid(unsafe_code)]
#![forbid(nonstandard_style, rust_2018_idioms, unused, missing_docs, warnings)]
// One by one: a forbidden group is lenient towards an `allow`, a forbidden lint is not.
#![forbid(dead_code, non_camel_case_types, non_upper_case_globals, unused_variables)]
#![deny(
    unreachable_pub,
    unused_qualifications,
    unused_results,
    unused_lifetimes,
    single_use_lifetimes,
    missing_debug_implementations,
    missing_copy_implementations,
    trivial_casts,
    let_underscore_drop,
    non_local_definitions
)]

use sydra_pool::{PoolBox, Pooled};

/// A struct with fields.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Named {
    /// A field.
    pub id: u64,
}

/// A tuple struct.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Tuple(pub u8, pub u16);

/// A unit struct.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Unit;

/// An enum.
#[derive(Pooled, Debug, Clone, Copy)]
pub enum Choice {
    /// One.
    One,
    /// Two.
    Two(u64),
    /// Three.
    Three {
        /// A field.
        deep: u8,
    },
}

/// Without variants.
#[derive(Pooled, Debug, Clone, Copy)]
pub enum Never {}

/// Lifetimes alone do not make a type generic.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Borrowed<'a, 'b: 'a>(pub &'a str, pub &'b str)
where
    'b: 'a;

/// A parameter, a bound, a default and a where clause.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Node<K: Copy, V = u32>
where
    V: Copy,
{
    /// A field.
    pub key: K,
    /// A field.
    pub value: V,
}

/// A const parameter with a default, beside a lifetime.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Ring<'a, const N: usize = 4> {
    /// A field.
    pub slots: [&'a u8; N],
}

/// Pooled where it is sized.
#[derive(Pooled, Debug)]
pub struct Tail<T: ?Sized> {
    /// A field.
    pub tail: T,
}

/// Aligned.
#[derive(Pooled, Debug, Clone, Copy)]
#[repr(align(4096))]
pub struct Aligned(pub u8);

/// Packed.
#[derive(Pooled, Debug, Clone, Copy)]
#[repr(packed)]
pub struct Packed(pub u8, pub u64);

/// A type whose values hold boxes of the same type.
#[derive(Pooled, Debug)]
pub struct List {
    /// The rest.
    pub rest: Option<PoolBox<List>>,
}

/// A field whose type is code.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Computed {
    /// A field.
    pub bytes: [u8; if cfg!(unix) {
        let n = 3;
        n
    } else {
        4
    }],
}

mod private {
    #![allow(unreachable_pub)]

    /// Public, in a private module.
    #[derive(sydra_pool::Pooled, Debug, Clone, Copy)]
    pub struct Inner(pub u8);
}

fn takes_any<'a, T: Pooled + 'a>(value: T) -> PoolBox<T> {
    PoolBox::new(value)
}

fn main() {
    drop(PoolBox::new(List { rest: Some(PoolBox::new(List { rest: None })) }));
    drop(PoolBox::new(Named { id: 1 }));
    drop(PoolBox::new(Tuple(1, 2)));
    drop(PoolBox::new(Unit));
    drop(PoolBox::new(Choice::Three { deep: 1 }));
    let _ = (Choice::One, Choice::Two(1));
    let local = String::from("here");
    drop(takes_any(Borrowed(&local, "there")));
    drop(PoolBox::new(Node { key: 1_u8, value: 2_u8 }));
    drop(PoolBox::new(Ring { slots: [&1, &2] }));
    drop(PoolBox::new(Tail { tail: 1_u64 }));
    drop(PoolBox::new(Aligned(1)));
    drop(PoolBox::new(Packed(1, 2)));
    drop(PoolBox::new(Computed { bytes: [1; 3] }));
    assert_eq!(PoolBox::new(private::Inner(1)).0, 1);
}
