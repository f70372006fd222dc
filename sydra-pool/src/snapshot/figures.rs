//! The figures as plain numbers.

use super::epoch::EpochFigures;
use crate::class;
use crate::config::SHARDS_MOST;
use crate::fallback::FallbackFigures;
use std::vec::Vec;

/// Room for the classes.
pub(super) const CLASSES_ROOM: usize = class::COUNT;

/// From what was asked for to what the system has given; in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ByteFunnel {
    /// Sizes of the live values of pooled types (the classes' requests are known by class only).
    pub requested_by_types: u64,
    /// Live blocks: what was asked for, rounded up to strides.
    pub blocks: u64,
    /// Blocks of values that were retired and wait for readers.
    pub limbo: u64,
    /// Free blocks in magazines and depots.
    pub cached: u64,
    /// Slabs that buckets hold.
    pub slabs: u64,
    /// Units of 64 KiB that large blocks hold.
    pub large: u64,
    /// Empty units that are still resident.
    pub resident_empty: u64,
    /// The engine's own memory in use: buckets, depots, magazine slots.
    pub metadata: u64,
    /// The engine's own memory that is committed.
    pub metadata_committed: u64,
    /// Address space that may be read and written.
    pub committed: u64,
    /// Address space set aside.
    pub reserved: u64,
    /// Given back to the system since the process started.
    pub purged_total: u64,
    /// Alive in the backing allocator.
    pub fallback: u64,
}

/// A pooled type. Sizes are in bytes, counts in blocks; exact when nobody uses the pool at the
/// moment, also while threads end that have used it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TypeFigures {
    /// The type's name.
    pub name: &'static str,
    /// Bytes of a value.
    pub size: usize,
    /// Alignment of a block, in bytes.
    pub align: usize,
    /// Bytes of a block.
    pub stride: usize,
    /// `stride - size`: bytes lost in each block.
    pub waste: usize,
    /// Values alive; those in limbo are not.
    pub live: u64,
    /// Values that were retired and wait for readers.
    pub limbo: u64,
    /// Values retired since the process started.
    pub retired: u64,
    /// Values dropped and freed since then, of those; in the child of a `fork` also those that other
    /// threads had retired, which stay alive.
    pub reclaimed: u64,
    /// Most values alive or in limbo at once. Exact while only one thread has used the pool; each further
    /// thread that holds a magazine can add an error of at most that magazine's capacity.
    pub peak: u64,
    /// Allocations since the process started. Exact as long as no thread makes 2^48 of them between
    /// two refills or flushes of its magazine.
    pub allocations: u64,
    /// Frees since the process started.
    pub frees: u64,
    /// Free blocks in threads' magazines.
    pub in_magazines: u64,
    /// Threads that have a magazine of this pool.
    pub magazines: u64,
    /// Whether these are the figures of a size class, because the type has no pool of its own.
    pub shares_class: bool,
    /// Whether these are the type's values in [`PoolArc`](crate::PoolArc) and [`PoolRc`](crate::PoolRc): with
    /// a head of 16 bytes or more, which `size` includes.
    pub counted: bool,
}

/// A size class of the global door. Counts as in [`TypeFigures`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassFigures {
    /// Bytes of a block.
    pub stride: usize,
    /// Blocks alive; those in limbo are not.
    pub live: u64,
    /// Blocks of values that were retired and wait for readers.
    pub limbo: u64,
    /// Most blocks alive at once; see [`TypeFigures::peak`].
    pub peak: u64,
    /// Allocations since the process started.
    pub allocations: u64,
    /// Frees since the process started.
    pub frees: u64,
    /// Free blocks in threads' magazines.
    pub in_magazines: u64,
    /// Threads that have a magazine of this class.
    pub magazines: u64,
}

/// A bucket: one pool in one shard. Counts are in blocks unless said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct BucketFigures {
    /// The pool's name, empty for a size class.
    pub pool: &'static str,
    /// The shard, `None` for the central bucket.
    pub shard: Option<u16>,
    /// Bytes of a value.
    pub size: usize,
    /// Bytes of a block.
    pub stride: usize,
    /// Handed to magazines.
    pub allocations: u64,
    /// Handed to magazines and not yet returned here. Negative where threads return what they got
    /// from another shard; the sum over shards counts.
    pub in_use: i64,
    /// Most in use at once.
    pub high_water: u64,
    /// Slabs held.
    pub slabs: u64,
    /// Bytes of the slabs held.
    pub slab_bytes: u64,
    /// Free, in slabs and depot.
    pub free_blocks: u64,
    /// Free, in the depot.
    pub in_depot: u64,
    /// Brought home to slabs.
    pub spilled: u64,
    /// Times the lock was taken.
    pub lock_acquisitions: u64,
    /// Times somebody had to wait for it.
    pub lock_contentions: u64,
    /// Nanoseconds waited.
    pub lock_wait_ns: u64,
    /// Nanoseconds held, over the samples.
    pub lock_hold_ns: u64,
    /// Times the hold time was taken.
    pub lock_hold_samples: u64,
}

/// Large blocks: above 32 KiB and up to 32 MiB, in runs of 64 KiB units of the address space. In bytes or counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LargeFigures {
    /// Blocks alive.
    pub live: u64,
    /// What was asked for by those.
    pub requested: u64,
    /// The units that they hold; more than `requested`, but resident only where they were written to.
    pub bytes: u64,
    /// The most of those at once.
    pub bytes_peak: u64,
    /// Allocations since the process started. What the address space refused is the fallback's.
    pub allocations: u64,
    /// Frees since then.
    pub frees: u64,
    /// Blocks that grew or shrank where they were, since then.
    pub resized: u64,
}

/// A shard, over all pools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardFigures {
    /// The shard, `None` for the central buckets.
    pub shard: Option<u16>,
    /// Magazines assigned to it now.
    pub magazines: u64,
    /// Allocations served by a magazine as it was.
    pub hits: u64,
    /// Misses: refilled from the shard's own depot.
    pub from_depot: u64,
    /// Misses: refilled with a batch stolen from another shard.
    pub stolen: u64,
    /// Misses: refilled from slabs.
    pub from_slabs: u64,
    /// Misses: refilled from the central bucket or, for want of memory, from wherever there was one.
    pub from_central: u64,
    /// Misses: no memory for a slab.
    pub refill_failed: u64,
    /// Requests too large for any class; large blocks among them.
    pub too_large: u64,
    /// Requests with an alignment that no class serves.
    pub over_aligned: u64,
    /// Slabs taken from the address space.
    pub fresh_slabs: u64,
    /// Batches put into the depot.
    pub to_depot: u64,
    /// Batches brought home to slabs.
    pub spills: u64,
    /// Slabs given back to the address space.
    pub slabs_released: u64,
    /// Times somebody had to wait for a bucket's lock.
    pub lock_contentions: u64,
    /// Nanoseconds waited.
    pub lock_wait_ns: u64,
    /// Nanoseconds held, over the samples.
    pub lock_hold_ns: u64,
}

impl ShardFigures {
    pub(super) fn is_used(&self) -> bool {
        *self
            != Self {
                shard: self.shard,
                ..Self::default()
            }
    }
}

/// All figures of the process at about one moment. [`Display`](std::fmt::Display) prints tables.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Snapshot {
    /// From requests to address space.
    pub bytes: ByteFunnel,
    /// Pooled types that have been used, by name.
    pub types: Vec<TypeFigures>,
    /// Size classes that have been used, by stride.
    pub classes: Vec<ClassFigures>,
    /// Buckets that have been used.
    pub buckets: Vec<BucketFigures>,
    /// Shards that have been used.
    pub shards: Vec<ShardFigures>,
    /// Readers, and what waits for them.
    pub epoch: EpochFigures,
    /// Blocks above the largest class.
    pub large: LargeFigures,
    /// What the backing allocator served.
    pub fallback: FallbackFigures,
    /// Times the system refused memory for a slab or a large block.
    pub slabs_refused: u64,
    /// Types and buckets that did not fit into the snapshot's memory.
    pub omitted: usize,
}

impl Default for Snapshot {
    fn default() -> Self {
        Self::new()
    }
}

impl Snapshot {
    /// An empty snapshot with room for 64 types and 512 buckets.
    pub fn new() -> Self {
        Self::with_capacity(super::TYPES_ROOM, super::BUCKETS_ROOM)
    }

    /// An empty snapshot with room for so many types and buckets.
    pub fn with_capacity(types: usize, buckets: usize) -> Self {
        Self {
            bytes: ByteFunnel::default(),
            types: Vec::with_capacity(types),
            classes: Vec::with_capacity(CLASSES_ROOM),
            buckets: Vec::with_capacity(buckets),
            shards: Vec::with_capacity(SHARDS_MOST + 1),
            epoch: EpochFigures::default(),
            large: LargeFigures::default(),
            fallback: FallbackFigures::default(),
            slabs_refused: 0,
            omitted: 0,
        }
    }

    /// The figures of the type of this name, if it has been used.
    pub fn type_named(&self, name: &str) -> Option<&TypeFigures> {
        self.types.iter().find(|figures| figures.name == name)
    }

    pub(super) fn clear(&mut self) {
        self.bytes = ByteFunnel::default();
        self.types.clear();
        self.classes.clear();
        self.buckets.clear();
        self.shards.clear();
        self.omitted = 0;
    }
}
