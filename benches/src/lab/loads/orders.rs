//! Values of one type on one thread: a pair, a thousand in three orders, one of many replaced, a window that moves.

use core::marker::PhantomData;

use crate::batch::Batch;
use crate::lab::crew::{self, Part};
use crate::lab::hot::{Header, Item, Node, Record, Tombstone};
use crate::lab::job::{Job, Report};
use crate::lab::store::{Family, Offers, Store};
use crate::lab::time::{Recorder, Unwatched, Watch};
use crate::lab::workload::Workload;
use crate::random::Random;
use crate::row::Order;

/// Values that are alive at once in the rows of three orders.
const DEEP: usize = 1000;

/// Values that are alive at once in the rows that replace one at random.
const MANY: usize = 20_000;

/// Values that are alive at once in a window.
const WINDOW: usize = 64;

/// Measures a row of one type.
///
/// # Panics
/// If the row is none of these.
pub fn run<T: Item, S: Store<T>>(job: &Job) -> Report {
    match job.row.workload {
        Workload::Pair => crew::run(job, |_| Pair::<T, S>::new()),
        Workload::Lifo => crew::run(job, |_| Deep::<T, S>::new(Order::Lifo, job.seed)),
        Workload::Fifo => crew::run(job, |_| Deep::<T, S>::new(Order::Fifo, job.seed)),
        Workload::Shuffled => crew::run(job, |_| Deep::<T, S>::new(Order::Shuffled, job.seed)),
        Workload::Replace => crew::run(job, |_| Replace::<T, S>::new(job.seed)),
        Workload::Types => crew::run(job, |_| Window::<T, S>::new()),
        other => panic!("{other} is no row of one type and one thread"),
    }
}

/// Measures the four hot structs mixed.
pub fn mix<F: Family>(job: &Job) -> Report {
    crew::run(job, |_| Mix::<F> {
        tombstones: Window::new(),
        headers: Window::new(),
        nodes: Window::new(),
        records: Window::new(),
        step: 0,
    })
}

struct Pair<T: Item, S: Store<T>> {
    store: S,
    stamp: u64,
    item: PhantomData<T>,
}

impl<T: Item, S: Store<T>> Pair<T, S> {
    fn new() -> Self {
        Self {
            store: S::open(WINDOW),
            stamp: 0,
            item: PhantomData,
        }
    }
}

impl<T: Item, S: Store<T>> Part for Pair<T, S> {
    #[inline(always)]
    fn step(&mut self) {
        self.stamp += 1;
        let held = self.store.put(T::new(self.stamp));
        self.store.keep(&held);
        self.store.free(held);
    }
}

/// Makes many, then frees them in an order.
struct Deep<T: Item, S: Store<T>> {
    store: S,
    batch: Batch<S::Held>,
    stamp: u64,
}

impl<T: Item, S: Store<T>> Deep<T, S> {
    fn new(order: Order, seed: u64) -> Self {
        Self {
            store: S::open(DEEP),
            batch: Batch::new(DEEP, order, seed),
            stamp: 0,
        }
    }

    #[inline(always)]
    fn rounds(&mut self, count: u64, watch: &mut impl Watch) {
        // The stamp is a copy, so that it stays in a register.
        let mut context = (&mut self.store, self.stamp);
        for _ in 0..count {
            self.batch.round(
                watch,
                &mut context,
                |(store, stamp)| {
                    *stamp += 1;
                    let held = store.put(T::new(*stamp));
                    store.keep(&held);
                    held
                },
                |(store, _), held| store.free(held),
            );
            // Who frees all at once does it here: an operation of its own.
            watch.time(|| context.0.sweep());
        }
        self.stamp = context.1;
    }
}

impl<T: Item, S: Store<T>> Part for Deep<T, S> {
    fn step(&mut self) {
        self.body(1);
    }

    #[inline(never)]
    fn body(&mut self, operations: u64) -> u64 {
        let rounds = operations.div_ceil(self.batch.depth());
        self.rounds(rounds, &mut Unwatched);
        rounds * self.batch.depth()
    }

    /// An operation is a value made, or one freed.
    #[inline(never)]
    fn tail(&mut self, operations: u64, times: &mut Recorder) {
        self.rounds(operations.div_ceil(2 * self.batch.depth()), times);
    }
}

/// So many values alive; one is freed for each that is made.
struct Live<T: Item, S: Store<T>> {
    store: S,
    places: Vec<S::Held>,
    stamp: u64,
    item: PhantomData<T>,
}

impl<T: Item, S: Store<T>> Live<T, S> {
    fn new(count: usize) -> Self {
        let mut store = S::open(count + 1);
        let places = (0..count as u64)
            .map(|stamp| store.put(T::new(stamp)))
            .collect();
        Self {
            store,
            places,
            stamp: 0,
            item: PhantomData,
        }
    }

    /// A new value in the place that `of` names by the value's stamp, or by chance.
    #[inline(always)]
    fn exchange(&mut self, of: impl FnOnce(usize) -> usize) {
        self.stamp += 1;
        let place = of(self.stamp as usize);
        let held = self.store.put(T::new(self.stamp));
        self.store.keep(&held);
        let old = core::mem::replace(&mut self.places[place], held);
        self.store.free(old);
    }
}

/// One of many, chosen at random, is freed after each new one.
struct Replace<T: Item, S: Store<T>> {
    live: Live<T, S>,
    random: Random,
}

impl<T: Item, S: Store<T>> Replace<T, S> {
    /// A heap just filled in order is a special case: each place has been replaced twice in the mean before the first sample.
    fn new(seed: u64) -> Self {
        let mut all = Self {
            live: Live::new(MANY),
            random: Random::new(seed),
        };
        all.body(2 * MANY as u64);
        all
    }
}

impl<T: Item, S: Store<T>> Part for Replace<T, S> {
    #[inline(always)]
    fn step(&mut self) {
        let places = self.live.places.len();
        self.live.exchange(|_| self.random.below(places));
    }
}

/// The oldest of a window is freed after each new one.
struct Window<T: Item, S: Store<T>>(Live<T, S>);

impl<T: Item, S: Store<T>> Window<T, S> {
    fn new() -> Self {
        Self(Live::new(WINDOW))
    }
}

impl<T: Item, S: Store<T>> Part for Window<T, S> {
    #[inline(always)]
    fn step(&mut self) {
        self.0.exchange(|stamp| stamp % WINDOW);
    }
}

/// As a write path has them: of eight values four are nodes, two headers, one is a record, one a tombstone.
struct Mix<F: Family> {
    tombstones: Window<Tombstone, <F as Offers<Tombstone>>::Store>,
    headers: Window<Header, <F as Offers<Header>>::Store>,
    nodes: Window<Node, <F as Offers<Node>>::Store>,
    records: Window<Record, <F as Offers<Record>>::Store>,
    step: u64,
}

impl<F: Family> Part for Mix<F> {
    #[inline(always)]
    fn step(&mut self) {
        self.step += 1;
        match self.step % 8 {
            0 => self.tombstones.step(),
            4 => self.records.step(),
            2 | 6 => self.headers.step(),
            _ => self.nodes.step(),
        }
    }
}
