//! Boxes and arcs of every route behind one trait, dropped in other threads.
//!
//! Other tests use the same types and classes, so those that count have a process of their own.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use sydra_pool::{PoolArc, PoolBox, Pooled, coerce, pool};
use tests::counted::{class, counted};
use tests::ledger::Ledger;
use tests::rng::Rng;

use crate::things::*;

/// Of each type.
const MANY: usize = if cfg!(miri) { 3 } else { 120 };

const TYPES: usize = if cfg!(miri) { 7 } else { 17 };

/// Deals what there is to three threads, which drop it.
fn drop_elsewhere<T: Send>(mut objects: Vec<T>, look: impl Fn(&T) + Sync) {
    Rng::new(9).shuffle(&mut objects);
    let third = objects.len() / 3;
    let first = objects.split_off(objects.len() - third);
    let second = objects.split_off(objects.len() - third);
    let hands = [first, second, objects];
    thread::scope(|scope| {
        for hand in hands {
            let look = &look;
            scope.spawn(move || {
                for object in hand {
                    look(&object);
                }
            });
        }
    });
}

#[test]
fn boxes_of_every_route() {
    crate::apart("routes::boxes_of_every_route", boxes);
}

fn boxes() {
    let ledger = Ledger::new(MANY * TYPES);
    let mut objects: Vec<PoolBox<dyn Thing + Send>> = Vec::new();
    let mut number = 0;
    macro_rules! fill {
        ($($type:ty),*) => {$(
            for _ in 0..MANY {
                objects.push(coerce!(PoolBox::new(<$type>::make(number, &ledger)) => dyn Thing + Send));
                number += 1;
            }
        )*};
    }
    for_every_thing!(fill);
    assert_eq!(number, MANY * TYPES);
    let empty_before = EMPTY_DROPS.load(Relaxed);
    for _ in 0..MANY {
        objects.push(coerce!(PoolBox::new(Empty::make(0, &ledger)) => dyn Thing + Send));
        objects.push(coerce!(PoolBox::new(AlignedEmpty::make(0, &ledger)) => dyn Thing + Send));
    }

    #[cfg(not(miri))]
    let many = MANY as u64;
    let in_class = |stride: usize| {
        let class = class(stride);
        (class.live, class.allocations - class.frees)
    };
    let (merged, wiped) = (
        pool::<Merged>().geometry().stride,
        pool::<WipedMerged>().geometry().stride,
    );
    let (generic, wiped_generic) = (
        pool::<Generic<u64>>().geometry().stride,
        pool::<WipedGeneric<u64>>().geometry().stride,
    );
    // Those with a pool of their own are still there; merged ones have moved to their class.
    #[cfg(not(miri))]
    {
        let live = |own: &[u64]| assert!(own.iter().all(|&live| live == many), "{own:?}");
        live(&[
            pool::<Small>().live(),
            pool::<Page>().live(),
            pool::<Aligned>().live(),
            pool::<Lifted>().live(),
            pool::<Tuned>().live(),
            pool::<Listed<u64>>().live(),
            pool::<Wiped>().live(),
            pool::<Large>().live(),
            pool::<LargeMerged>().live(),
            pool::<WipedLarge>().live(),
            pool::<Over>().live(),
        ]);
        assert_eq!(
            (pool::<Merged>().live(), pool::<WipedMerged>().live()),
            (0, 0)
        );
        for stride in [merged, wiped, generic, wiped_generic] {
            assert_eq!(in_class(stride), (many, many), "class {stride}");
        }
    }

    drop_elsewhere(objects, |object| {
        let _ = object.number();
    });
    ledger.settled();
    assert_eq!(EMPTY_DROPS.load(Relaxed) - empty_before, 2 * MANY);
    macro_rules! empty {
        ($($type:ty),*) => {$(
            let figures = pool::<$type>().stats();
            assert_eq!(figures.live, 0, "{figures:?}");
            assert_eq!(figures.allocations, figures.frees, "{figures:?}");
            assert_eq!(figures.limbo, 0, "{figures:?}");
        )*};
    }
    for_every_thing!(empty);
    for stride in [merged, wiped, generic, wiped_generic] {
        assert_eq!(in_class(stride), (0, 0), "class {stride}");
    }
}

#[test]
fn arcs_of_every_route() {
    crate::apart("routes::arcs_of_every_route", arcs);
}

fn arcs() {
    let ledger = Ledger::new(MANY * TYPES);
    let mut objects: Vec<PoolArc<dyn Thing + Send + Sync>> = Vec::new();
    let mut number = 0;
    macro_rules! fill {
        ($($type:ty),*) => {$(
            for _ in 0..MANY {
                let typed = PoolArc::new(<$type>::make(number, &ledger));
                objects.push(coerce!(typed => dyn Thing + Send + Sync));
                number += 1;
            }
        )*};
    }
    for_every_thing!(fill);
    objects.extend(objects.clone());
    drop_elsewhere(objects, |object| {
        let _ = object.number();
    });
    ledger.settled();
    macro_rules! own {
        ($($type:ty),*) => {$(
            // Merged ones go back to where they came from: the head says more than the slab.
            let figures = counted::<$type>();
            assert_eq!((figures.live, figures.allocations), (0, figures.frees), "{figures:?}");
            assert!(cfg!(miri) || figures.allocations >= MANY as u64, "{figures:?}");
        )*};
    }
    own!(
        Small,
        Page,
        Aligned,
        Lifted,
        Tuned,
        Merged,
        Listed<u64>,
        Wiped,
        WipedMerged,
        Large,
        LargeMerged,
        WipedLarge,
        Over
    );
    // Values without size have a count, and so a block.
    let one = PoolArc::new(Empty);
    let objects = [coerce!(one.clone() => dyn Thing), coerce!(one => dyn Thing)];
    assert_eq!(counted::<Empty>().live, 1);
    drop(objects);
    tests::counted::settled::<Empty>();
}

/// What freed blocks of `zero_on_free` types still hold, though only the address told whose they were.
#[test]
#[cfg(not(miri))]
fn zero_on_free_leaves_nothing_behind() {
    crate::apart("routes::zero_on_free_leaves_nothing_behind", secrets);
}

#[cfg(not(miri))]
fn secrets() {
    const SECRET: u8 = 0xC3;
    trait Secret {}
    sydra_pool::pooled_dyn!(dyn Secret);

    macro_rules! secrets {
        ($($name:ident $([$parameter:ident])?: $bytes:literal $(#[$attribute:meta])*;)*) => {$(
            #[derive(Pooled)]
            $(#[$attribute])*
            struct $name$(<$parameter>)?(
                #[expect(dead_code, reason = "gives the value a size")] [u8; $bytes],
                $(core::marker::PhantomData<$parameter>,)?
            );
            impl$(<$parameter>)? Secret for $name$(<$parameter>)? {}
        )*};
    }
    secrets! {
        Own: 100 #[pooled(zero_on_free)];
        Blended: 17_000 #[pooled(merge, zero_on_free)];
        Shared[T]: 19_000 #[pooled(zero_on_free)];
        Public: 100;
        BlendedPublic: 21_000 #[pooled(merge)];
    }

    /// Their secret bytes after the boxes were dropped as trait objects.
    fn seen<T: Pooled + Secret>(
        make: impl Fn() -> T,
        turn: impl Fn(PoolBox<T>) -> PoolBox<dyn Secret>,
    ) -> usize {
        let boxes: Vec<_> = (0..50).map(|_| PoolBox::new(make())).collect();
        let places: Vec<*const T> = boxes.iter().map(PoolBox::as_ptr).collect();
        let objects: Vec<_> = boxes.into_iter().map(turn).collect();
        drop(objects);
        let bytes = places.iter().flat_map(|place| {
            // SAFETY: no access by the rules of the program, but by those of the engine: it keeps a
            // freed block's memory as it is while it lies in a magazine or a depot, or has its slab's
            // pages given back, which reads as zeros.
            unsafe { core::slice::from_raw_parts(place.cast::<u8>(), size_of::<T>()) }
        });
        bytes.filter(|&&byte| byte == SECRET).count()
    }

    use core::marker::PhantomData;
    assert_eq!(
        seen(|| Own([SECRET; 100]), |one| coerce!(one => dyn Secret)),
        0
    );
    assert_eq!(
        seen(
            || Blended([SECRET; 17_000]),
            |one| coerce!(one => dyn Secret)
        ),
        0
    );
    let shared = || Shared::<u64>([SECRET; 19_000], PhantomData);
    assert_eq!(seen(shared, |one| coerce!(one => dyn Secret)), 0);
    // The control: without the key the bytes stay, so the test does see freed blocks.
    assert!(seen(|| Public([SECRET; 100]), |one| coerce!(one => dyn Secret)) > 0);
    assert!(
        seen(
            || BlendedPublic([SECRET; 21_000]),
            |one| coerce!(one => dyn Secret)
        ) > 0
    );
}

/// A value whose drop panics: the block is back, and so is its line in the book.
#[test]
fn a_panic_in_a_drop_gives_the_block_back() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    macro_rules! burning {
        ($($name:ident $([$parameter:ident])?: $bytes:literal $(#[$attribute:meta])*;)*) => {$({
            #[derive(Pooled)]
            $(#[$attribute])*
            struct $name$(<$parameter>)?(
                [u8; $bytes],
                $(core::marker::PhantomData<$parameter>,)?
            );
            impl$(<$parameter>)? Drop for $name$(<$parameter>)? {
                fn drop(&mut self) {
                    panic!("burns");
                }
            }
            impl$(<$parameter>)? Thing for $name$(<$parameter>)? {
                fn number(&self) -> usize {
                    self.0.len()
                }
            }
            let make = || burning!(@make $name $bytes $($parameter)?);
            for _ in 0..if cfg!(miri) { 1 } else { 3 } {
                let object = coerce!(PoolBox::new(make()) => dyn Thing);
                assert_eq!(object.number(), $bytes);
                assert!(catch_unwind(AssertUnwindSafe(|| drop(object))).is_err());
                let figures = pool::<burning!(@type $name $($parameter)?)>().stats();
                assert_eq!((figures.live, figures.allocations), (0, figures.frees), "{figures:?}");

                let object = coerce!(PoolArc::new(make()) => dyn Thing);
                let other = object.clone();
                drop(object);
                assert!(catch_unwind(AssertUnwindSafe(|| drop(other))).is_err());
            }
        })*};
        (@make $name:ident $bytes:literal) => { $name([1; $bytes]) };
        (@make $name:ident $bytes:literal $parameter:ident) => {
            $name::<u64>([1; $bytes], core::marker::PhantomData)
        };
        (@type $name:ident) => { $name };
        (@type $name:ident $parameter:ident) => { $name<u64> };
    }
    burning! {
        BurnsOwn: 24;
        BurnsMerged: 23_000 #[pooled(merge)];
        BurnsGeneric[T]: 25_000;
        BurnsWiped: 24 #[pooled(zero_on_free)];
        BurnsLarge: 50_000;
        BurnsOver: 1 #[repr(align(8192))];
        BurnsEmpty: 0;
    }
}

/// A trait object of whatever is `Arc`-shaped: the ledger's own handle is not confused with it.
#[test]
fn an_arc_of_a_box() {
    #[derive(Pooled)]
    struct Holder(PoolBox<dyn Thing + Send + Sync>);
    impl Thing for Holder {
        fn number(&self) -> usize {
            self.0.number()
        }
    }
    #[derive(Pooled)]
    struct Inner(Arc<Ledger>);
    impl Thing for Inner {
        fn number(&self) -> usize {
            3
        }
    }
    impl Drop for Inner {
        fn drop(&mut self) {
            self.0.strike(0);
        }
    }
    let ledger = Ledger::new(1);
    let inner = coerce!(PoolBox::new(Inner(ledger.clone())) => dyn Thing + Send + Sync);
    let outer = coerce!(PoolArc::new(Holder(inner)) => dyn Thing + Send + Sync);
    let elsewhere = outer.clone();
    thread::spawn(move || assert_eq!(elsewhere.number(), 3))
        .join()
        .expect("no panic");
    assert_eq!(ledger.struck(), 0);
    drop(outer);
    ledger.settled();
    assert_eq!(pool::<Inner>().live(), 0);
}
