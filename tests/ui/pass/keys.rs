//! Every key, in every form it may have.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs)]

use sydra_pool::{PoolBox, Pooled};

const SHARDS: usize = 4;

const fn pick<const A: usize, const B: usize>() -> usize {
    if A < B { A } else { B }
}

/// All counts as literals.
#[derive(Pooled, Debug)]
#[pooled(shards = 8, slab_size = 65536, magazine = 64, align = 64, max_limbo = 1_048_576)]
#[pooled(isolate, fallback = "none", zero_on_free, name = "literal")]
pub struct Literal(pub u8);

/// All counts as expressions; several attributes are one list.
#[derive(Pooled, Debug)]
#[pooled(shards = SHARDS * 2, slab_size = 1 << 17)]
#[pooled(magazine = pick::<64, 128>(), align = { let half = 8; half * 2 },)]
#[pooled(max_limbo = SHARDS << 20)]
#[pooled(name = concat!("expr", "ession"), fallback = "heap")]
#[pooled()]
pub struct Expression(pub u8);

/// The limits, as literals.
#[derive(Pooled, Debug)]
#[pooled(shards = 0, slab_size = 65536, magazine = 2, align = 1, max_limbo = 1)]
pub struct Least(pub u8);

/// The limits, as literals where there is one.
#[derive(Pooled, Debug)]
#[pooled(shards = 64, slab_size = 1_048_576, magazine = 1024, align = 0x1000, max_limbo = usize::MAX)]
pub struct Most(pub u8);

/// With the class's blocks.
#[derive(Pooled, Debug)]
#[pooled(merge, max_limbo = 4096)]
pub struct Merged(pub u8);

/// The keys a generic type may have.
#[derive(Pooled, Debug)]
#[pooled(align = 32, max_limbo = 1 << 20, fallback = "none", zero_on_free)]
#[pooled(name = "generic", bound = "T: Send, U: Sync")]
pub struct Generic<T, U>(pub T, pub U);

/// Pools for the listed instantiations.
#[derive(Pooled, Debug)]
#[pooled(instances(Listed<u32, 4>, self::Listed<&'static str, { 2 + 2 }>, Listed<Vec<u8>, 1>,), shards = 2)]
#[pooled(max_limbo = 64 * 1024)]
pub struct Listed<T, const N: usize>(pub [T; N]);

/// Lifetimes in a listed type are elided or static.
#[derive(Pooled, Debug)]
#[pooled(instances(View<'_, u8>, View<'static, u16>), fallback = "none", name = "view")]
pub struct View<'a, T>(pub &'a T);

/// The smallest block, and the limits of what may be wasted.
#[derive(Pooled, Debug)]
#[pooled(max_waste = 88)]
pub struct Lonely(pub u8);

/// A limit as an expression, and the most.
#[derive(Pooled, Debug)]
#[pooled(instances(Crowd<u8>, Crowd<[u64; 2]>), merge, max_waste = SHARDS * 25)]
pub struct Crowd<T>(pub T);

/// No waste, and a limit on it, where the size is known at each use only.
#[derive(Pooled, Debug)]
#[pooled(max_waste = 0)]
pub struct Tight<T>(pub T);

fn main() {
    drop((PoolBox::new(Lonely(1)), PoolBox::new(Tight([1_u8; 48]))));
    drop((PoolBox::new(Crowd(1_u8)), PoolBox::new(Crowd([1_u64; 2]))));
    assert_eq!(<Tight<[u8; 48]> as Pooled>::BLOCK_BYTES, 48);
    assert_eq!(<Lonely as Pooled>::WASTE_BYTES, 7);
    drop(PoolBox::new(Literal(1)));
    drop(PoolBox::new(Expression(1)));
    drop((PoolBox::new(Least(1)), PoolBox::new(Most(1))));
    drop(PoolBox::new(Merged(1)));
    drop(PoolBox::new(Generic(1_u8, 2_u8)));
    drop(PoolBox::new(Listed([1_u32; 4])));
    drop(PoolBox::new(Listed(["a"; 4])));
    drop(PoolBox::new(Listed([vec![1_u8]])));
    let local = 5_u8;
    drop(PoolBox::new(View(&local)));
    assert_eq!(sydra_pool::pool::<Literal>().name(), "literal");
    assert_eq!(sydra_pool::pool::<Expression>().name(), "expression");
    assert_eq!(sydra_pool::pool::<Merged>().name(), "Merged");
    assert_eq!(sydra_pool::pool::<Listed<u32, 4>>().name(), "Listed<u32, 4>");
    assert_eq!(sydra_pool::pool::<View<'_, u8>>().name(), "view<'_, u8>");
}
