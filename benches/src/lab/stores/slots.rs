//! Pools of slots that grow and never move a value: `plurality` and `infinity_pool`.

use std::sync::{Arc, Mutex, PoisonError};

use crate::lab::hot::Item;
use crate::lab::store::{Offers, OffersShared, Shared, Store, owners};
use crate::owner::keep;

/// `plurality`.
#[derive(Debug)]
pub struct Plurality;

impl<T: Item> Offers<T> for Plurality {
    type Store = BoundPluralities<T>;
}

impl<T: Item> OffersShared<T> for Plurality {
    type Contended = LockedPluralities<T>;
    type Handed = Pluralities<T>;
}

/// A pool of one thread with the cheapest owners, which borrow it: it is leaked, once for a store.
#[derive(Debug)]
pub struct BoundPluralities<T: Item>(&'static plurality::Pool<T>);

impl<T: Item> Store<T> for BoundPluralities<T> {
    type Held = plurality::Alloc<'static, T>;

    fn open(_: usize) -> Self {
        Self(Box::leak(Box::default()))
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> Self::Held {
        self.0.alloc(value)
    }

    owners!();
}

/// A pool of the thread that puts values in; any thread frees them, without a lock.
#[derive(Debug)]
pub struct Pluralities<T: Item>(plurality::Pool<T>);

impl<T: Item> Store<T> for Pluralities<T> {
    type Held = plurality::Box<T>;

    fn open(_: usize) -> Self {
        Self(plurality::Pool::new())
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> Self::Held {
        self.0.alloc_box(value)
    }

    owners!();
}

/// One thread's pool is all there is: the others free what it has handed to them, and their own pools stay empty.
impl<T: Item> Shared<T> for Pluralities<T> {
    fn several(capacity: usize, threads: usize) -> Vec<Self> {
        (0..threads).map(|_| Self::open(capacity)).collect()
    }
}

/// A handle to a pool that several threads put values into, one at a time; any thread frees them, without the lock.
#[derive(Debug, Clone)]
pub struct LockedPluralities<T: Item>(Arc<Mutex<plurality::Pool<T>>>);

impl<T: Item> Store<T> for LockedPluralities<T> {
    type Held = plurality::Box<T>;

    fn open(_: usize) -> Self {
        Self(Arc::default())
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> Self::Held {
        // A pool that panics is whole: it gives no owner away then.
        let pool = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        pool.alloc_box(value)
    }

    owners!();
}

impl<T: Item> Shared<T> for LockedPluralities<T> {
    fn several(capacity: usize, threads: usize) -> Vec<Self> {
        vec![Self::open(capacity); threads]
    }
}

/// `infinity_pool`.
#[derive(Debug)]
pub struct InfinityPool;

impl<T: Item> Offers<T> for InfinityPool {
    type Store = RawPinnedPools<T>;
}

impl<T: Item> OffersShared<T> for InfinityPool {
    type Contended = PinnedPools<T>;
    type Handed = PinnedPools<T>;
}

/// A pool whose values are freed by hand, its fastest.
///
/// # Invariants
/// - `INF-1`: a handle is of a value in this pool. Made by `put`; kept by `free`, which takes the handle, and by who uses a
///   store: each has one pool, and its handles go nowhere else.
#[derive(Debug)]
pub struct RawPinnedPools<T: Item>(infinity_pool::RawPinnedPool<T>);

impl<T: Item> Store<T> for RawPinnedPools<T> {
    type Held = infinity_pool::RawPooledMut<T>;

    fn open(capacity: usize) -> Self {
        let mut pool = infinity_pool::RawPinnedPool::new();
        pool.reserve(capacity);
        Self(pool)
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> Self::Held {
        self.0.insert(value)
    }

    #[inline(always)]
    fn keep(&self, held: &Self::Held) {
        keep(held.ptr().as_ptr());
    }

    #[inline(always)]
    fn stamp(&self, held: &Self::Held) -> u64 {
        // SAFETY: INF-1.
        unsafe { held.as_ref() }.stamp()
    }

    #[inline(always)]
    fn free(&mut self, held: Self::Held) {
        // SAFETY: INF-1.
        unsafe { self.0.remove(held) };
    }
}

/// A handle to a pool that locks itself, with owners.
#[derive(Debug, Clone)]
pub struct PinnedPools<T: Item>(infinity_pool::PinnedPool<T>);

impl<T: Item> Store<T> for PinnedPools<T> {
    type Held = infinity_pool::PooledMut<T>;

    fn open(capacity: usize) -> Self {
        let pool = infinity_pool::PinnedPool::new();
        pool.reserve(capacity);
        Self(pool)
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> Self::Held {
        self.0.insert(value)
    }

    owners!();
}

impl<T: Item> Shared<T> for PinnedPools<T> {
    fn several(capacity: usize, threads: usize) -> Vec<Self> {
        vec![Self::open(capacity); threads]
    }
}
