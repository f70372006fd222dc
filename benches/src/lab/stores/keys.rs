//! Stores that give a key for a value: `slab`, `slotmap`, `sharded-slab`.

use core::fmt;
use core::ptr::without_provenance;
use std::sync::Arc;

use slotmap::{DefaultKey, Key};

use crate::lab::hot::Item;
use crate::lab::store::{Offers, OffersShared, Shared, Store};
use crate::owner::keep;

/// A key leads to memory that the compiler knows nothing of, so a look at the key alone counts that memory as used.
#[inline(always)]
fn keep_key<T>(key: usize) {
    keep(without_provenance::<T>(key));
}

/// `slab`.
#[derive(Debug)]
pub struct Slab;

impl<T: Item> Offers<T> for Slab {
    type Store = Slabs<T>;
}

/// A slab.
#[derive(Debug)]
pub struct Slabs<T>(slab::Slab<T>);

impl<T: Item> Store<T> for Slabs<T> {
    type Held = usize;

    fn open(capacity: usize) -> Self {
        Self(slab::Slab::with_capacity(capacity))
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> usize {
        self.0.insert(value)
    }

    #[inline(always)]
    fn keep(&self, held: &usize) {
        keep_key::<T>(*held);
    }

    #[inline(always)]
    fn stamp(&self, held: &usize) -> u64 {
        self.0[*held].stamp()
    }

    #[inline(always)]
    fn free(&mut self, held: usize) {
        self.0.remove(held);
    }
}

/// `slotmap`.
#[derive(Debug)]
pub struct Slotmap;

impl<T: Item> Offers<T> for Slotmap {
    type Store = Slotmaps<T>;
}

/// A slot map.
#[derive(Debug)]
pub struct Slotmaps<T>(slotmap::SlotMap<DefaultKey, T>);

impl<T: Item> Store<T> for Slotmaps<T> {
    type Held = DefaultKey;

    fn open(capacity: usize) -> Self {
        Self(slotmap::SlotMap::with_capacity(capacity))
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> DefaultKey {
        self.0.insert(value)
    }

    #[inline(always)]
    fn keep(&self, held: &DefaultKey) {
        keep_key::<T>(held.data().as_ffi() as usize);
    }

    #[inline(always)]
    fn stamp(&self, held: &DefaultKey) -> u64 {
        self.0[*held].stamp()
    }

    #[inline(always)]
    fn free(&mut self, held: DefaultKey) {
        self.0.remove(held);
    }
}

/// `sharded-slab`.
#[derive(Debug)]
pub struct ShardedSlab;

impl<T: Item> Offers<T> for ShardedSlab {
    type Store = ShardedSlabs<T>;
}

impl<T: Item> OffersShared<T> for ShardedSlab {
    type Contended = ShardedSlabs<T>;
    type Handed = ShardedSlabs<T>;
}

/// A handle to a sharded slab.
pub struct ShardedSlabs<T>(Arc<sharded_slab::Slab<T>>);

impl<T> fmt::Debug for ShardedSlabs<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardedSlabs").finish_non_exhaustive()
    }
}

impl<T: Item> Store<T> for ShardedSlabs<T> {
    type Held = usize;

    fn open(_: usize) -> Self {
        Self(Arc::new(sharded_slab::Slab::new()))
    }

    #[inline(always)]
    fn put(&mut self, value: T) -> usize {
        self.0
            .insert(value)
            .expect("the rows have fewer values than a shard has places")
    }

    #[inline(always)]
    fn keep(&self, held: &usize) {
        keep_key::<T>(*held);
    }

    #[inline(always)]
    fn stamp(&self, held: &usize) -> u64 {
        self.0.get(*held).map_or(0, |value| value.stamp())
    }

    #[inline(always)]
    fn free(&mut self, held: usize) {
        self.0.remove(held);
    }
}

impl<T: Item> Shared<T> for ShardedSlabs<T> {
    fn several(_: usize, threads: usize) -> Vec<Self> {
        let slab = Arc::new(sharded_slab::Slab::new());
        (0..threads).map(|_| Self(Arc::clone(&slab))).collect()
    }
}
