//! What pools and boxes are and can do: traits, sizes, raw pointers, pins.

use core::cell::Cell;
use core::future::Future;
use core::marker::{PhantomData, PhantomPinned};
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::borrow::{Borrow, BorrowMut};
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};
use std::rc::Rc;
use std::sync::MutexGuard;

use sydra_pool::{AllocError, Refusal, StaticBox, StaticPool};

macro_rules! ask {
    ($question:ident, $bound:path) => {
        struct $question<T: ?Sized>(PhantomData<T>);
        impl<T: ?Sized + $bound> $question<T> {
            #[allow(dead_code, reason = "hides the trait's constant where the bound holds")]
            const ANSWER: bool = true;
        }
    };
}

trait No {
    const ANSWER: bool = false;
}
impl<T: ?Sized> No for T {}

ask!(IsSend, Send);
ask!(IsSync, Sync);
ask!(IsUnpin, Unpin);
ask!(IsUnwindSafe, UnwindSafe);
ask!(IsRefUnwindSafe, RefUnwindSafe);
ask!(IsClone, Clone);
ask!(IsCopy, Copy);

macro_rules! same_as_box {
    ($($type:ty),* $(,)?) => {$(
        assert!(IsSend::<StaticBox<$type>>::ANSWER == IsSend::<Box<$type>>::ANSWER);
        assert!(IsSync::<StaticBox<$type>>::ANSWER == IsSync::<Box<$type>>::ANSWER);
        assert!(IsSend::<StaticBox<$type, 64>>::ANSWER == IsSend::<Box<$type>>::ANSWER);
        assert!(IsSync::<StaticBox<$type, 64>>::ANSWER == IsSync::<Box<$type>>::ANSWER);
        assert!(IsUnpin::<StaticBox<$type>>::ANSWER);
        assert!(IsUnwindSafe::<StaticBox<$type>>::ANSWER == IsUnwindSafe::<Box<$type>>::ANSWER);
        assert!(IsRefUnwindSafe::<StaticBox<$type>>::ANSWER == IsRefUnwindSafe::<Box<$type>>::ANSWER);
        assert!(!IsClone::<StaticBox<$type>>::ANSWER && !IsCopy::<StaticBox<$type>>::ANSWER);
        assert!(size_of::<StaticBox<$type>>() == size_of::<usize>());
        assert!(size_of::<Option<StaticBox<$type>>>() == size_of::<usize>());
        // The pool gives access to no value, so it may be shared whatever the values are.
        assert!(IsSend::<StaticPool<$type, 4>>::ANSWER && IsSync::<StaticPool<$type, 4>>::ANSWER);
        assert!(!IsClone::<StaticPool<$type, 4>>::ANSWER);
    )*};
}

// An item, which is looked at also when nothing is run.
const _: () = {
    same_as_box!(
        u64,
        (),
        Cell<u64>,
        PhantomData<MutexGuard<'static, u64>>,
        Rc<u64>,
        PhantomPinned,
        PhantomData<&'static mut u64>,
        String,
        [u64; 100],
    );
};

#[test]
fn auto_traits_are_those_of_a_box() {}

/// Boxes may be used where a shorter lifetime is asked for.
#[expect(dead_code, reason = "only needs to compile")]
fn covariant<'a>(long: StaticBox<&'static str>) -> StaticBox<&'a str> {
    long
}

#[test]
fn boxes_go_out_and_in_as_pointers() {
    static POOL: StaticPool<u64, 2, 128> = StaticPool::new();
    let boxed = POOL.try_box(7).expect("room");
    let shown = format!("{boxed:p}");
    let raw = StaticBox::into_raw(boxed);
    assert_eq!((shown, POOL.len()), (format!("{raw:p}"), 1));
    // SAFETY: just given out.
    let mut boxed = unsafe { StaticBox::<u64, 128>::from_raw(raw) };
    assert_eq!(StaticBox::as_mut_ptr(&mut boxed), raw);
    *boxed += 1;
    let start = StaticBox::into_non_null(boxed);
    // SAFETY: just given out.
    let boxed = unsafe { StaticBox::<u64, 128>::from_non_null(start) };
    assert_eq!(StaticBox::into_inner(boxed), 8);
    assert!(POOL.is_empty());
}

#[test]
fn traits_are_passed_through() {
    static TEXTS: StaticPool<String, 4> = StaticPool::new();
    let text = |text: &str| TEXTS.try_box(text.to_owned()).expect("room");
    let (mut a, b) = (text("a"), text("b"));
    assert_eq!(
        (format!("{a:?}"), format!("{b}")),
        ("\"a\"".into(), "b".into())
    );
    assert!(a != b && a < b && a.cmp(&b).is_lt() && a.partial_cmp(&b).is_some());
    assert_eq!(
        (AsRef::<String>::as_ref(&a), Borrow::<String>::borrow(&b)),
        (&"a".into(), &"b".into())
    );
    AsMut::<String>::as_mut(&mut a).push('!');
    BorrowMut::<String>::borrow_mut(&mut a).push('?');
    assert_eq!(*a, "a!?");
    let set = HashSet::from([a, b]);
    assert!(set.iter().any(|text| **text == "b"));

    static RANGES: StaticPool<core::ops::Range<u32>, 4> = StaticPool::new();
    let mut range = RANGES.try_box(0..9).expect("room");
    assert_eq!(
        (range.len(), range.next(), range.next_back()),
        (9, Some(0), Some(8))
    );
    assert_eq!(
        (range.nth(1), range.nth_back(1), range.size_hint()),
        (Some(2), Some(6), (3, Some(3)))
    );
    assert_eq!(range.last(), Some(5));

    static HASHERS: StaticPool<DefaultHasher, 1> = StaticPool::new();
    let mut hasher = HASHERS.try_box(DefaultHasher::new()).expect("room");
    hasher.write_u32(7);
    let mut plain = DefaultHasher::new();
    plain.write_u32(7);
    assert_eq!(hasher.finish(), plain.finish());

    static ERRORS: StaticPool<std::num::ParseIntError, 1> = StaticPool::new();
    let error = "x".parse::<u8>().expect_err("no number");
    let error = ERRORS.try_box(error).expect("room");
    assert!(std::error::Error::source(&error).is_none());
}

#[test]
fn values_are_pinned_and_polled() {
    #[derive(Debug)]
    struct Twice(u32, PhantomPinned);
    impl Future for Twice {
        type Output = usize;
        fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<usize> {
            let address = core::ptr::from_ref(&*self).addr();
            // SAFETY: the value is not moved.
            let this = unsafe { self.get_unchecked_mut() };
            this.0 += 1;
            if this.0 == 2 {
                Poll::Ready(address)
            } else {
                Poll::Pending
            }
        }
    }
    static TASKS: StaticPool<Twice, 1> = StaticPool::new();
    let mut task = TASKS.try_pin(Twice(0, PhantomPinned)).expect("room");
    assert!(TASKS.try_pin(Twice(0, PhantomPinned)).is_err());
    let mut context = Context::from_waker(Waker::noop());
    assert!(task.as_mut().poll(&mut context).is_pending());
    let address = core::ptr::from_ref(&*task).addr();
    assert_eq!(task.as_mut().poll(&mut context), Poll::Ready(address));

    static READY: StaticPool<core::future::Ready<u8>, 1> = StaticPool::new();
    let ready = READY.try_box(core::future::ready(7)).expect("room");
    assert_eq!(pin!(ready).poll(&mut context), Poll::Ready(7));
    let pinned: Pin<StaticBox<_>> = READY.try_box(core::future::ready(8)).expect("room").into();
    assert_eq!(pin!(pinned).poll(&mut context), Poll::Ready(8));
}

#[test]
fn a_refusal_says_so() {
    static POOL: StaticPool<Rc<u8>, 1> = StaticPool::new();
    let only = POOL.try_box(Rc::new(1)).expect("room");
    let refused: AllocError<Rc<u8>> = POOL.try_box(Rc::clone(&only)).expect_err("full");
    assert_eq!(refused.reason(), Refusal::Full);
    assert_eq!(
        refused.to_string(),
        "pool allocation refused: all blocks of the pool are in use"
    );
    assert_eq!(Rc::strong_count(&only), 2);
    drop(refused);
    assert_eq!(Rc::strong_count(&only), 1);
    assert_eq!(POOL.capacity(), 1);
    let figures = |len, given_back| {
        format!(
            "StaticPool {{ capacity: 1, len: {len}, high_water: 1, given_back: {given_back}, .. }}"
        )
    };
    assert_eq!(format!("{POOL:?}"), figures(1, 0));
    drop(only);
    assert_eq!(format!("{POOL:?}"), figures(0, 1));
}

#[test]
fn a_pool_on_the_heap_for_ever_is_static_too() {
    let pool: &'static StaticPool<String, 3> = Box::leak(Box::default());
    let boxed = pool.try_box("x".into()).expect("room");
    assert_eq!((pool.len(), pool.available(), pool.high_water()), (1, 2, 1));
    drop(boxed);
    assert!(pool.is_empty());
}
