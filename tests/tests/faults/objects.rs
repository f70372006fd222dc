//! Trait objects and counted values under refusal: blocks of the backing allocator that went unnoticed
//! among those of slabs, and no memory for a line in the book.

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use std::any::Any;
use std::thread;

use sydra_pool::__private::v1::faults;
use sydra_pool::{
    AllocError, LocalPoolFuture, PoolArc, PoolBox, PoolFuture, PoolRc, Pooled, Refusal, coerce,
    pool,
};
use tests::child::Apart;
use tests::counted::{class, counted};

use crate::sweep::{Mood, sweep};

/// More than a slab of each type below.
const MANY: u64 = 1_500;

/// Foreign blocks among those of slabs, of three kinds of pools.
macro_rules! kinds {
    ($($name:ident $([$parameter:ident])?: $(#[$attribute:meta])*;)*) => {$(
        #[derive(Pooled)]
        $(#[$attribute])*
        struct $name $(<$parameter>)? {
            body: [u64; 20],
            $(_more: $parameter,)?
        }
        impl$(<$parameter>)? $name $(<$parameter>)? {
            fn number(&self) -> u64 {
                assert_eq!(self.body, [self.body[0]; 20]);
                self.body[0]
            }
        }
    )*};
}
kinds! {
    Own: #[pooled(magazine = 16)];
    Merged: #[pooled(merge)];
    Generic[T]: ;
    Wiped: #[pooled(merge, zero_on_free)];
}

type Object = PoolBox<dyn Any + Send>;

/// Many boxes as objects, while now and then just the next slab is refused, so that the backing
/// allocator, asked after it, serves.
fn objects(first: u64, make: impl Fn(u64) -> Object) -> Vec<Object> {
    let objects = (0..60_000)
        .map(|number| {
            if number % 100 == 0 {
                faults::refuse_only(first);
            }
            make(number)
        })
        .collect();
    faults::allow_all();
    objects
}

/// Where all of it goes: dropped here, dropped elsewhere, known again.
fn let_go<T: Pooled + Any>(objects: Vec<Object>, number: fn(&T) -> u64) {
    let mut elsewhere = Vec::new();
    for (place, object) in objects.into_iter().enumerate() {
        match place % 3 {
            0 => drop(object),
            1 => elsewhere.push(object),
            _ => {
                let typed = object
                    .downcast::<T>()
                    .map_err(|_| "its type")
                    .expect("its own type");
                assert_eq!(number(&typed), place as u64);
                // And forgotten once more, of some.
                if place % 2 == 0 {
                    drop(coerce!(typed => dyn Any));
                }
            }
        }
    }
    thread::spawn(move || drop(elsewhere))
        .join()
        .expect("no panic");
}

/// All that was served by the backing allocator is back there.
fn all_back() {
    sydra_pool::trim();
    let fallback = sydra_pool::snapshot().fallback;
    assert!(
        fallback.refill_failed > 2,
        "nothing was refused: {fallback:?}"
    );
    assert_eq!(
        (fallback.frees, fallback.bytes),
        (fallback.allocs, 0),
        "{fallback:?}"
    );
}

macro_rules! foreign {
    ($($test:ident: $type:ty, $make:expr;)*) => {$(
        #[test]
        fn $test() {
            let apart = Apart::new(concat!("objects::", stringify!($test)), |first| {
                let first = first.parse().expect("a number");
                let make: fn(u64) -> $type = $make;
                let objects = objects(first, |number| {
                    coerce!(PoolBox::new(make(number)) => dyn Any + Send)
                });
                let served = sydra_pool::snapshot().fallback;
                assert_eq!(served.frees, 0, "{served:?}");
                let_go::<$type>(objects, |value| value.number());
                all_back();
                let figures = pool::<$type>().stats();
                assert_eq!((figures.live, figures.allocations), (0, figures.frees), "{figures:?}");
                let class = class(figures.stride);
                assert_eq!((class.live, class.allocations), (0, class.frees), "{class:?}");
            });
            for first in 0..2 {
                apart.run(first).succeeded();
            }
        }
    )*};
}
foreign! {
    foreign_blocks_of_an_own_pool: Own, |number| Own { body: [number; 20] };
    foreign_blocks_of_a_merged_pool: Merged, |number| Merged { body: [number; 20] };
    foreign_blocks_of_a_class: Generic<u64>, |number| Generic { body: [number; 20], _more: 0 };
    foreign_blocks_that_are_overwritten: Wiped, |number| Wiped { body: [number; 20] };
}

/// The same for counted values, which go by their heads.
#[test]
fn foreign_blocks_of_counted_values() {
    let apart = Apart::new("objects::foreign_blocks_of_counted_values", |first| {
        let first: u64 = first.parse().expect("a number");
        let mut objects: Vec<PoolArc<dyn Any + Send + Sync>> = Vec::new();
        for number in 0..60_000 {
            if number % 100 == 0 {
                faults::refuse_only(first);
            }
            let any = match number % 2 {
                0 => coerce!(PoolArc::new(Own { body: [number; 20] }) => dyn Any + Send + Sync),
                _ => {
                    let generic = Generic {
                        body: [number; 20],
                        _more: 0_u64,
                    };
                    coerce!(PoolArc::new(generic) => dyn Any + Send + Sync)
                }
            };
            objects.push(any);
        }
        faults::allow_all();
        let clones = objects.clone();
        drop(objects);
        thread::spawn(move || drop(clones))
            .join()
            .expect("no panic");
        all_back();
        let figures = counted::<Own>();
        assert_eq!(
            (figures.live, figures.allocations),
            (0, figures.frees),
            "{figures:?}"
        );
    });
    for first in 0..2 {
        apart.run(first).succeeded();
    }
}

fn judge<T, V>(mood: Mood, result: Result<T, AllocError<V>>) -> Result<T, AllocError<V>> {
    if let Err(error) = &result {
        assert_eq!(mood, Mood::Stingy, "refused though nothing was");
        assert_eq!(error.reason(), Refusal::OutOfMemory);
    }
    result
}

#[derive(Pooled)]
struct Large([u64; 5_000]);

/// Every refusal, of every function that can say no: values and closures come back.
macro_rules! counted_values {
    ($($test:ident: $name:ident)*) => {$(
        #[test]
        fn $test() {
            sweep(concat!("objects::", stringify!($test)), |mood| {
                let mut held = Vec::new();
                for number in 0..MANY {
                    let value = Own { body: [number; 20] };
                    match number % 3 {
                        0 => match judge(mood, $name::try_new(value)) {
                            Ok(one) => held.push(one),
                            Err(error) => assert_eq!(error.into_inner().number(), number),
                        },
                        1 => match judge(mood, $name::try_new_with(move || value)) {
                            Ok(one) => held.push(one),
                            Err(error) => assert_eq!((error.into_inner())().number(), number),
                        },
                        _ => match judge(mood, $name::try_pin(value)) {
                            Ok(pinned) => drop(pinned),
                            Err(error) => assert_eq!(error.into_inner().number(), number),
                        },
                    }
                }
                assert_eq!(counted::<Own>().live, held.len() as u64);
                for one in &held {
                    assert!(one.number() < MANY);
                }
                for number in 0..3 {
                    match judge(mood, $name::try_new(Large([number; 5_000]))) {
                        Ok(one) => drop(coerce!(one => dyn Any)),
                        Err(error) => assert_eq!(error.into_inner().0[4_999], number),
                    }
                }
                drop(held);
                assert_eq!((counted::<Own>().live, counted::<Large>().live), (0, 0));
            });
        }
    )*};
}
counted_values! {
    values_counted_by_threads: PoolArc
    values_counted_here: PoolRc
}

/// The same for futures: what is refused is there as it was.
#[test]
fn futures() {
    fn run<F: Future>(future: Pin<&mut F>) -> F::Output {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => output,
            Poll::Pending => unreachable!("nothing is waited for"),
        }
    }
    sweep("objects::futures", |mood| {
        let (mut own, mut local) = (Vec::new(), Vec::new());
        for number in 0..MANY {
            let body = [number; 20];
            let future = async move { body.iter().sum::<u64>() };
            let refused = match number % 2 {
                0 => match judge(mood, PoolFuture::try_new(future)) {
                    Ok(one) => {
                        own.push((number, one));
                        continue;
                    }
                    Err(error) => error.into_inner(),
                },
                _ => match judge(mood, LocalPoolFuture::try_new(future)) {
                    Ok(one) => {
                        local.push((number, one));
                        continue;
                    }
                    Err(error) => error.into_inner(),
                },
            };
            assert_eq!(run(pin!(refused)), 20 * number);
        }
        for (number, mut one) in own {
            assert_eq!(run(Pin::new(&mut one)), 20 * number);
        }
        for (number, mut one) in local {
            assert_eq!(run(Pin::new(&mut one)), 20 * number);
        }
    });
}

/// Without memory for the line nobody could find the room again: the process stops.
#[test]
fn no_memory_for_a_line_in_the_book() {
    let apart = Apart::new("objects::no_memory_for_a_line_in_the_book", |_| {
        // Over-aligned, so it is outside of the slabs, and small.
        #[derive(Pooled)]
        #[repr(align(8192))]
        struct Over(#[expect(dead_code, reason = "gives the value a size")] u64);
        let boxes: Vec<_> = (0..40_000)
            .map(|number| PoolBox::new(Over(number)))
            .collect();
        faults::refuse_from(0);
        let objects: Vec<_> = boxes
            .into_iter()
            .map(|one| coerce!(one => dyn Any))
            .collect();
        faults::allow_all();
        drop(objects);
    });
    apart
        .run("")
        .aborted("memory allocation of 8192 bytes failed");
}
