//! Fixed pools: every key that may stand beside `capacity`, in every place.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, unused_qualifications)]

use sydra_pool::{PoolBox, Pooled};

const FOUR: usize = 4;

/// With everything that may stand beside it.
#[derive(Pooled, Debug)]
#[pooled(capacity = 8, align = 64, max_limbo = 4096, isolate, fallback = "none", zero_on_free)]
#[pooled(name = "fixed", max_waste = 99)]
pub struct Fixed<'a>(pub &'a u8);

/// The least.
#[derive(Pooled, Debug)]
#[pooled(capacity = 1)]
pub struct Lonely(pub u8);

/// The most.
#[derive(Pooled, Debug)]
#[pooled(capacity = 65_535)]
pub struct Crowd(pub u8);

/// An expression, and more than one instance.
#[derive(Pooled, Debug)]
#[pooled(instances(Listed<u8>, Listed<[u64; 2]>), capacity = FOUR << 4, max_waste = FOUR * 25)]
pub struct Listed<T>(pub T);

/// Larger than any block of a pool that grows.
#[derive(Pooled, Debug)]
#[pooled(capacity = 2, fallback = "none")]
pub struct Large(pub [u8; 40_000]);

/// Of a type that nobody outside can name, whose values hold boxes of the same type.
#[derive(Pooled, Debug)]
#[pooled(capacity = 4)]
struct Tree<'a> {
    name: &'a str,
    branches: [Option<PoolBox<Tree<'a>>>; 2],
}

/// Public, with an argument that is not.
#[derive(Pooled, Debug)]
#[pooled(instances(Public<Secret>), capacity = 4)]
pub struct Public<T>(pub T);

#[derive(Debug)]
struct Secret;

/// Neither `Send` nor `Sync`: its static is, all the same.
#[derive(Pooled, Debug)]
#[pooled(capacity = 4)]
pub struct Local(pub std::rc::Rc<u8>);

macro_rules! record {
    ($vis:vis $name:ident, $capacity:expr, $align:literal) => {
        /// Written by a macro.
        #[derive(Pooled, Debug)]
        #[pooled(capacity = $capacity, align = $align)]
        $vis struct $name(u8);
    };
}
record!(pub Record, FOUR + 4, 64);

fn in_function() -> usize {
    const LOCAL: usize = 2;
    #[derive(Pooled)]
    #[pooled(capacity = LOCAL)]
    struct Hidden(u32);
    let hidden = PoolBox::new(Hidden(5));
    hidden.0 as usize
}

fn main() {
    drop((PoolBox::new(Fixed(&1)), PoolBox::new(Lonely(1)), PoolBox::new(Crowd(1))));
    drop((PoolBox::new(Listed(1_u8)), PoolBox::new(Listed([1_u64; 2]))));
    drop((PoolBox::new(Large([1; 40_000])), PoolBox::new(Public(Secret)), PoolBox::new(Record(1))));
    drop(PoolBox::new(Local(std::rc::Rc::new(1))));
    let name = String::from("here");
    let leaf = PoolBox::new(Tree { name: &name, branches: [None, None] });
    let tree = PoolBox::new(Tree { name: &name, branches: [Some(leaf), None] });
    assert!(tree.branches[0].as_ref().is_some_and(|leaf| leaf.name == tree.name));
    assert_eq!(in_function(), 5);
    assert_eq!(sydra_pool::pool::<Fixed<'_>>().name(), "fixed");
    assert_eq!(<Record as Pooled>::BLOCK_BYTES, 64);
}
