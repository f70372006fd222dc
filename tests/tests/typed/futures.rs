//! Futures of any type in the pools of the classes: polled, dropped, counted, of every size.

use core::future::{Future, pending, poll_fn, ready};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::rc::Rc;
use std::sync::Arc;

use sydra_pool::{LocalPoolFuture, PoolBox, PoolFuture, Pooled, coerce};
use tests::noted::{Wakes, the_callers_waker};

fn poll<T>(future: &mut Pin<impl core::ops::DerefMut<Target: Future<Output = T>>>) -> Poll<T> {
    future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()))
}

/// Not ready at first.
async fn pause() {
    let mut polls = 0;
    poll_fn(|_| {
        polls += 1;
        if polls > 1 {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Keeps so many bytes over a pause.
async fn holds<const BYTES: usize>(held: Arc<()>) -> usize {
    let bytes = [7_u8; BYTES];
    pause().await;
    let whole = bytes == [7; BYTES];
    drop(held);
    if whole { BYTES } else { usize::MAX }
}

fn every_way<const BYTES: usize>() {
    let held = Arc::new(());
    let make = || holds::<BYTES>(Arc::clone(&held));
    let mut to_end = [
        PoolBox::future(make()),
        PoolBox::try_future(make()).expect("there is memory"),
    ];
    for future in &mut to_end {
        assert_eq!(poll(future), Poll::Pending);
        assert_eq!(poll(future), Poll::Ready(BYTES));
    }
    assert_eq!(Arc::strong_count(&held), 1);
    // Dropped before it was polled, after, and in another thread.
    drop(PoolBox::future(make()));
    let mut half = PoolBox::future(make());
    assert_eq!(poll(&mut half), Poll::Pending);
    std::thread::spawn(move || drop(half)).join().unwrap();
    // The form with a table of its own.
    let mut to_end = [
        PoolFuture::new(make()),
        PoolFuture::try_new(make()).expect("there is memory"),
    ];
    for future in &mut to_end {
        assert_eq!(poll(&mut Pin::new(&mut *future)), Poll::Pending);
        assert_eq!(poll(&mut Pin::new(future)), Poll::Ready(BYTES));
    }
    drop(PoolFuture::new(make()));
    let mut half = PoolFuture::new(make());
    assert_eq!(poll(&mut Pin::new(&mut half)), Poll::Pending);
    std::thread::spawn(move || drop(half)).join().unwrap();
    let mut local = LocalPoolFuture::new(make());
    assert_eq!(poll(&mut Pin::new(&mut local)), Poll::Pending);
    drop((local, LocalPoolFuture::try_new(make()).expect("memory")));
    let mut local = PoolBox::local_future(make());
    assert_eq!(poll(&mut local), Poll::Pending);
    drop(local);
    drop(PoolBox::try_local_future(make()).expect("there is memory"));
    assert_eq!(Arc::strong_count(&held), 1);
}

/// The waker that it is polled with goes on to the future, and the text tells the two forms apart.
#[test]
fn the_waker_of_the_caller() {
    the_callers_waker(PoolBox::future(Wakes).as_mut());
    the_callers_waker(pin!(PoolFuture::new(Wakes)));
    the_callers_waker(pin!(LocalPoolFuture::new(Wakes)));
    assert_eq!(format!("{:?}", PoolFuture::new(Wakes)), "PoolFuture { .. }");
    let local = LocalPoolFuture::new(Wakes);
    assert_eq!(format!("{local:?}"), "LocalPoolFuture { .. }");
}

#[test]
fn futures_of_every_size() {
    every_way::<0>();
    every_way::<1>();
    every_way::<40>();
    every_way::<200>();
    every_way::<3_000>();
    // Larger than any pool serves.
    every_way::<40_000>();
}

#[test]
fn futures_without_size_and_over_aligned_ones() {
    let mut none = PoolBox::future(async { 5 });
    assert_eq!(poll(&mut none), Poll::Ready(5));
    drop(none);

    #[derive(Clone, Copy)]
    #[repr(align(256))]
    struct Wide(u8);
    #[repr(align(16384))]
    struct Beyond(u8);
    let (wide, beyond) = (Wide(1), Beyond(2));
    let mut future = PoolBox::local_future(async {
        let (wide, beyond) = (wide, beyond);
        pause().await;
        let aligned = (&raw const wide).addr() % 256 + (&raw const beyond).addr() % 16384;
        (aligned, wide.0 + beyond.0)
    });
    assert_eq!(poll(&mut future), Poll::Pending);
    assert_eq!(poll(&mut future), Poll::Ready((0, 3)));
    let mut none = PoolFuture::new(async { 5 });
    assert_eq!(poll(&mut Pin::new(&mut none)), Poll::Ready(5));
}

#[test]
fn a_refused_future_comes_back() {
    // Nothing is refused here (`faults` does); the types are what is tested: the error holds the future.
    let shared = Rc::new(7);
    let future = PoolBox::try_local_future(async { *shared });
    let mut future = future.unwrap_or_else(|error| PoolBox::local_future(error.into_inner()));
    assert_eq!(poll(&mut future), Poll::Ready(7));
}

#[test]
fn futures_borrow_and_are_awaited() {
    let text = String::from("borrowed");
    let outer = async {
        let inner = PoolBox::future(async { text.len() });
        inner.await + PoolFuture::new(ready(1)).await + LocalPoolFuture::new(ready(1)).await
    };
    let mut outer = pin!(outer);
    assert_eq!(poll(&mut outer), Poll::Ready(10));
}

/// A panic in a poll, and one in a drop: the block goes back, the other fields are dropped.
#[test]
fn a_future_that_panics() {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    struct Bad;
    impl Drop for Bad {
        fn drop(&mut self) {
            panic!("as told");
        }
    }
    let held = Arc::new(());
    let mut future = PoolBox::local_future(async {
        let (_held, _bad) = (Arc::clone(&held), Bad);
        pause().await;
    });
    assert_eq!(poll(&mut future), Poll::Pending);
    catch_unwind(AssertUnwindSafe(|| drop(future))).unwrap_err();
    assert_eq!(Arc::strong_count(&held), 1);
    let mut future = LocalPoolFuture::new(async {
        let (_held, _bad) = (Arc::clone(&held), Bad);
        pause().await;
    });
    assert_eq!(poll(&mut Pin::new(&mut future)), Poll::Pending);
    catch_unwind(AssertUnwindSafe(|| drop(future))).unwrap_err();
    assert_eq!(Arc::strong_count(&held), 1);
    let mut next = PoolBox::local_future(holds::<40>(Arc::clone(&held)));
    assert_eq!(poll(&mut next), Poll::Pending);
    assert_eq!(poll(&mut next), Poll::Ready(40));
}

/// The classes count them: each goes back where it came from.
#[cfg(all(unix, not(miri)))]
#[test]
fn the_classes_count_them() {
    use tests::child::Apart;
    let apart = Apart::new("futures::the_classes_count_them", |_| {
        let live = || -> u64 {
            let classes = sydra_pool::snapshot().classes;
            classes.iter().map(|class| class.live).sum()
        };
        let before = live();
        let futures: Vec<_> = (0..5_000)
            .map(|_| PoolBox::future(holds::<40>(Arc::new(()))))
            .collect();
        assert_eq!(live() - before, 5_000);
        drop(futures);
        assert_eq!(live(), before);
        let futures: Vec<_> = (0..5_000)
            .map(|_| PoolFuture::new(holds::<40>(Arc::new(()))))
            .collect();
        assert_eq!(live() - before, 5_000);
        // In another thread, one of them by a panic.
        let last = futures.into_iter().skip(1).collect::<Vec<_>>();
        std::thread::spawn(move || drop(last)).join().unwrap();
        assert_eq!(live(), before);
        struct Bad;
        impl Drop for Bad {
            fn drop(&mut self) {
                panic!("as told");
            }
        }
        let mut bad = PoolFuture::new(async {
            let _bad = Bad;
            pause().await;
        });
        assert_eq!(poll(&mut Pin::new(&mut bad)), Poll::Pending);
        assert_eq!(live() - before, 1);
        let dropped = std::thread::spawn(move || drop(bad)).join();
        assert!(dropped.is_err());
        assert_eq!(live(), before, "the block of a future whose drop panics");
        println!("\ncounted");
    });
    assert!(apart.run("").succeeded().said("counted"));
}

/// Writes through its reference when it goes.
struct Writes<'a>(&'a mut u64);

impl Drop for Writes<'_> {
    fn drop(&mut self) {
        *self.0 += 1;
    }
}

/// Has, over a pause, an exclusive reference into itself.
async fn refers_to_itself() {
    let mut counter = 5;
    let within = Writes(&mut counter);
    pending::<()>().await;
    drop(within);
}

/// The reference within is still in force when the future is dropped: who frees the room must not look at the
/// value (Miri sees who does).
#[test]
fn what_refers_to_itself_is_not_looked_at() {
    #[derive(Pooled)]
    struct Around<F>(F);

    impl<F: Future> Future for Around<F> {
        type Output = F::Output;
        fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
            // SAFETY: the field does not move either.
            unsafe { self.map_unchecked_mut(|around| &mut around.0) }.poll(context)
        }
    }

    fn twice(mut future: Pin<impl core::ops::DerefMut<Target: Future<Output = ()>>>) {
        let mut context = Context::from_waker(Waker::noop());
        assert_eq!(future.as_mut().poll(&mut context), Poll::Pending);
        assert_eq!(future.as_mut().poll(&mut context), Poll::Pending);
    }
    twice(PoolBox::future(refers_to_itself()));
    twice(PoolBox::local_future(refers_to_itself()));
    twice(PoolBox::pin(Around(refers_to_itself())));
    twice(coerce!(PoolBox::pin(Around(refers_to_itself())) => dyn Future<Output = ()>));
    twice(pin!(PoolFuture::new(refers_to_itself())));
}
