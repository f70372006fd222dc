//! Our epoch with typed pools: as they come, and without shards and with the least magazines.

use core::sync::atomic::Ordering;

use sydra_pool::epoch::{self, Atomic, Guard, Shared};
use sydra_pool::{PoolBox, Pooled};

use super::memory::{Entry, Memory, Whole};
use super::tally;
use crate::lab::hot::{Header, Item, Record};

/// Typed pools.
#[derive(Debug)]
pub struct Pools;

/// A node in a pool of its own.
#[derive(Debug, Pooled)]
pub struct PoolNode(Entry<PoolBox<Header>, PoolBox<Record>>);

/// Typed pools without shards, whose magazines hold two blocks: nearly each operation takes the mutex of its type.
#[derive(Debug)]
pub struct Buckets;

/// A header in such a pool.
#[derive(Debug, Clone, Copy, Pooled)]
#[pooled(shards = 0, magazine = 2)]
pub struct BucketHeader(Header);

/// A record in such a pool.
#[derive(Debug, Clone, Copy, Pooled)]
#[pooled(shards = 0, magazine = 2)]
pub struct BucketRecord(Record);

/// A node in such a pool.
#[derive(Debug, Pooled)]
#[pooled(shards = 0, magazine = 2)]
pub struct BucketNode(Entry<PoolBox<BucketHeader>, PoolBox<BucketRecord>>);

macro_rules! within {
    ($($outer:ident = $inner:ident;)+) => {$(
        impl Item for $outer {
            #[inline(always)]
            fn new(stamp: u64) -> Self {
                Self($inner::new(stamp))
            }

            #[inline(always)]
            fn stamp(&self) -> u64 {
                self.0.stamp()
            }
        }
    )+};
}

within! {
    BucketHeader = Header;
    BucketRecord = Record;
}

macro_rules! pools {
    ($($memory:ident = $node:ident($header:ident, $record:ident);)+) => {$(
        const _: () = assert!(size_of::<$node>() == 64);

        impl Whole for $node {
            #[inline(always)]
            fn is_whole(&self, key: u64) -> bool {
                self.0.is_whole(key)
            }
        }

        impl Memory for $memory {
            type Guard = Guard;
            type Slot = Atomic<$node>;
            type Pointer<'g> = Shared<'g, $node>;
            type Node = $node;

            #[inline(always)]
            fn pin() -> Guard {
                epoch::pin()
            }

            #[inline(always)]
            fn make<'g>(key: u64, stamp: u64, guard: &'g Guard) -> Self::Pointer<'g> {
                let header = PoolBox::new($header::new(stamp));
                let record = PoolBox::new($record::new(stamp));
                let node = PoolBox::new($node(Entry::new(key, stamp, header, record)));
                Shared::from_box(node, guard)
            }

            #[inline(always)]
            fn null<'g>() -> Self::Pointer<'g> {
                Shared::null()
            }

            #[inline(always)]
            fn is_null(pointer: Self::Pointer<'_>) -> bool {
                pointer.is_null()
            }

            #[inline(always)]
            fn load<'g>(slot: &Self::Slot, guard: &'g Guard) -> Self::Pointer<'g> {
                slot.load(Ordering::Acquire, guard)
            }

            #[inline(always)]
            fn swap<'g>(
                slot: &Self::Slot,
                new: Self::Pointer<'_>,
                guard: &'g Guard,
            ) -> Self::Pointer<'g> {
                slot.swap(new, Ordering::AcqRel, guard)
            }

            #[inline(always)]
            unsafe fn entry<'g>(pointer: Self::Pointer<'g>) -> Option<&'g $node> {
                // SAFETY: ING-1.
                unsafe { pointer.as_ref() }
            }

            #[inline(always)]
            unsafe fn retire(pointer: Self::Pointer<'_>, guard: &Guard) {
                tally::retired();
                // SAFETY: ING-2.
                unsafe { guard.retire(pointer) };
            }

            #[inline(always)]
            unsafe fn free(pointer: Self::Pointer<'_>) {
                // SAFETY: ING-3.
                drop(unsafe { pointer.into_box() });
            }

            fn collect() {
                sydra_pool::collect_garbage();
            }
        }
    )+};
}

pools! {
    Pools = PoolNode(Header, Record);
    Buckets = BucketNode(BucketHeader, BucketRecord);
}
