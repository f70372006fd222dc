//! A value that writes down what it was called for, and what a pointer to it must pass on: that every method
//! of a trait arrives at the value's own method, and not at a default that happens to give the same answer.

use core::cell::RefCell;
use core::cmp::Ordering;
use core::error::Error;
use core::fmt;
use core::future::Future;
use core::hash::Hasher;
use core::ops::Deref;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use core::task::{Context, Poll, Waker};
use std::sync::Arc;
use std::task::Wake;

use sydra_pool::Pooled;

mod stream;

/// What was called, in order.
#[derive(Debug, Default, Pooled)]
pub struct Log(RefCell<Vec<String>>);

impl Log {
    fn note(&self, call: impl Into<String>) {
        self.0.borrow_mut().push(call.into());
    }

    /// What was called since the last time.
    pub fn taken(&self) -> Vec<String> {
        self.0.take()
    }
}

impl PartialEq for Log {
    fn eq(&self, _: &Self) -> bool {
        self.note("eq");
        true
    }
    #[expect(clippy::partialeq_ne_impl, reason = "it is passed on too")]
    fn ne(&self, _: &Self) -> bool {
        self.note("ne");
        true
    }
}

impl PartialOrd for Log {
    fn partial_cmp(&self, _: &Self) -> Option<Ordering> {
        self.note("partial_cmp");
        None
    }
    fn lt(&self, _: &Self) -> bool {
        self.note("lt");
        true
    }
    fn le(&self, _: &Self) -> bool {
        self.note("le");
        true
    }
    fn gt(&self, _: &Self) -> bool {
        self.note("gt");
        true
    }
    fn ge(&self, _: &Self) -> bool {
        self.note("ge");
        true
    }
}

/// Each comparison, of two pointers to new logs. No order has all of these answers, so none can stand in for
/// another.
///
/// # Panics
/// If one did not arrive.
pub fn each_comparison<P: Deref<Target = Log> + PartialOrd>(low: &P, high: &P) {
    assert!(low == high && low != high && low < high && low <= high && low > high && low >= high);
    assert_eq!(PartialOrd::partial_cmp(low, high), None);
    let calls = ["eq", "ne", "lt", "le", "gt", "ge", "partial_cmp"];
    assert_eq!(low.taken(), calls);
    assert!(high.taken().is_empty(), "the left one is asked");
}

macro_rules! write_down {
    ($($method:ident: $number:ty),*) => {
        $(fn $method(&mut self, number: $number) {
            self.note(format!("{} {number}", stringify!($method)));
        })*
    };
}

impl Hasher for Log {
    fn finish(&self) -> u64 {
        self.note("finish");
        77
    }
    fn write(&mut self, bytes: &[u8]) {
        self.note(format!("write {bytes:?}"));
    }
    write_down!(write_u8: u8, write_u16: u16, write_u32: u32, write_u64: u64, write_u128: u128);
    write_down!(write_i8: i8, write_i16: i16, write_i32: i32, write_i64: i64, write_i128: i128);
    write_down!(write_usize: usize, write_isize: isize);
}

/// Each write of a hasher, into a new log.
///
/// # Panics
/// If one did not arrive.
pub fn each_write_of_a_hasher<P: Deref<Target = Log> + Hasher>(mut hasher: P) {
    hasher.write(&[1, 2]);
    hasher.write_u8(3);
    hasher.write_u16(4);
    hasher.write_u32(5);
    hasher.write_u64(6);
    hasher.write_u128(7);
    hasher.write_usize(8);
    hasher.write_i8(-3);
    hasher.write_i16(-4);
    hasher.write_i32(-5);
    hasher.write_i64(-6);
    hasher.write_i128(-7);
    hasher.write_isize(-8);
    assert_eq!(hasher.finish(), 77);
    let calls = [
        "write [1, 2]",
        "write_u8 3",
        "write_u16 4",
        "write_u32 5",
        "write_u64 6",
        "write_u128 7",
        "write_usize 8",
        "write_i8 -3",
        "write_i16 -4",
        "write_i32 -5",
        "write_i64 -6",
        "write_i128 -7",
        "write_isize -8",
        "finish",
    ];
    assert_eq!(hasher.taken(), calls);
}

impl Iterator for Log {
    type Item = String;
    fn next(&mut self) -> Option<String> {
        Some("next".into())
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (4, Some(6))
    }
    fn nth(&mut self, n: usize) -> Option<String> {
        Some(format!("nth {n}"))
    }
    fn last(self) -> Option<String> {
        Some("last".into())
    }
}

impl DoubleEndedIterator for Log {
    fn next_back(&mut self) -> Option<String> {
        Some("next_back".into())
    }
    fn nth_back(&mut self, n: usize) -> Option<String> {
        Some(format!("nth_back {n}"))
    }
}

impl ExactSizeIterator for Log {
    fn len(&self) -> usize {
        5
    }
}

/// Each step of an iterator.
///
/// # Panics
/// If one did not arrive.
pub fn each_step_of_an_iterator<P>(mut steps: P)
where
    P: DoubleEndedIterator<Item = String> + ExactSizeIterator,
{
    let mut seen = vec![steps.next(), steps.nth(2), steps.next_back()];
    seen.push(steps.nth_back(3));
    assert_eq!((steps.size_hint(), steps.len()), ((4, Some(6)), 5));
    seen.push(steps.last());
    let seen: Vec<String> = seen.into_iter().flatten().collect();
    assert_eq!(seen, ["next", "nth 2", "next_back", "nth_back 3", "last"]);
}

/// An error whose cause is not its source.
#[derive(Clone, Debug, Pooled)]
pub struct Broken(fmt::Error, core::num::ParseIntError);

impl Default for Broken {
    fn default() -> Self {
        Self(fmt::Error, "x".parse::<i32>().expect_err("not a number"))
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad("broken")
    }
}

impl Error for Broken {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
    fn cause(&self) -> Option<&dyn Error> {
        Some(&self.1)
    }
}

/// The source of an error, and its cause, are the value's.
///
/// # Panics
/// If it is another.
pub fn the_source<P: Deref<Target = Broken> + Error>(error: &P) {
    let source = error.source().expect("the value has one");
    assert!(source.is::<fmt::Error>());
    #[expect(deprecated, reason = "it is passed on too")]
    let cause = error.cause().expect("the value has one").to_string();
    assert_eq!(cause, error.1.to_string());
}

/// Text as the value's, with all that a format asks for; and the address, likewise.
///
/// # Panics
/// If it is another.
pub fn shown_alike<P>(pointer: &P)
where
    P: Deref<Target = Broken> + fmt::Debug + fmt::Display + fmt::Pointer,
{
    let value = &**pointer;
    let shown = format!("{pointer:?} {pointer:#?} {pointer} {pointer:>12} {pointer:-<9.3}");
    assert_eq!(
        shown,
        format!("{value:?} {value:#?} {value} {value:>12} {value:-<9.3}")
    );
    let place = core::ptr::from_ref(value);
    let shown = format!("{0:p} {0:>30p} {0:#p}", *pointer);
    assert_eq!(shown, format!("{place:p} {place:>30p} {place:#p}"));
}

/// A future that wakes and is never done.
#[derive(Debug, Default, Pooled)]
pub struct Wakes;

impl Future for Wakes {
    type Output = ();
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls [`Wakes`] behind a pointer: it must get the caller's waker.
///
/// # Panics
/// If it got another.
pub fn the_callers_waker(future: Pin<&mut (impl Future<Output = ()> + ?Sized)>) {
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Relaxed);
        }
    }
    let count = Arc::new(Count(AtomicUsize::new(0)));
    let waker = Waker::from(Arc::clone(&count));
    assert!(future.poll(&mut Context::from_waker(&waker)).is_pending());
    assert_eq!(count.0.load(Relaxed), 1);
}
