//! Typed pointers and trait objects to one value, dropped in every order: the last one frees, whatever
//! it knows of the type.

use std::any::Any;

use sydra_pool::{PoolArc, PoolRc, coerce};
use tests::ledger::Ledger;

use crate::things::*;

/// All orders of four.
fn orders() -> Vec<[usize; 4]> {
    let mut all = Vec::new();
    for a in 0..4 {
        for b in 0..4 {
            for c in 0..4 {
                let d = 6_usize.wrapping_sub(a + b + c);
                let order = [a, b, c, d];
                if (0..4).all(|n| order.contains(&n)) {
                    all.push(order);
                }
            }
        }
    }
    assert_eq!(all.len(), 24);
    all
}

macro_rules! every_order {
    ($pointer:ident, $any:ty, $type:ty) => {{
        let orders = orders();
        let ledger = Ledger::new(orders.len());
        for (number, order) in orders.iter().enumerate() {
            let typed = $pointer::new(<$type>::make(number, &ledger));
            let place = $pointer::as_ptr(&typed).addr();
            let again = typed.clone();
            let thing = coerce!(typed.clone() => dyn Thing);
            let any = coerce!(typed.clone() => $any);
            assert_eq!($pointer::strong_count(&thing), 4);
            assert_eq!($pointer::as_ptr(&thing).addr(), place);
            let mut four = [
                Some(Box::new(typed) as Box<dyn Any>),
                Some(Box::new(again) as Box<dyn Any>),
                Some(Box::new(thing) as Box<dyn Any>),
                Some(Box::new(any) as Box<dyn Any>),
            ];
            for (gone, place) in order.iter().enumerate() {
                assert!(<$type>::EMPTY || ledger.struck() == number, "dropped after {gone}");
                four[*place] = None;
            }
            assert!(<$type>::EMPTY || ledger.struck() == number + 1);
        }
        if !<$type>::EMPTY {
            ledger.settled();
        }
    }};
}

#[test]
fn of_arcs() {
    macro_rules! each {
        ($($type:ty),*) => {$( every_order!(PoolArc, dyn Any + Send + Sync, $type); )*};
    }
    #[cfg(not(miri))]
    for_every_thing!(each);
    each!(
        Small,
        Aligned,
        Generic<u64>,
        Wiped,
        Large,
        Over,
        Empty,
        AlignedEmpty
    );
}

#[test]
fn of_rcs() {
    macro_rules! each {
        ($($type:ty),*) => {$( every_order!(PoolRc, dyn Any, $type); )*};
    }
    #[cfg(not(miri))]
    for_every_thing!(each);
    each!(Small, Aligned, Empty, Over);
}

/// A clone of a trait object is a pointer to the same value; the only one may write.
#[test]
fn trait_objects_are_counted_too() {
    let ledger = Ledger::new(1);
    let mut object = coerce!(PoolArc::new(Small::make(0, &ledger)) => dyn Thing);
    let other = PoolArc::clone(&object);
    assert!(PoolArc::ptr_eq(&object, &other));
    assert_eq!(PoolArc::strong_count(&object), 2);
    assert!(PoolArc::get_mut(&mut object).is_none());
    drop(other);
    assert!(PoolArc::get_mut(&mut object).is_some());
    let raw = PoolArc::into_raw(object);
    // SAFETY: given out just above, counted up while it is alive.
    unsafe { PoolArc::increment_strong_count(raw) };
    // SAFETY: one of the two that are counted.
    unsafe { PoolArc::decrement_strong_count(raw) };
    // SAFETY: given out above, taken back once.
    let object = unsafe { PoolArc::from_raw(raw) };
    assert_eq!((object.number(), PoolArc::strong_count(&object)), (0, 1));
    drop(object);
    ledger.settled();
}
