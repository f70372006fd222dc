//! Values of one type on two threads: each with values of its own, or one making what the other frees.

use core::marker::PhantomData;
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

/// Rounds of as many pairs as there are values in the batch that follows them: made, then freed oldest first.
struct Contend<T: Item, S: Shared<T>> {
    store: S,
    places: [Option<S::Held>; BATCH],
    stamp: u64,
}

impl<T: Item, S: Shared<T>> Contend<T, S> {
    fn new(store: S) -> Self {
        Self {
            store,
            places: [const { None }; BATCH],
            stamp: 0,
        }
    }

    #[inline(always)]
    fn make(&mut self) -> S::Held {
        self.stamp += 1;
        let held = self.store.put(T::new(self.stamp));
        self.store.keep(&held);
        held
    }

    #[inline(always)]
    fn pair(&mut self) {
        let held = self.make();
        self.store.free(held);
    }

    #[inline(always)]
    fn fill(&mut self, place: usize) {
        let held = self.make();
        self.places[place] = Some(held);
    }

    #[inline(always)]
    fn empty(&mut self, place: usize) {
        if let Some(held) = self.places[place].take() {
            self.store.free(held);
        }
    }
}

impl<T: Item, S: Shared<T>> Part for Contend<T, S> {
    fn step(&mut self) {
        self.body(1);
    }

    #[inline(never)]
    fn body(&mut self, operations: u64) -> u64 {
        let rounds = operations.div_ceil(2 * BATCH as u64);
        for _ in 0..rounds {
            (0..BATCH).for_each(|_| self.pair());
            (0..BATCH).for_each(|place| self.fill(place));
            (0..BATCH).for_each(|place| self.empty(place));
        }
        rounds * 2 * BATCH as u64
    }

    /// An operation is a pair, or in the batch a value made, or one freed.
    #[inline(never)]
    fn tail(&mut self, operations: u64, times: &mut Recorder) {
        for _ in 0..operations.div_ceil(3 * BATCH as u64) {
            (0..BATCH).for_each(|_| times.time(|| self.pair()));
            (0..BATCH).for_each(|place| times.time(|| self.fill(place)));
            (0..BATCH).for_each(|place| times.time(|| self.empty(place)));
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
    use crate::lab::contestant::Contestant;
    use crate::lab::hot::Record;
    use crate::lab::store::{Boxes, Pools};

    fn job(row: &str, tail: bool) -> Job {
        Job {
            row: row.parse().expect("there is such a row"),
            contestant: Contestant::System,
            seconds: 0.01,
            ops: Some(5000),
            seed: 1,
            pin: false,
            prefault: false,
            tail,
            rate: None,
            remote_ratio: None,
            sizes: None,
            sample_ms: 0,
            inject: None,
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
