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
//! # Concurrency
//! `level`: read-modify-writes by everybody who passes a slow path, once for each. `roster`: under
//! its lock, taken when a thread meets the pool, when it ends, and by snapshots.

use crate::base::CachePadded;
use crate::base::breach::breach;
use crate::block::{BatchRoom, Block, optional};
use crate::bucket::{Bucket, owner_of};
use crate::config::Backing;
use crate::fallback::{FALLBACK, Reason};
use crate::geometry::Geometry;
use crate::manager::MANAGER;
use crate::meta::META;
use crate::shard::{Event, Shard, count};
use crate::space::SPACE;
use crate::sync::{
    AtomicBool, AtomicI64, AtomicPtr, AtomicU64, AtomicUsize, Lock, Ordering::Relaxed, Published,
    forking_here,
};
use core::ptr::NonNull;

pub(crate) mod classes;
mod plan;
mod roster;
mod upkeep;

pub use plan::Plan;
pub(crate) use plan::{Kind, Route};
pub(crate) use roster::{PoolSums, Record, Roster};

/// How many other shards' depots a dry shard tries to lock.
const STEAL_TRIES: usize = 2;

/// The level of live blocks, on a line of its own.
struct Level {
    published: AtomicI64,
    peak: AtomicI64,
    /// Allocations of threads that have ended, and of those that were never registered.
    allocations: AtomicU64,
}

/// A pool of blocks of one stride. Made by the derive macro, as a static.
pub struct Pool {
    pub(crate) plan: Plan,
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
    pub const fn new(plan: Plan) -> Self {
        Self {
            plan,
            central: Bucket::new(),
            shards: Published::new(),
            shard_count: AtomicUsize::new(0),
            level: CachePadded::new(Level {
                published: AtomicI64::new(0),
                peak: AtomicI64::new(0),
                allocations: AtomicU64::new(0),
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
            Kind::Own => Geometry::of(self.plan.stride, self.plan.slab_bytes, self.plan.magazine),
            _ => Geometry::of(self.plan.stride, MANAGER.slab_bytes(), MANAGER.magazine()),
        }
    }

    fn identity(&self) -> usize {
        (&raw const *self).addr()
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
        self.central.identify(self.identity());
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
            bucket.identify(self.identity());
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

    /// The shard of thread `number`.
    pub(crate) fn assign(&'static self, number: u32) -> Shard {
        self.start();
        MANAGER.assign(number, self.shard_buckets().len())
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

    /// Moves up to a batch of free blocks to `out`; returns how many, 0 when there is no memory.
    ///
    /// # Safety
    /// `out` is valid for writing a batch. `self` is a home.
    pub(crate) unsafe fn refill(
        &'static self,
        shard: Shard,
        geometry: &Geometry,
        out: *mut Block,
    ) -> usize {
        let own = self.bucket(shard);
        // SAFETY: BLK-3; passed on to the caller.
        let taken = unsafe { own.take_batch(out) };
        if taken > 0 {
            count(shard, Event::FromDepot, 1);
            return taken;
        }
        // SAFETY: BLK-3; passed on to the caller.
        let stolen = unsafe { self.steal(shard, out) };
        if stolen > 0 {
            count(shard, Event::Stolen, 1);
            return stolen;
        }
        // SAFETY: BLK-3; passed on to the caller.
        let mut carved = unsafe { carve_to(own, geometry.batch, out) };
        if carved == 0 && self.grow(own, shard, geometry) {
            // SAFETY: BLK-3; passed on to the caller.
            carved = unsafe { carve_to(own, geometry.batch, out) };
        }
        if carved > 0 {
            count(shard, Event::FromSlabs, 1);
            return carved;
        }
        // SAFETY: BLK-3; passed on to the caller.
        let scraped = unsafe { self.scrape(geometry, out) };
        count(
            shard,
            if scraped > 0 {
                Event::FromCentral
            } else {
                Event::RefillFailed
            },
            1,
        );
        scraped
    }

    /// Takes a batch from the depot of another shard.
    ///
    /// # Safety
    /// As for [`refill`](Self::refill).
    unsafe fn steal(&'static self, shard: Shard, out: *mut Block) -> usize {
        let buckets = self.shard_buckets();
        let Shard::Numbered(number) = shard else {
            return 0;
        };
        let mut busy = None;
        let mut tries = STEAL_TRIES;
        for step in 1..buckets.len() {
            let victim = &buckets[(usize::from(number) + step) % buckets.len()];
            if !victim.has_batch() {
                continue;
            }
            // SAFETY: BLK-3; passed on to the caller.
            match unsafe { victim.steal_batch(out, false) } {
                Some(taken) if taken > 0 => return taken,
                Some(_) => {}
                None => busy = Some(victim),
            }
            tries -= 1;
            if tries == 0 {
                break;
            }
        }
        // Waiting for a lock that is held for some hundred nanoseconds is cheaper than taking
        // memory that nobody has touched.
        // SAFETY: BLK-3; passed on to the caller.
        busy.and_then(|victim| unsafe { victim.steal_batch(out, true) })
            .unwrap_or(0)
    }

    /// Gets a fresh slab for a bucket.
    fn grow(&'static self, bucket: &Bucket, shard: Shard, geometry: &Geometry) -> bool {
        let Some(slab) = SPACE.take_slab(geometry.slab_units()) else {
            return false;
        };
        let slab = if self.plan.zeroed_slabs {
            SPACE.zeroed(slab)
        } else {
            slab
        };
        count(shard, Event::FreshSlab, 1);
        bucket.adopt(geometry, slab);
        true
    }

    /// The last resort when the system gives no more: whatever any bucket of the pool still has.
    ///
    /// # Safety
    /// As for [`refill`](Self::refill).
    unsafe fn scrape(&'static self, geometry: &Geometry, out: *mut Block) -> usize {
        for bucket in core::iter::once(&self.central).chain(self.shard_buckets()) {
            // SAFETY: BLK-3; passed on to the caller.
            let taken = unsafe { bucket.take_batch(out) };
            if taken > 0 {
                return taken;
            }
            // SAFETY: BLK-3; passed on to the caller.
            let carved = unsafe { carve_to(bucket, geometry.batch, out) };
            if carved > 0 {
                return carved;
            }
        }
        0
    }

    /// Takes a full batch (or what is left of one) from a magazine.
    ///
    /// # Safety
    /// `blocks[..blocks_count]` are initialised free blocks of this pool's stride; they have moved
    /// out of it afterwards. `self` is a home.
    pub(crate) unsafe fn flush(
        &'static self,
        shard: Shard,
        geometry: &Geometry,
        blocks: *mut Block,
        blocks_count: usize,
    ) {
        let own = self.bucket(shard);
        // SAFETY: BLK-1; the caller owns the blocks and hands them over.
        if unsafe { own.put_batch(geometry, blocks, blocks_count) } {
            count(shard, Event::ToDepot, 1);
            return;
        }
        let mut room = BatchRoom::new();
        if blocks_count == geometry.batch {
            // SAFETY: BLK-1, BLK-3; the blocks were not taken above; the room holds any batch.
            let evicted = unsafe { own.exchange_batch(blocks, blocks_count, room.start()) };
            if evicted > 0 {
                // SAFETY: BLK-3; just written.
                self.go_home(shard, unsafe { room.filled(evicted) }, false);
                return;
            }
        }
        // SAFETY: BLK-1; passed on to the caller.
        self.go_home(shard, unsafe { optional(blocks, blocks_count) }, true);
    }

    /// Brings blocks home to their slabs, one lock for each owner.
    fn go_home(&'static self, shard: Shard, blocks: &mut [Option<Block>], from_program: bool) {
        count(shard, Event::Spilled, 1);
        let mut left = blocks.len();
        // Each round brings home at least the first block, so it is bounded by the batch.
        while let Some(Some(first)) = blocks[..left].first() {
            let (bucket, identity) = owner_of(first);
            if identity != self.identity() {
                breach!(
                    "wrong pool: block {:p} does not belong to pool {:?}",
                    first.0,
                    self.plan.name
                );
            }
            let (kept, spilled) = bucket.restore(&mut blocks[..left], from_program);
            left = kept;
            count(shard, Event::SlabReleased, spilled.give_back());
        }
    }

    /// One block for a thread that has no magazine: not yet, or not any more.
    pub(crate) fn take_one(&'static self) -> Option<Block> {
        let home = self.home();
        home.start();
        let geometry = home.geometry();
        let mut room = BatchRoom::new();
        // SAFETY: BLK-3; the room holds the largest batch.
        let mut taken = unsafe { carve_to(&home.central, 1, room.start()) };
        if taken == 0 && home.grow(&home.central, Shard::Central, &geometry) {
            // SAFETY: BLK-3; as above.
            taken = unsafe { carve_to(&home.central, 1, room.start()) };
        }
        if taken == 0 {
            // A batch would be more than one: only single blocks are carved here.
            for bucket in home.shard_buckets() {
                // SAFETY: BLK-3; as above.
                taken = unsafe { carve_to(bucket, 1, room.start()) };
                if taken > 0 {
                    break;
                }
            }
        }
        // SAFETY: BLK-3; just written.
        let block = unsafe { room.filled(taken) }.first_mut()?.take();
        self.count_single_allocation();
        block
    }

    /// Takes one block from a thread that has no magazine.
    pub(crate) fn give_one(&'static self, block: Block) {
        self.count_single_free();
        if let Some(block) = self.give_foreign(block) {
            self.home()
                .go_home(Shard::Central, &mut [Some(block)], true);
        }
    }

    /// Counts a free that no magazine counts.
    pub(crate) fn count_single_free(&self) {
        self.level.published.fetch_sub(1, Relaxed);
    }

    /// Counts an allocation that no magazine counts.
    pub(crate) fn count_single_allocation(&self) {
        self.level.allocations.fetch_add(1, Relaxed);
        let live = self.level.published.fetch_add(1, Relaxed) + 1;
        self.level.peak.fetch_max(live, Relaxed);
    }

    /// A block of the backing allocator in the canonical layout (POL-2), when the plan allows it.
    pub(crate) fn take_foreign(&self) -> Option<Block> {
        if !self.plan.fallback {
            return None;
        }
        let layout = self.plan.canonical();
        let zeroed = self.plan.zeroed_slabs;
        let start = FALLBACK.alloc(Backing::System, layout, Reason::RefillFailed, zeroed);
        let block = Block(NonNull::new(start)?);
        self.foreign.fetch_add(1, Relaxed);
        Some(block)
    }

    /// Gives a block of the backing allocator back to it; any other is returned.
    fn give_foreign(&self, block: Block) -> Option<Block> {
        if self.foreign.load(Relaxed) <= 0 || SPACE.window.offset_of(block.0.addr().get()).is_some()
        {
            return Some(block);
        }
        self.foreign.fetch_sub(1, Relaxed);
        // SAFETY: FBK-1, POL-2; outside the range, and such blocks of this pool are alive, so it
        // came from `take_foreign`.
        unsafe { FALLBACK.dealloc(Backing::System, block.0.as_ptr(), self.plan.canonical()) };
        None
    }

    /// Gives the blocks of the backing allocator among `blocks` back to it and moves the others to
    /// the front; returns how many those are.
    pub(crate) fn give_foreigners(&self, blocks: &mut [Option<Block>]) -> usize {
        if self.foreign.load(Relaxed) <= 0 {
            return blocks.len();
        }
        let mut kept = 0;
        for index in 0..blocks.len() {
            if let Some(block) = blocks[index]
                .take()
                .and_then(|block| self.give_foreign(block))
            {
                blocks[kept] = Some(block);
                kept += 1;
            }
        }
        kept
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

/// Carves up to `wanted` blocks out of a bucket to `out`, so that the lowest is popped first.
///
/// # Safety
/// `out` is valid for writing `wanted` blocks.
unsafe fn carve_to(bucket: &Bucket, wanted: usize, out: *mut Block) -> usize {
    let mut place = wanted;
    let carved = bucket.carve(wanted, |block| {
        place -= 1;
        // SAFETY: BLK-3; `carve` gives at most `wanted` blocks.
        let room = unsafe { out.add(place) };
        // SAFETY: BLK-3; the place is free.
        unsafe { room.write(Block(block)) };
    });
    // SAFETY: BLK-3; within the room.
    let first = unsafe { out.add(place) };
    // SAFETY: BLK-3; the blocks just written, at the end of the room, move to its start.
    unsafe { core::ptr::copy(first, out, carved) };
    carved
}
