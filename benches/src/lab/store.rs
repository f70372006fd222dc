//! One interface to all that holds values of a type, so that every contestant runs the same loops, monomorphised.

use sydra_pool::PoolBox;

use super::hot::{Header, Item, Node, Record, Tombstone};
use crate::owner::keep;

/// A place that values are put into. A thread has one of its own, or a handle of its own to one that is shared.
pub trait Store<T: Item>: Sized {
    /// What is given for a value: an owner or a key.
    type Held;

    /// A store for about `capacity` values, used by one thread.
    fn open(capacity: usize) -> Self;

    /// Puts a value in.
    fn put(&mut self, value: T) -> Self::Held;

    /// Makes the held value count as used, without a store or a look-up of its own.
    fn keep(&self, held: &Self::Held);

    /// Reads the number that the value was made with.
    fn stamp(&self, held: &Self::Held) -> u64;

    /// Drops and frees a value.
    fn free(&mut self, held: Self::Held);

    /// All values that were put in are freed now: a store that cannot free them singly drops all.
    #[inline(always)]
    fn sweep(&mut self) {}
}

/// A store whose values may be freed by another thread than put them in.
pub trait Shared<T: Item>: Store<T, Held: Send> + Send + 'static {
    /// Handles for so many threads to one store for about `capacity` values.
    fn several(capacity: usize, threads: usize) -> Vec<Self>;
}

/// Has a store for values of a type. (Not one generic store for all types: some pools are a static for each.)
pub trait Offers<T: Item> {
    /// The store.
    type Store: Store<T>;
}

/// Has a store for values of each of the hot structs.
pub trait Family: Offers<Tombstone> + Offers<Header> + Offers<Node> + Offers<Record> {}

impl<F: Offers<Tombstone> + Offers<Header> + Offers<Node> + Offers<Record>> Family for F {}

/// Has stores that two threads use.
pub trait OffersShared<T: Item> {
    /// All threads put values in and free their own.
    type Contended: Shared<T>;
    /// The first thread puts values in, another frees them.
    type Handed: Shared<T>;
}

/// Has stores that two threads use, for values of each of the hot structs.
pub trait SharedFamily:
    OffersShared<Tombstone> + OffersShared<Header> + OffersShared<Node> + OffersShared<Record>
{
}

impl<F> SharedFamily for F where
    F: OffersShared<Tombstone> + OffersShared<Header> + OffersShared<Node> + OffersShared<Record>
{
}

/// The methods of a store whose values have owners that are pointers: who drops one frees the value.
macro_rules! owners {
    () => {
        #[inline(always)]
        fn keep(&self, held: &Self::Held) {
            $crate::owner::keep(&raw const **held);
        }

        #[inline(always)]
        fn stamp(&self, held: &Self::Held) -> u64 {
            held.stamp()
        }

        #[inline(always)]
        fn free(&mut self, held: Self::Held) {
            drop(held);
        }
    };
}
#[cfg(feature = "peers")]
pub(super) use owners;

/// `Box`, on the global allocator of the process.
#[derive(Debug, Clone, Copy)]
pub struct Boxes;

impl<T: Item> Store<T> for Boxes {
    type Held = Box<T>;

    fn open(_: usize) -> Self {
        Self
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> Box<T> {
        Box::new(value)
    }

    owners!();
}

/// `PoolBox`, on the pool of the type.
#[derive(Debug, Clone, Copy)]
pub struct Pools;

impl<T: Item> Store<T> for Pools {
    type Held = PoolBox<T>;

    fn open(_: usize) -> Self {
        Self
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> PoolBox<T> {
        PoolBox::new(value)
    }

    owners!();
}

/// No allocator: the value is written to the stack. What of a row is the loop and the write.
#[derive(Debug, Clone, Copy)]
pub struct Loop;

impl<T: Item> Store<T> for Loop {
    type Held = ();

    fn open(_: usize) -> Self {
        Self
    }

    #[inline(always)]
    fn put(&mut self, value: T) {
        keep(&raw const value);
    }

    #[inline(always)]
    fn keep(&self, _: &()) {}

    #[inline(always)]
    fn stamp(&self, _: &()) -> u64 {
        0
    }

    #[inline(always)]
    fn free(&mut self, _: ()) {}
}

macro_rules! without_a_state {
    ($($Store:ident)+) => {$(
        impl<T: Item> Offers<T> for $Store {
            type Store = Self;
        }

        impl<T: Item> OffersShared<T> for $Store {
            type Contended = Self;
            type Handed = Self;
        }

        impl<T: Item> Shared<T> for $Store {
            fn several(_: usize, threads: usize) -> Vec<Self> {
                vec![Self; threads]
            }
        }
    )+};
}

without_a_state! { Boxes Pools Loop }
