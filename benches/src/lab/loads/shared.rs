//! Values of one type on two threads: each with values of its own, or one making what the other frees.

use core::marker::PhantomData;
use core::mem::MaybeUninit;
use std::sync::{Arc, Mutex};

use crate::handoff::{ENTRIES, Ring};
use crate::lab::crew::{self, Part};
use crate::lab::hot::Item;
use crate::lab::job::{Job, Report};
use crate::lab::store::Shared;
use crate::lab::time::Recorder;

/// Pairs of a round, and values of its batch.
const BATCH: usize = 32;

/// Measures threads that use the same store and no values of each other.
pub fn contend<T: Item, S: Shared<T>>(job: &Job) -> Report {
    let threads = job.row.threads as usize;
    let stores = Handles::<T, S>::new(2 * BATCH * threads, threads);
    crew::run(job, |index| Contend::<T, S>::new(stores.take(index)))
}

/// Measures a thread that puts values in and another that frees them.
pub fn handoff<T: Item, S: Shared<T>>(job: &Job) -> Report {
    let stores = Handles::<T, S>::new(2 * ENTRIES, 2);
    let ring = Arc::new(Ring::new());
    crew::run(job, |index| Handoff::<T, S> {
        store: stores.take(index),
        ring: Arc::clone(&ring),
        produces: index == 0,
    })
}

/// The handles to a store, one for each thread.
struct Handles<T: Item, S: Shared<T>> {
    stores: Mutex<Vec<Option<S>>>,
    item: PhantomData<fn() -> T>,
}

impl<T: Item, S: Shared<T>> Handles<T, S> {
    fn new(capacity: usize, threads: usize) -> Self {
        let stores = S::several(capacity, threads).into_iter().map(Some);
        Self {
            stores: Mutex::new(stores.collect()),
            item: PhantomData,
        }
    }

    fn take(&self, index: usize) -> S {
        let mut stores = self.stores.lock().expect("nobody panics with it");
        stores[index].take().expect("each thread takes its own")
    }
}

/// Rounds of as many pairs as there are values in the batch that follows them: made, then freed oldest first. (The places of
/// the batch have no mark that says whether they are full: to look at it would cost owners more than keys.)
struct Contend<T: Item, S: Shared<T>> {
    store: S,
    places: [MaybeUninit<S::Held>; BATCH],
    stamp: u64,
}

impl<T: Item, S: Shared<T>> Contend<T, S> {
    fn new(store: S) -> Self {
        Self {
            store,
            places: [const { MaybeUninit::uninit() }; BATCH],
            stamp: 0,
        }
    }

    #[inline(always)]
    fn make(store: &mut S, stamp: &mut u64) -> S::Held {
        *stamp += 1;
        let held = store.put(T::new(*stamp));
        store.keep(&held);
        held
    }

    #[inline(always)]
    fn pair(store: &mut S, stamp: &mut u64) {
        let held = Self::make(store, stamp);
        store.free(held);
    }

    /// Frees the value of a place.
    ///
    /// # Safety
    /// The place is full, and it is filled anew before this is called for it again.
    #[inline(always)]
    unsafe fn free(store: &mut S, place: &MaybeUninit<S::Held>) {
        // SAFETY: the caller says that it is full and read once.
        store.free(unsafe { place.assume_init_read() });
    }
}

impl<T: Item, S: Shared<T>> Part for Contend<T, S> {
    fn step(&mut self) {
        self.body(1);
    }

    #[inline(never)]
    fn body(&mut self, operations: u64) -> u64 {
        let rounds = operations.div_ceil(2 * BATCH as u64);
        let mut stamp = self.stamp;
        for _ in 0..rounds {
            for _ in 0..BATCH {
                Self::pair(&mut self.store, &mut stamp);
            }
            for place in &mut self.places {
                place.write(Self::make(&mut self.store, &mut stamp));
            }
            for place in &self.places {
                // SAFETY: the loop above has filled all, and each is emptied once.
                unsafe { Self::free(&mut self.store, place) };
            }
        }
        self.stamp = stamp;
        rounds * 2 * BATCH as u64
    }

    /// An operation is a pair, or in the batch a value made, or one freed.
    #[inline(never)]
    fn tail(&mut self, operations: u64, times: &mut Recorder) {
        for _ in 0..operations.div_ceil(3 * BATCH as u64) {
            for _ in 0..BATCH {
                times.time(|| Self::pair(&mut self.store, &mut self.stamp));
            }
            for place in &mut self.places {
                times.time(|| {
                    place.write(Self::make(&mut self.store, &mut self.stamp));
                });
            }
            for place in &self.places {
                // SAFETY: the loop above has filled all, and each is emptied once.
                times.time(|| unsafe { Self::free(&mut self.store, place) });
            }
        }
    }
}

/// One end of the ring. An operation is a value handed over: the producer counts it.
struct Handoff<T: Item, S: Shared<T>> {
    store: S,
    ring: Arc<Ring<S::Held>>,
    produces: bool,
}

impl<T: Item, S: Shared<T>> Part for Handoff<T, S> {
    fn step(&mut self) {
        self.body(1);
    }

    #[inline(never)]
    fn body(&mut self, operations: u64) -> u64 {
        let store = &mut self.store;
        if self.produces {
            self.ring.produce(operations as usize, |stamp| {
                let held = store.put(T::new(stamp));
                store.keep(&held);
                held
            });
            operations
        } else {
            self.ring.consume(operations as usize, |held| {
                std::hint::black_box(store.stamp(&held));
                store.free(held);
            });
            0
        }
    }

    /// The two ends stop at different moments when single operations are timed, and one would wait for the other for ever.
    fn has_tail(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::hot::Record;
    use crate::lab::job::tests as tests_of_job;
    use crate::lab::store::{Boxes, Pools};

    fn job(row: &str, tail: bool) -> Job {
        Job {
            seconds: 0.01,
            ops: Some(5000),
            tail,
            ..tests_of_job::job(row)
        }
    }

    #[test]
    fn both_threads_do_all_that_they_are_told() {
        let report = contend::<Record, Boxes>(&job("contend/record/2t", true));
        assert!(report.samples.len() >= 3);
        let tail = report.tail.expect("pairs and batches have a tail");
        let counted: u64 = tail.counts.iter().map(|(_, count)| count).sum();
        assert!(counted >= 2 * 5000, "{counted}");
    }

    #[test]
    fn what_is_handed_over_arrives_and_is_counted_once() {
        let ring = Arc::new(Ring::new());
        let ends = [true, false].map(|produces| Handoff::<Record, Pools> {
            store: Pools,
            ring: Arc::clone(&ring),
            produces,
        });
        let counts = ends.map(|mut end| std::thread::spawn(move || end.body(3000)));
        let counts = counts.map(|thread| thread.join().expect("an end panicked"));
        assert_eq!(counts, [3000, 0]);
        let report = handoff::<Record, Pools>(&job("handoff/record/2t", true));
        assert!(report.samples.iter().all(|sample| sample.ns > 0.0));
        assert_eq!(report.tail, None);
    }
}
