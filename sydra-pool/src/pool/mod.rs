//! A pool: the only place that knows the route. After the magazine comes the own depot, then
//! another shard's, then partial slabs, then a fresh slab; when the system gives none, whatever any
//! bucket of the pool still has; then the fallback.
//!
//! A pool is a static. It holds the central bucket itself; the shards' buckets are made at first
//! use in the engine's memory. If there is none, the pool works with the central bucket alone: the
//! "no shards" mode, which `shards = 0` asks for.
//!
//! # Invariants
//! - `POL-1`: the shards' buckets are an array of `shard_count` in the engine's memory, complete
//!   before it is published, and never freed.
//! - `POL-2`: depots and slabs hold only blocks of the range; a block of the backing allocator
//!   lives in the program or in a magazine, and is given back when it would be flushed. `foreign`
//!   counts those alive.
//! - `POL-3`: `live = published + sum over registered magazines of (live now - published then)`,
//!   where a magazine's live is `refilled - flushed - length`.
//!
//! - `POL-4`: pools are statics, and the identity of a bucket is the address of its pool.
//!
//! # Concurrency
//! `level`: read-modify-writes by everybody who passes a slow path, once for each. `roster`: under
//! its lock, taken when a thread meets the pool, when it ends, and by snapshots.

use crate::base::CachePadded;
use crate::bucket::Bucket;
use crate::class;
use crate::geometry::Geometry;
use crate::manager::MANAGER;
use crate::meta::META;
use crate::shard::Shard;
use crate::sync::{
    AtomicBool, AtomicI64, AtomicPtr, AtomicU64, AtomicUsize, Lock, Ordering::Relaxed, Published,
    forking_here,
};
use core::ptr::NonNull;

pub(crate) mod classes;
pub(crate) mod outside;
mod plan;
mod roster;
mod route;
mod single;
mod upkeep;

pub(crate) use plan::{CountRoom, Head, Kind, Route, fixed_stride, head_room};
pub use plan::{Counted, Plan};
pub(crate) use roster::{PoolSums, Record, Roster};
#[cfg(feature = "paranoid")]
pub(crate) use route::pool_at;
pub(crate) use route::pool_of;

/// Gives the room of a value back, whatever its type was.
///
/// # Safety
/// The room came from the home that the function belongs to, holds no value any more, and is not
/// used again.
pub(crate) type Door = unsafe fn(NonNull<u8>);

/// What a fixed pool counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FixedFigures {
    pub(crate) live: u64,
    pub(crate) peak: u64,
    pub(crate) allocations: u64,
}

/// The level of live blocks, on a line of its own.
struct Level {
    published: AtomicI64,
    peak: AtomicI64,
    /// Allocations of threads that have ended, and of those that were never registered.
    allocations: AtomicU64,
    /// Values that were sealed into limbo, and those that came out of it.
    retired: AtomicU64,
    reclaimed: AtomicU64,
}

/// A pool of blocks of one stride. Made by the derive macro, as a static.
pub struct Pool {
    pub(crate) plan: Plan,
    /// How a block comes back whose type is not known any more; `None` for the class pools.
    pub(crate) door: Option<Door>,
    /// The figures of the static that a fixed pool's blocks are in.
    pub(crate) fixed: Option<fn() -> FixedFigures>,
    /// Whether blocks that come back without their type are overwritten.
    pub(crate) wipe: AtomicBool,
    central: Bucket,
    shards: Published<Bucket>,
    shard_count: AtomicUsize,
    level: CachePadded<Level>,
    foreign: AtomicI64,
    pub(crate) roster: Lock<Roster>,
    /// Whether the registry has it, and the next pool there.
    pub(crate) listed: AtomicBool,
    pub(crate) next: AtomicPtr<Pool>,
}

impl core::fmt::Debug for Pool {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Pool")
            .field("plan", &self.plan)
            .finish_non_exhaustive()
    }
}

impl Pool {
    /// A pool by plan; nothing is allocated until first use.
    pub(crate) const fn new(plan: Plan) -> Self {
        Self {
            plan,
            door: None,
            fixed: None,
            wipe: AtomicBool::new(false),
            central: Bucket::new(),
            shards: Published::new(),
            shard_count: AtomicUsize::new(0),
            level: CachePadded::new(Level {
                published: AtomicI64::new(0),
                peak: AtomicI64::new(0),
                allocations: AtomicU64::new(0),
                retired: AtomicU64::new(0),
                reclaimed: AtomicU64::new(0),
            }),
            foreign: AtomicI64::new(0),
            roster: Lock::new(Roster::new()),
            listed: AtomicBool::new(false),
            next: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    /// The pool whose buckets serve this one: a merged pool uses its class's.
    pub(crate) fn home(&'static self) -> &'static Self {
        match self.plan.kind {
            Kind::Own | Kind::Class => self,
            Kind::Merged | Kind::Shared => classes::pool(self.plan.class),
        }
    }

    /// The geometry in force.
    pub(crate) fn geometry(&self) -> Geometry {
        match self.plan.kind {
            // It has no slabs, but magazines for what is retired. Its blocks may be larger than any slab.
            Kind::Own if self.plan.route == Route::Fixed => Geometry {
                stride: self.plan.stride,
                ..Geometry::of(self.plan.stride.min(class::LARGEST), 0, 0)
            },
            Kind::Own => Geometry::of(self.plan.stride, self.plan.slab_bytes, self.plan.magazine),
            _ => Geometry::of(self.plan.stride, MANAGER.slab_bytes(), MANAGER.magazine()),
        }
    }

    fn identity(&'static self) -> *mut () {
        (&raw const *self).cast_mut().cast()
    }

    /// What the tags of its slabs say: which of the classes that types share this is.
    fn class_in_tags(&'static self) -> u32 {
        let class = self.plan.class;
        if self.plan.kind == Kind::Class && core::ptr::eq(self, classes::pool(class)) {
            class as u32 + 1
        } else {
            0
        }
    }

    /// Makes the shards' buckets, once. Without memory for them the pool stays central.
    pub(crate) fn start(&'static self) {
        if self.shards.get().is_some() {
            return;
        }
        let roster = self.roster.lock();
        if self.shards.get().is_some() {
            return;
        }
        let class = self.class_in_tags();
        self.central.identify(self.identity(), class);
        let count = self.plan.shards.unwrap_or_else(|| MANAGER.shards());
        if count == 0 {
            return;
        }
        let Some(room) = META.take(count * size_of::<Bucket>()) else {
            return;
        };
        let first = room.cast::<Bucket>();
        for index in 0..count {
            // SAFETY: POL-1; within the room just taken.
            let place = unsafe { first.add(index) };
            // SAFETY: POL-1; the room is ours and aligned (`meta::GRANULE`).
            unsafe { place.write(Bucket::new()) };
            // SAFETY: POL-1; just written.
            let bucket = unsafe { place.as_ref() };
            bucket.identify(self.identity(), class);
            if forking_here() {
                // Closed like all the others, opened with them.
                bucket.close_for_fork();
            }
        }
        self.shard_count.store(count, Relaxed);
        self.shards.publish(first);
        drop(roster);
    }

    /// The shards' buckets; empty in the "no shards" mode.
    pub(crate) fn shard_buckets(&self) -> &'static [Bucket] {
        match self.shards.get() {
            // SAFETY: POL-1; published, so complete, and never freed.
            Some(first) => unsafe {
                core::slice::from_raw_parts(first.as_ptr(), self.shard_count.load(Relaxed))
            },
            None => &[],
        }
    }

    /// The shard of whoever has this seat.
    pub(crate) fn assign(&'static self, seat: u16) -> Shard {
        self.start();
        MANAGER.assign(seat, self.shard_buckets().len())
    }

    fn bucket(&'static self, shard: Shard) -> &'static Bucket {
        match shard {
            Shard::Central => &self.central,
            Shard::Numbered(number) => self
                .shard_buckets()
                .get(usize::from(number))
                .unwrap_or(&self.central),
        }
    }

    /// Counts values sealed into limbo; returns how many are there now.
    pub(crate) fn note_retired(&self, values: usize) -> u64 {
        let retired = self.level.retired.fetch_add(values as u64, Relaxed) + values as u64;
        retired.saturating_sub(self.level.reclaimed.load(Relaxed))
    }

    /// Counts values that came out of limbo and were freed.
    pub(crate) fn note_reclaimed(&self, values: usize) {
        self.level.reclaimed.fetch_add(values as u64, Relaxed);
    }

    /// Values sealed into limbo so far, and those that came out of it.
    pub(crate) fn limbo(&self) -> (u64, u64) {
        let reclaimed = self.level.reclaimed.load(Relaxed);
        (self.level.retired.load(Relaxed).max(reclaimed), reclaimed)
    }

    /// Tells the pool that a thread's live blocks changed by `delta` since it told last, and that
    /// they were higher by `above` in between (POL-3).
    pub(crate) fn publish(&self, delta: i64, above: i64) {
        let total = self.level.published.fetch_add(delta, Relaxed) + delta;
        let highest = total + above;
        if highest > self.level.peak.load(Relaxed) {
            self.level.peak.fetch_max(highest, Relaxed);
        }
    }
}
