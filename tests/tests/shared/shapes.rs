//! The script for every shape of type and every key: empty, over-aligned, larger than pools serve,
//! merged, overwritten, listed instances, generic, with a lifetime.

use sydra_pool::{PoolArc, PoolRc, Pooled, pool};
use tests::counted::{counted, counted_size, settled};

use crate::script::{Probe, Tally, alike};

const SEEDS: u64 = if cfg!(miri) { 1 } else { 4 };

/// A value of a number and bytes that all say the number, in some shape.
macro_rules! shape {
    ($(#[$attribute:meta])* $name:ident, $test:expr, $body:literal) => {
        #[derive(Clone, Pooled)]
        #[pooled(name = $test)]
        $(#[$attribute])*
        struct $name {
            number: u64,
            body: [u8; $body],
            _tally: Tally,
        }

        impl Probe for $name {
            fn make(number: u64) -> Self {
                Self { number, body: [number as u8; $body], _tally: Tally }
            }
            fn number(&self) -> u64 {
                assert!((&raw const *self).addr().is_multiple_of(align_of::<Self>()));
                assert_eq!(self.body, [self.number as u8; $body]);
                self.number
            }
            fn set(&mut self, number: u64) {
                self.number = number;
                self.body = [number as u8; $body];
            }
        }
    };
}

macro_rules! shapes {
    ($($test:ident: $(#[$attribute:meta])* $body:literal;)*) => {$(
        #[test]
        fn $test() {
            shape!($(#[$attribute])* Shape, stringify!($test), $body);
            for seed in 0..SEEDS {
                alike::<Shape>(seed);
            }
            settled::<Shape>();
            // Boxes of the type have a pool of their own beside it.
            assert_eq!(pool::<Shape>().stats().allocations, 0);
        }
    )*};
}

shapes! {
    plain: 0;
    a_byte_more: 1;
    a_page: 4_096;
    aligned_to_16: #[repr(align(16))] 1;
    aligned_to_32: #[repr(align(32))] 5;
    aligned_to_64: #[repr(align(64))] 1;
    aligned_to_a_page: #[repr(align(4096))] 1;
    tuned: #[pooled(shards = 3, magazine = 4, slab_size = 128 << 10)] 24;
    apart: #[pooled(isolate)] 3;
    overwritten: #[pooled(zero_on_free)] 33;
    merged: #[pooled(merge)] 40;
    merged_and_overwritten: #[pooled(merge, zero_on_free)] 41;
    without_shards: #[pooled(shards = 0)] 9;
    strict: #[pooled(fallback = "none")] 100;
}

#[cfg(not(miri))]
shapes! {
    aligned_beyond_pools: #[repr(align(8192))] 1;
    aligned_far_beyond_pools: #[repr(align(65536))] 1;
    larger_than_pools: 40_000;
    larger_and_overwritten: #[pooled(zero_on_free)] 33_000;
    just_too_large_with_a_head: 32_752;
    just_small_enough_with_a_head: 32_744;
}

#[derive(Clone, Pooled)]
struct Empty(Tally);

impl Probe for Empty {
    fn make(_: u64) -> Self {
        Self(Tally)
    }
    fn number(&self) -> u64 {
        0
    }
    fn set(&mut self, _: u64) {}
}

#[test]
fn nothing_at_all() {
    for seed in 0..SEEDS {
        alike::<Empty>(seed);
    }
    settled::<Empty>();
    // A value without size still has a count, so it has a block, and two of them are two.
    let (one, two) = (PoolArc::new(Empty(Tally)), PoolArc::new(Empty(Tally)));
    assert!(!PoolArc::ptr_eq(&one, &two));
    assert_eq!(counted::<Empty>().live, 2);
}

#[test]
fn nothing_that_is_aligned() {
    #[derive(Clone, Pooled)]
    #[repr(align(128))]
    struct AlignedEmpty(Tally);
    impl Probe for AlignedEmpty {
        fn make(_: u64) -> Self {
            Self(Tally)
        }
        fn number(&self) -> u64 {
            assert!((&raw const *self).addr().is_multiple_of(128));
            0
        }
        fn set(&mut self, _: u64) {}
    }
    alike::<AlignedEmpty>(1);
    settled::<AlignedEmpty>();
}

#[derive(Clone, Pooled)]
struct Generic<T>(T, Tally);

impl<const BYTES: usize> Probe for Generic<[u8; BYTES]> {
    fn make(number: u64) -> Self {
        Self([number as u8; BYTES], Tally)
    }
    fn number(&self) -> u64 {
        assert_eq!(self.0, [self.0[0]; BYTES]);
        self.0[0].into()
    }
    fn set(&mut self, number: u64) {
        self.0 = [number as u8; BYTES];
    }
}

#[test]
fn generic_types_share_the_classes() {
    alike::<Generic<[u8; 1]>>(1);
    alike::<Generic<[u8; 41]>>(2);
    alike::<Generic<[u8; 48]>>(3);
    alike::<Generic<[u8; 2_000]>>(4);
    #[cfg(not(miri))]
    alike::<Generic<[u8; 32_752]>>(5);
    #[cfg(not(miri))]
    alike::<Generic<[u8; 40_000]>>(6);
}

#[test]
fn instances_have_pools_of_their_own() {
    #[derive(Clone, Pooled)]
    #[pooled(instances(Listed<u32>, Listed<u64>))]
    struct Listed<T>(T, Tally);
    macro_rules! probe {
        ($($number:ty),*) => {$(
            impl Probe for Listed<$number> {
                fn make(number: u64) -> Self {
                    Self(number as $number, Tally)
                }
                fn number(&self) -> u64 {
                    self.0.into()
                }
                fn set(&mut self, number: u64) {
                    self.0 = number as $number;
                }
            }
        )*};
    }
    probe!(u32, u64);
    alike::<Listed<u32>>(1);
    alike::<Listed<u64>>(2);
    settled::<Listed<u64>>();
    settled::<Listed<u32>>();
}

#[test]
fn borrowed_values() {
    #[derive(Clone, Debug, PartialEq, Pooled)]
    struct Line<'t>(&'t str);
    let text = String::from("some words on a line");
    let line = PoolArc::new(Line(&text));
    let mut other = line.clone();
    PoolArc::make_mut(&mut other).0 = &text[5..];
    assert_eq!((line.0, other.0), (&*text, "words on a line"));
    assert_eq!(counted::<Line<'static>>().live, 2);
    let here = PoolRc::new(Line(&text));
    assert_eq!(*here, *line);
    drop((line, other, here));
    settled::<Line<'static>>();
}

/// `PoolArc` and `PoolRc` share the pool, and a block goes from one to the other.
#[test]
fn one_pool_for_both() {
    shape!(Both, "Both", 6);
    let arc = PoolArc::new(Both::make(1));
    let place = PoolArc::as_ptr(&arc).addr();
    drop(arc);
    let rc = PoolRc::new(Both::make(2));
    assert_eq!(PoolRc::as_ptr(&rc).addr(), place);
    assert_eq!((rc.number(), PoolRc::strong_count(&rc)), (2, 1));
    assert_eq!(counted::<Both>().size, counted_size::<Both>());
}

/// The last owner's free overwrites the value, and the head as well.
#[test]
#[cfg(not(miri))]
fn zero_on_free_leaves_nothing_behind() {
    const SECRET: u8 = 0xC3;
    /// The secret bytes that freed blocks still hold.
    fn seen<T: Pooled + Clone>(value: &T) -> usize {
        let values: Vec<_> = (0..300).map(|_| PoolArc::new(value.clone())).collect();
        let clones = values.clone();
        let places: Vec<*const T> = values.iter().map(PoolArc::as_ptr).collect();
        drop((values, clones));
        let bytes = places.iter().flat_map(|place| {
            // SAFETY: no access by the rules of the program, but by those of the engine: it keeps a
            // freed block's memory as it is while it lies in a magazine or a depot, and no other
            // test uses this type's pool.
            unsafe { core::slice::from_raw_parts(place.cast::<u8>(), size_of::<T>()) }
        });
        bytes.filter(|&&byte| byte == SECRET).count()
    }
    #[derive(Clone, Pooled)]
    #[pooled(zero_on_free)]
    struct Secret(#[expect(dead_code, reason = "gives the value a size")] [u8; 100]);
    #[derive(Clone, Pooled)]
    #[pooled(zero_on_free)]
    #[repr(align(64))]
    struct AlignedSecret(#[expect(dead_code, reason = "gives the value a size")] [u8; 100]);
    #[derive(Clone, Pooled)]
    struct Public(#[expect(dead_code, reason = "gives the value a size")] [u8; 100]);
    assert_eq!(seen(&Secret([SECRET; 100])), 0);
    assert_eq!(seen(&AlignedSecret([SECRET; 100])), 0);
    // The control: without the key the bytes stay, so the test does see freed blocks.
    assert!(seen(&Public([SECRET; 100])) > 0);
}
