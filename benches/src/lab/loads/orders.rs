//! Values of one type on one thread: a pair, a thousand in three orders, one of many replaced, a window that moves.

use core::mem::MaybeUninit;

use crate::lab::crew::{self, Part};
use crate::lab::hot::{Header, Item, Node, Record, Tombstone};
use crate::lab::job::{Job, Report};
use crate::lab::store::{Family, Offers, Store};
use crate::lab::time::Recorder;
use crate::lab::workload::Workload;
use crate::random::Random;

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
        Workload::Lifo => crew::run(job, |_| Deep::<T, S>::new((0..DEEP as u32).rev().collect())),
        Workload::Fifo => crew::run(job, |_| Deep::<T, S>::new((0..DEEP as u32).collect())),
        Workload::Shuffled => crew::run(job, |_| {
            let mut order: Vec<u32> = (0..DEEP as u32).collect();
            Random::new(job.seed).shuffle(&mut order);
            Deep::<T, S>::new(order)
        }),
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
    item: core::marker::PhantomData<T>,
}

impl<T: Item, S: Store<T>> Pair<T, S> {
    fn new() -> Self {
        let item = core::marker::PhantomData;
        Self {
            store: S::open(WINDOW),
            stamp: 0,
            item,
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

/// Makes as many as the order is long, then frees them in that order. Each order is a table, so the loop costs the same.
///
/// A place has no mark that says whether it is full: to look at it would cost owners more than keys, which need no drop.
///
/// # Invariants
/// - `DEE-1`: `order` is a permutation of the numbers of `places`. Made by `new`'s callers; used by `free`.
struct Deep<T: Item, S: Store<T>> {
    store: S,
    order: Vec<u32>,
    places: Vec<MaybeUninit<S::Held>>,
    stamp: u64,
}

impl<T: Item, S: Store<T>> Deep<T, S> {
    fn new(order: Vec<u32>) -> Self {
        let places = order.iter().map(|_| MaybeUninit::uninit()).collect();
        Self {
            store: S::open(order.len()),
            order,
            places,
            stamp: 0,
        }
    }

    /// Makes a value with the next stamp.
    #[inline(always)]
    fn make(store: &mut S, stamp: &mut u64) -> S::Held {
        *stamp += 1;
        let held = store.put(T::new(*stamp));
        store.keep(&held);
        held
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

impl<T: Item, S: Store<T>> Part for Deep<T, S> {
    fn step(&mut self) {
        self.body(1);
    }

    #[inline(never)]
    fn body(&mut self, operations: u64) -> u64 {
        let rounds = operations.div_ceil(self.order.len() as u64);
        let mut stamp = self.stamp;
        for _ in 0..rounds {
            for place in &mut self.places {
                place.write(Self::make(&mut self.store, &mut stamp));
            }
            for &place in &self.order {
                // SAFETY: the loop above has filled all, and by DEE-1 each is emptied once.
                unsafe { Self::free(&mut self.store, &self.places[place as usize]) };
            }
            self.store.sweep();
        }
        self.stamp = stamp;
        rounds * self.order.len() as u64
    }

    /// An operation is a value made, or one freed.
    #[inline(never)]
    fn tail(&mut self, operations: u64, times: &mut Recorder) {
        for _ in 0..operations.div_ceil(2 * self.order.len() as u64) {
            for place in &mut self.places {
                times.time(|| {
                    place.write(Self::make(&mut self.store, &mut self.stamp));
                });
            }
            let last = self.order.len() - 1;
            for (number, &place) in self.order.iter().enumerate() {
                times.time(|| {
                    // SAFETY: the loop above has filled all, and by DEE-1 each is emptied once.
                    unsafe { Self::free(&mut self.store, &self.places[place as usize]) };
                    // Who frees all at once does it with the last.
                    if number == last {
                        self.store.sweep();
                    }
                });
            }
        }
    }
}

struct Replace<T: Item, S: Store<T>> {
    store: S,
    places: Vec<S::Held>,
    random: Random,
    stamp: u64,
    item: core::marker::PhantomData<T>,
}

impl<T: Item, S: Store<T>> Replace<T, S> {
    /// A heap just filled in order is a special case: each place has been replaced twice in the mean before the first sample.
    fn new(seed: u64) -> Self {
        let mut store = S::open(MANY + 1);
        let places = (0..MANY as u64)
            .map(|stamp| store.put(T::new(stamp)))
            .collect();
        let item = core::marker::PhantomData;
        let mut all = Self {
            store,
            places,
            random: Random::new(seed),
            stamp: 0,
            item,
        };
        all.body(2 * MANY as u64);
        all
    }
}

impl<T: Item, S: Store<T>> Part for Replace<T, S> {
    #[inline(always)]
    fn step(&mut self) {
        self.stamp += 1;
        let place = self.random.below(self.places.len());
        let held = self.store.put(T::new(self.stamp));
        self.store.keep(&held);
        let old = core::mem::replace(&mut self.places[place], held);
        self.store.free(old);
    }
}

/// The oldest of a window is freed after each new one.
struct Window<T: Item, S: Store<T>> {
    store: S,
    places: Vec<S::Held>,
    stamp: u64,
    item: core::marker::PhantomData<T>,
}

impl<T: Item, S: Store<T>> Window<T, S> {
    fn new() -> Self {
        let mut store = S::open(WINDOW + 1);
        let places = (0..WINDOW as u64)
            .map(|stamp| store.put(T::new(stamp)))
            .collect();
        Self {
            store,
            places,
            stamp: 0,
            item: core::marker::PhantomData,
        }
    }
}

impl<T: Item, S: Store<T>> Part for Window<T, S> {
    #[inline(always)]
    fn step(&mut self) {
        self.stamp += 1;
        let place = self.stamp as usize % WINDOW;
        let held = self.store.put(T::new(self.stamp));
        self.store.keep(&held);
        let old = core::mem::replace(&mut self.places[place], held);
        self.store.free(old);
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
