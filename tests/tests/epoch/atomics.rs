//! `Atomic` and `Shared`: pointers with tags, exchanged, printed and never followed unasked.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};
use std::thread;

use sydra_pool::epoch::{self, Atomic, Shared};
use sydra_pool::{PoolBox, Pooled, pool};
use tests::ledger::Ledger;
use tests::patience::collect_until;

/// Eight bytes of alignment leave three bits for a tag.
#[derive(Debug, Pooled)]
struct Node(u64);

fn atomic(value: u64) -> Atomic<Node> {
    Atomic::new(Node(value))
}

/// Takes the value out of a place that only one test knows.
fn empty(place: Atomic<Node>) -> u64 {
    // SAFETY: the test has the place to itself and has taken nothing out.
    let value = unsafe { place.into_box() };
    value.map_or(0, |node| node.0)
}

#[test]
fn null_has_a_tag_of_its_own() {
    let guard = epoch::pin();
    let null = Shared::<Node>::null();
    assert!(null.is_null() && null.tag() == 0 && null.as_raw().is_null());
    let tagged = null.with_tag(5);
    assert!(tagged.is_null() && tagged.tag() == 5 && tagged.as_raw().is_null());
    assert!(tagged != null && tagged.with_tag(0) == null);
    // SAFETY: null is not followed.
    assert!(unsafe { tagged.as_ref() }.is_none());
    assert_eq!(null, Shared::default());
    let place = Atomic::<Node>::default();
    assert_eq!(place.load(Relaxed, &guard), null);
    place.store(tagged, Relaxed);
    assert_eq!(place.load(Relaxed, &guard).tag(), 5);
    // SAFETY: null is left alone.
    unsafe { guard.retire(tagged) };
    // SAFETY: null.
    assert!(unsafe { place.into_box() }.is_none());
}

#[test]
fn null_is_not_retired() {
    #[derive(Pooled)]
    struct Nobody(#[expect(dead_code, reason = "gives the value a size")] u64);
    let guard = epoch::pin();
    for tag in 0..4 {
        // SAFETY: null is left alone.
        unsafe { guard.retire(Shared::<Nobody>::null().with_tag(tag)) };
    }
    assert_eq!(pool::<Nobody>().stats().retired, 0);
}

#[test]
fn a_tag_has_as_many_bits_as_the_alignment_leaves() {
    #[derive(Pooled)]
    struct Byte(#[expect(dead_code, reason = "gives the value a size")] u8);
    #[derive(Pooled)]
    #[repr(align(64))]
    struct Line(#[expect(dead_code, reason = "gives the value a size")] u8);
    fn bits<T: Pooled>(value: T) -> usize {
        let guard = epoch::pin();
        let place = Atomic::new(value);
        let plain = place.load(Relaxed, &guard);
        let tagged = plain.with_tag(usize::MAX);
        assert_eq!(tagged.as_raw(), plain.as_raw());
        assert_eq!((plain.tag(), tagged.with_tag(0)), (0, plain));
        let tag = tagged.tag();
        // SAFETY: nobody else knows the place.
        drop(unsafe { tagged.into_box() });
        tag
    }
    assert_eq!((bits(Byte(1)), bits(Node(1)), bits(Line(1))), (0, 7, 63));
}

#[test]
fn tags_are_changed_bit_by_bit() {
    let guard = epoch::pin();
    let place = atomic(9);
    let start = place.load(Acquire, &guard);
    let tag = || place.load(Acquire, &guard).tag();
    assert_eq!(place.fetch_or(0b101, AcqRel, &guard), start);
    assert_eq!(tag(), 0b101);
    assert_eq!(place.fetch_and(0b110, AcqRel, &guard).tag(), 0b101);
    assert_eq!(tag(), 0b100);
    assert_eq!(place.fetch_xor(0b111, AcqRel, &guard).tag(), 0b100);
    assert_eq!(tag(), 0b011);
    // Bits beyond the tag are the pointer's and stay.
    place.fetch_or(usize::MAX, AcqRel, &guard);
    assert_eq!(tag(), 0b111);
    place.fetch_xor(usize::MAX, AcqRel, &guard);
    assert_eq!(tag(), 0);
    place.fetch_and(0, AcqRel, &guard);
    assert_eq!(place.load(Acquire, &guard), start);
    // SAFETY: loaded under the guard, and tagged since.
    assert_eq!(unsafe { start.with_tag(6).deref() }.0, 9);
    place.fetch_or(3, Relaxed, &guard);
    assert_eq!(empty(place), 9, "a tag does not come along");
}

#[test]
fn changes_of_the_tag_by_many_threads() {
    let place = atomic(1);
    let rounds = if cfg!(miri) { 20 } else { 20_000 };
    thread::scope(|scope| {
        for bit in [1, 2, 4] {
            let place = &place;
            scope.spawn(move || {
                for round in 0..rounds {
                    let guard = epoch::pin();
                    let before = match round % 3 {
                        0 => place.fetch_or(bit, AcqRel, &guard),
                        1 => place.fetch_and(!bit, AcqRel, &guard),
                        _ => place.fetch_xor(0, AcqRel, &guard),
                    };
                    assert_eq!(before.tag() & bit != 0, round % 3 == 1, "{round}");
                }
            });
        }
    });
    assert_eq!(empty(place), 1);
}

#[test]
fn an_exchange_gives_back_what_it_did_not_store() {
    let guard = epoch::pin();
    let place = atomic(1);
    let first = place.load(Acquire, &guard);
    let ordering = (AcqRel, Acquire);
    // Another tag is another pointer.
    let wrong = first.with_tag(1);
    let given = PoolBox::new(Node(2));
    let address = PoolBox::as_ptr(&given);
    let failed = place.compare_exchange(wrong, given, ordering.0, ordering.1, &guard);
    let failed = failed.expect_err("the tag differs");
    assert_eq!(failed.current, first);
    assert!(format!("{failed:?}").contains("current"));
    let given = failed.new;
    assert_eq!((PoolBox::as_ptr(&given), given.0), (address, 2));
    let stored = place.compare_exchange(first, given, ordering.0, ordering.1, &guard);
    let second = stored.expect("nobody came in between");
    assert_eq!(second.as_raw(), address);
    assert_eq!(place.load(Acquire, &guard), second);
    // The one before is this test's now.
    // SAFETY: taken out, known to nobody else.
    assert_eq!(unsafe { first.into_box() }.0, 1);
    // The same with a pointer instead of a box.
    let failed =
        place.compare_exchange(Shared::null(), second.with_tag(3), AcqRel, Acquire, &guard);
    let failed = failed.expect_err("it is not null");
    assert_eq!((failed.current, failed.new), (second, second.with_tag(3)));
    let mut found = second;
    while let Err(again) =
        place.compare_exchange_weak(found, second.with_tag(3), AcqRel, Acquire, &guard)
    {
        found = again.current;
    }
    assert_eq!(place.swap(second, AcqRel, &guard).tag(), 3);
    assert_eq!(empty(place), 2);
    // What comes back is owned again: it is dropped, not leaked.
    let place = Atomic::null();
    place.store(PoolBox::new(Node(3)), Release);
    let failed = place.compare_exchange(
        Shared::null(),
        PoolBox::new(Node(4)),
        AcqRel,
        Acquire,
        &guard,
    );
    drop(failed);
    assert_eq!(empty(place), 3);
}

/// Nothing that compares, orders, hashes or prints follows the pointer: it may lead to what is gone.
#[test]
fn printing_and_comparing_follow_nothing() {
    let guard = epoch::pin();
    let place = atomic(1);
    let stale = place.load(Relaxed, &guard).with_tag(2);
    // SAFETY: nobody else knows the place; the pointers that stay are not followed.
    let loaded = unsafe { place.load_unprotected(Relaxed) };
    // SAFETY: nobody else knows the place.
    drop(unsafe { loaded.into_box() });
    sydra_pool::trim();
    let null = Shared::<Node>::null();
    for shared in [stale, null, null.with_tag(7)] {
        let address = format!("{:p}", shared.as_raw());
        assert_eq!(format!("{shared:p}"), address);
        assert!(format!("{shared:?}").contains(&address), "{shared:?}");
        let place = Atomic::from(shared);
        assert_eq!(format!("{place:p}"), address);
        assert!(format!("{place:?}").contains(&address), "{place:?}");
        assert!(format!("{place:?}").contains(&shared.tag().to_string()));
    }
    assert!(null < stale && stale.with_tag(1) < stale);
    assert_eq!(
        HashSet::from([stale, null, stale, stale.with_tag(0)]).len(),
        3
    );
    let same = stale;
    assert_eq!(stale, same);
}

/// A box given up and taken back is the same value.
#[test]
fn a_box_goes_in_and_comes_out() {
    #[derive(Pooled)]
    struct Owned(usize, Arc<Ledger>);
    impl Drop for Owned {
        fn drop(&mut self) {
            self.1.strike(self.0);
        }
    }
    let ledger = Ledger::new(5);
    let boxed = |number| PoolBox::new(Owned(number, ledger.clone()));
    let guard = epoch::pin();
    let shared = Shared::from_box(boxed(0), &guard);
    // SAFETY: never published.
    drop(unsafe { shared.into_box() });
    assert_eq!(ledger.struck(), 1);
    let place = Atomic::from(boxed(1));
    // SAFETY: the test has the place to itself.
    drop(unsafe { place.into_box() });
    assert_eq!(ledger.struck(), 2);
    // A place owns nothing by itself.
    let shared = Atomic::from(boxed(2)).load(Relaxed, &guard);
    assert_eq!(ledger.struck(), 2);
    // SAFETY: the only pointer to it.
    unsafe { guard.retire(shared.with_tag(1)) };
    let place = Atomic::from(boxed(3));
    let old = place.swap(boxed(4), AcqRel, &guard);
    // SAFETY: taken out by this swap alone.
    unsafe { guard.retire(old) };
    // SAFETY: the test has the place to itself.
    drop(unsafe { place.into_box() });
    assert_eq!(ledger.struck(), 3);
    drop(guard);
    collect_until("the retired ones", || ledger.struck() == 5);
    ledger.settled();
    assert_eq!(pool::<Owned>().live(), 0);
}
