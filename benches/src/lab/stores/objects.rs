//! Pools that recycle objects: `object-pool`, `lockfree-object-pool`, `opool`. An object that is pulled has an old value, and
//! the new one is written over it.

use core::fmt;

use crate::lab::hot::Item;
use crate::lab::store::{Offers, OffersShared, Shared, Store};
use crate::owner::keep;

/// One pool for each store. Its owners borrow it, so it stays for the rest of the process.
fn leaked<P>(pool: P) -> &'static P {
    Box::leak(Box::new(pool))
}

macro_rules! recycling {
    ($(#[doc = $doc:literal])+ $Store:ident of $Pool:ty, owner $Held:ty, open $open:expr, pull $pull:expr, keep $keep:expr;) => {
        $(#[doc = $doc])+
        pub struct $Store<T: Item>(&'static $Pool);

        impl<T: Item> fmt::Debug for $Store<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Store)).finish_non_exhaustive()
            }
        }

        impl<T: Item> Store<T> for $Store<T> {
            type Held = $Held;

            fn open(capacity: usize) -> Self {
                let open: fn(usize) -> $Pool = $open;
                Self(leaked(open(capacity)))
            }

            #[inline(always)]
            fn put(&mut self, value: T) -> $Held {
                let pull = $pull;
                let mut held: $Held = pull(self.0);
                *held = value;
                held
            }

            #[inline(always)]
            fn keep(&self, held: &$Held) {
                let keep: fn(&Self, &$Held) = $keep;
                keep(self, held);
            }

            #[inline(always)]
            fn stamp(&self, held: &$Held) -> u64 {
                held.stamp()
            }

            #[inline(always)]
            fn free(&mut self, held: $Held) {
                drop(held);
            }
        }
    };
    ($(#[doc = $doc:literal])+ shared $Store:ident $($rest:tt)+) => {
        recycling! { $(#[doc = $doc])+ $Store $($rest)+ }

        impl<T: Item> Shared<T> for $Store<T> {
            fn several(capacity: usize, threads: usize) -> Vec<Self> {
                let Self(pool) = Self::open(capacity);
                (0..threads).map(|_| Self(pool)).collect()
            }
        }
    };
}

/// `object-pool`.
#[derive(Debug)]
pub struct ObjectPool;

impl<T: Item> Offers<T> for ObjectPool {
    type Store = ObjectPools<T>;
}

impl<T: Item> OffersShared<T> for ObjectPool {
    type Contended = ObjectPools<T>;
    type Handed = ObjectPools<T>;
}

recycling! {
    /// A handle to an `object_pool::Pool`. The value lies within its owner: where that is put, the value is written, so the
    /// pool alone is looked at, and nobody has to write the owner to the stack first.
    shared ObjectPools of object_pool::Pool<T>, owner object_pool::Reusable<'static, T>,
    open |capacity| object_pool::Pool::new(capacity, || T::new(0)),
    pull |pool: &'static object_pool::Pool<T>| pool.pull(|| T::new(0)),
    keep |store, _| keep(&raw const *store.0);
}

/// `lockfree-object-pool`.
#[derive(Debug)]
pub struct LockfreeObjectPool;

impl<T: Item> Offers<T> for LockfreeObjectPool {
    type Store = LinearPools<T>;
}

impl<T: Item> OffersShared<T> for LockfreeObjectPool {
    type Contended = LinearPools<T>;
    type Handed = LinearPools<T>;
}

recycling! {
    /// A handle to a `LinearObjectPool`, the fastest of its crate by that crate's own figures. It looks for a free object
    /// from its first page on, so it slows down with the number of live values.
    shared LinearPools of lockfree_object_pool::LinearObjectPool<T>,
    owner lockfree_object_pool::LinearReusable<'static, T>,
    open |_| lockfree_object_pool::LinearObjectPool::new(|| T::new(0), |_| {}),
    pull |pool: &'static lockfree_object_pool::LinearObjectPool<T>| pool.pull(),
    keep |_, held| keep(&raw const **held);
}

/// `opool`.
#[derive(Debug)]
pub struct Opool;

impl<T: Item> Offers<T> for Opool {
    type Store = LocalOpools<T>;
}

impl<T: Item> OffersShared<T> for Opool {
    type Contended = Opools<T>;
    type Handed = Opools<T>;
}

/// Makes values for `opool`, which keeps them initialised.
#[derive(Debug)]
pub struct Maker;

impl<T: Item> opool::PoolAllocator<T> for Maker {
    #[inline(always)]
    fn allocate(&self) -> T {
        T::new(0)
    }
}

recycling! {
    /// An `opool::LocalPool`, of one thread. The value lies within its owner.
    LocalOpools of opool::LocalPool<Maker, T>, owner opool::RefLocalGuard<'static, Maker, T>,
    open |capacity| opool::LocalPool::new_prefilled(capacity, Maker),
    pull |pool: &'static opool::LocalPool<Maker, T>| pool.get(),
    keep |store, _| keep(&raw const *store.0);
}

recycling! {
    /// A handle to an `opool::Pool`. The value lies within its owner.
    shared Opools of opool::Pool<Maker, T>, owner opool::RefGuard<'static, Maker, T>,
    open |capacity| opool::Pool::new_prefilled(capacity, Maker),
    pull |pool: &'static opool::Pool<Maker, T>| pool.get(),
    keep |store, _| keep(&raw const *store.0);
}
