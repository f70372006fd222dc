//! There and back: downcasts, upcasts, raw pointers, and coercions that forget nothing.

use std::any::Any;
use std::sync::Arc;

use sydra_pool::{PoolArc, PoolBox, PoolRc, Pooled, coerce, pool};
use tests::counted::class;
use tests::ledger::Ledger;

use crate::things::{self as t, Make, Named, Thing, for_every_thing};

const MANY: usize = if cfg!(miri) { 2 } else { 40 };

/// To `dyn Any` and back, several times, and dropped by either.
fn there_and_back<T: Make + Any>() {
    let ledger = Ledger::new(MANY);
    for number in 0..MANY {
        let mut typed = PoolBox::new(T::make(number, &ledger));
        let place = PoolBox::as_ptr(&typed).addr();
        for _ in 0..3 {
            let any: PoolBox<dyn Any> = coerce!(typed => dyn Any);
            // Another type is refused, and the box comes back whole.
            let any = any
                .downcast::<Unrelated>()
                .map(|_| ())
                .expect_err("another type");
            typed = any
                .downcast::<T>()
                .map_err(|_| "its type")
                .expect("its own type");
            assert_eq!(PoolBox::as_ptr(&typed).addr(), place);
            assert!(T::EMPTY || typed.number() == number);
        }
        match number % 4 {
            0 => drop(typed),
            1 => drop(PoolBox::into_inner(typed)),
            2 => drop(coerce!(typed => dyn Any + Send)),
            _ => {
                let any = coerce!(typed => dyn Any + Send + Sync);
                drop(
                    any.downcast::<T>()
                        .map_err(|_| "its type")
                        .expect("its own type"),
                );
            }
        }
        assert!(T::EMPTY || ledger.struck() == number + 1);
    }
    if !T::EMPTY {
        ledger.settled();
    }
}

#[derive(Pooled)]
struct Unrelated(#[expect(dead_code, reason = "gives the value a size")] u64);

#[test]
fn downcasts_of_boxes() {
    macro_rules! each {
        ($($type:ident $(<$parameter:ty>)?),*) => {$( there_and_back::<t::$type $(<$parameter>)?>(); )*};
    }
    for_every_thing!(each);
    each!(Empty, AlignedEmpty);
}

macro_rules! downcast_counted {
    ($d:tt $($test:ident, $pointer:ident, $any:ty;)*) => {$(
        #[test]
        fn $test() {
            fn each<T: Make + Any>() {
                let ledger = Ledger::new(2);
                for number in 0..2 {
                    let typed = $pointer::new(T::make(number, &ledger));
                    let other = typed.clone();
                    let any = coerce!(typed => $any);
                    let any = any.downcast::<Unrelated>().map(|_| ()).expect_err("another type");
                    let typed = any.downcast::<T>().map_err(|_| "its type").expect("its own type");
                    assert!($pointer::ptr_eq(&typed, &other));
                    assert_eq!($pointer::strong_count(&typed), 2);
                    drop(other);
                    if number == 0 {
                        drop(typed);
                    } else {
                        assert!($pointer::into_inner(typed).is_some(), "the last one");
                    }
                }
                if !T::EMPTY {
                    ledger.settled();
                }
            }
            macro_rules! all {
                ($d($d type:ident $d(<$d parameter:ty>)?),*) => {
                    $d( each::<t::$d type $d(<$d parameter>)?>(); )*
                };
            }
            for_every_thing!(all);
            all!(Empty, AlignedEmpty);
        }
    )*};
}
downcast_counted! {
    $
    downcasts_of_arcs, PoolArc, dyn Any + Send + Sync;
    downcasts_of_plain_arcs, PoolArc, dyn Any;
    downcasts_of_rcs, PoolRc, dyn Any;
}

/// A trait object becomes one of a supertrait, and one with less promised of its threads.
#[test]
fn upcasts() {
    fn each<T: Make>(name: &str) {
        let ledger = Ledger::new(4);
        let make = |number| PoolBox::new(T::make(number, &ledger));
        let named = coerce!(make(0) => dyn Named + Send + Sync);
        assert!(named.name().starts_with(name));
        let named = coerce!(named => dyn Named + Send);
        let named = coerce!(named => dyn Named);
        let thing = coerce!(named => dyn Thing);
        assert!(T::EMPTY || thing.number() == 0);
        drop(thing);
        // Up to `Any`, and down from there.
        let any = coerce!(coerce!(make(1) => dyn Named) => dyn Any);
        let typed = any
            .downcast::<T>()
            .map_err(|_| "its type")
            .expect("its own type");
        assert!(T::EMPTY || typed.number() == 1);
        drop(typed);
        // Counted ones.
        let named = coerce!(PoolArc::new(T::make(2, &ledger)) => dyn Named + Send + Sync);
        let thing = coerce!(named.clone() => dyn Thing + Send + Sync);
        let any = coerce!(named => dyn Any + Send + Sync);
        drop(thing);
        drop(
            any.downcast::<T>()
                .map_err(|_| "its type")
                .expect("its own type"),
        );
        drop(coerce!(coerce!(PoolRc::new(T::make(3, &ledger)) => dyn Named) => dyn Thing));
        if !T::EMPTY {
            ledger.settled();
        }
    }
    each::<t::Small>("Small");
    each::<t::Generic<u64>>("Generic");
    each::<t::Merged>("Merged");
    each::<t::Large>("Large");
    each::<t::Over>("Over");
    each::<t::Empty>("Empty");
}

/// Raw pointers to trait objects, and references that were leaked and taken back, which narrows them.
#[test]
fn raw_and_leaked_objects() {
    macro_rules! each {
        ($($type:ident $(<$parameter:ty>)?),*) => {$({
            type Kind = t::$type $(<$parameter>)?;
            let ledger = Ledger::new(3);
            let raw = PoolBox::into_raw(coerce!(PoolBox::new(Kind::make(0, &ledger)) => dyn Thing));
            // SAFETY: from `into_raw` just above.
            drop(unsafe { PoolBox::from_raw(raw) });
            let leaked: *mut dyn Named =
                PoolBox::leak(coerce!(PoolBox::new(Kind::make(1, &ledger)) => dyn Named));
            // SAFETY: leaked just above, taken back once.
            drop(unsafe { PoolBox::from_raw(leaked) });
            let leaked: *mut dyn Any =
                PoolBox::leak(coerce!(PoolBox::new(Kind::make(2, &ledger)) => dyn Any));
            // SAFETY: as above.
            let back = unsafe { PoolBox::from_raw(leaked) };
            drop(back.downcast::<Kind>().map_err(|_| "its type").expect("its own type"));
            if !Kind::EMPTY {
                ledger.settled();
            }
        })*};
    }
    for_every_thing!(each);
    each!(Empty, AlignedEmpty);
}

/// A block that was narrowed by a leak, as a trait object, serves a larger type of its class in full.
#[test]
fn a_leaked_object_that_was_taken_back_serves_a_larger_type() {
    #[derive(Pooled)]
    struct Odd<T>(T);
    let leaked: *mut dyn Any = PoolBox::leak(coerce!(PoolBox::new(Odd([1_u8; 17])) => dyn Any));
    // SAFETY: leaked just now, nobody else takes it back.
    let any = unsafe { PoolBox::from_raw(leaked) };
    let typed = any
        .downcast::<Odd<[u8; 17]>>()
        .map_err(|_| "its type")
        .expect("its own type");
    drop(typed);
    let larger = PoolBox::new(Odd([2_u64; 3]));
    assert_eq!(
        leaked.addr(),
        PoolBox::as_ptr(&larger).addr(),
        "the same block"
    );
    assert_eq!(larger.0[2], 2);
}

/// A "coercion" to the type itself is none: nothing is forgotten, or the value would be counted where
/// it no longer is when it is dropped.
#[test]
fn a_coercion_to_the_type_itself_forgets_nothing() {
    crate::apart(
        "casts::a_coercion_to_the_type_itself_forgets_nothing",
        to_itself,
    );
}

fn to_itself() {
    #[derive(Pooled)]
    #[pooled(merge)]
    struct Blend(#[expect(dead_code, reason = "gives the value a size")] [u8; 27_000]);
    #[derive(Pooled)]
    struct Huge(#[expect(dead_code, reason = "gives the value a size")] [u8; 45_000]);
    let stride = pool::<Blend>().geometry().stride;
    let blend = coerce!(PoolBox::new(Blend([1; 27_000])) => Blend);
    assert_eq!((pool::<Blend>().live(), class(stride).live), (1, 0));
    // A trait object counts in the class, and where it was once it is known again.
    let any = coerce!(blend => dyn Any);
    assert_eq!((pool::<Blend>().live(), class(stride).live), (0, 1));
    let blend = any.downcast::<Blend>().map_err(|_| "its type");
    assert_eq!((pool::<Blend>().live(), class(stride).live), (1, 0));
    drop(blend);
    assert_eq!((pool::<Blend>().live(), class(stride).live), (0, 0));
    for _ in 0..3 {
        let huge = coerce!(PoolBox::new(Huge([1; 45_000])) => Huge);
        assert_eq!(pool::<Huge>().live(), 1);
        drop(huge);
        assert_eq!(pool::<Huge>().live(), 0);
    }
    drop(coerce!(PoolArc::new(Huge([1; 45_000])) => Huge));
    tests::counted::settled::<Huge>();
}

/// Lines of the book are struck out by drops and downcasts: it does not grow.
#[test]
#[cfg(all(unix, not(miri)))]
fn the_book_does_not_grow() {
    let apart = tests::child::Apart::new("casts::the_book_does_not_grow", |_| {
        #[derive(Pooled)]
        struct Huge(#[expect(dead_code, reason = "gives the value a size")] [u8; 33_000]);
        let huge = || PoolBox::new(Huge([1; 33_000]));
        let turn = || {
            drop(coerce!(huge() => dyn Any));
            let any = coerce!(huge() => dyn Any);
            drop(
                any.downcast::<Huge>()
                    .map_err(|_| "its type")
                    .expect("its own type"),
            );
            drop(coerce!(huge() => Huge));
            drop(coerce!(coerce!(PoolBox::pin(Huge([1; 33_000])) => dyn Any) => dyn Any));
        };
        turn();
        let before = sydra_pool::snapshot().bytes.metadata;
        let held: Vec<PoolBox<dyn Any>> = (0..10).map(|_| coerce!(huge() => dyn Any)).collect();
        assert!(
            sydra_pool::snapshot().bytes.metadata > before,
            "lines of the book are seen here"
        );
        drop(held);
        for _ in 0..1_000 {
            turn();
        }
        assert_eq!(sydra_pool::snapshot().bytes.metadata, before);
    });
    apart.run("").succeeded();
}

/// Pinned pointers stay pinned and where they are.
#[test]
fn pinned_pointers() {
    let ledger: Arc<Ledger> = Ledger::new(2);
    let pinned = PoolBox::pin(t::Small::make(0, &ledger));
    let place = (&raw const *pinned).addr();
    let object = coerce!(pinned => dyn Thing);
    assert_eq!((&raw const *object).cast::<()>().addr(), place);
    let shared = coerce!(PoolArc::pin(t::Page::make(1, &ledger)) => dyn Thing + Send + Sync);
    let other = shared.clone();
    assert_eq!((object.number(), shared.number()), (0, 1));
    drop((object, shared));
    assert_eq!(other.number(), 1);
    drop(other);
    ledger.settled();
}
