//! The bucket: the central store of one stride in one shard. A lock, a depot, partial slabs.
//!
//! ```text
//! magazine <= batch => depot (ring of batches) => partial slabs (heap by address) => address space
//! ```
//!
//! A bucket never waits for another one and knows no route: a dry depot, a full depot, slabs that
//! have nothing to give are facts it returns.
//!
//! # Invariants
//! - `BKT-1`: every slab whose owner is this bucket is in exactly one state: in the heap (it has
//!   something to give), full, or in a chain of released slabs on its way out. At most
//!   [`SPARE_SLABS`] empty slabs stay in the heap.
//! - `BKT-2`: buckets live for ever once a slab names them as owner.
//! - `BKT-3`: `identity` and `class` are set before the first slab is adopted; the one tells pools apart.
//!
//! # Concurrency
//! `inner` under the lock. The figures are written under the lock, read relaxed by snapshots.
//! `depot_hint` is for thieves, and for who would find nothing.

use crate::block::{BatchRoom, Block};
use crate::geometry::Geometry;
use crate::slab::{NONE, SlabId, heap};
use crate::space::SPACE;
use crate::sync::{
    AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Guard, Lock, LockFigures, Ordering::Relaxed,
};
use core::ptr::NonNull;

mod depot;
mod way_home;
use depot::Depot;
pub(crate) use depot::PutBatch;
pub(crate) use way_home::owner_of;

/// Empty slabs a bucket keeps, so that a program breathing around a slab's edge is not thrown back
/// to the address space each time.
const SPARE_SLABS: u32 = 1;

struct Inner {
    depot: Depot,
    partial: u32,
    /// Empty slabs in the heap.
    empty: u32,
}

/// The central store of one stride in one shard.
#[repr(C, align(128))]
pub(crate) struct Bucket {
    inner: Lock<Inner>,
    depot_hint: AtomicUsize,
    identity: AtomicPtr<()>,
    class: AtomicU32,
    taken: AtomicU64,
    returned: AtomicU64,
    high_water: AtomicU64,
    slabs: AtomicU32,
    free_in_slabs: AtomicU64,
    spilled: AtomicU64,
    /// Batches that threads of this shard took from the depot, and put into it.
    from_depot: AtomicU64,
    to_depot: AtomicU64,
}

/// What a bucket has counted; in blocks unless said.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BucketCounts {
    pub(crate) taken: u64,
    pub(crate) returned: u64,
    pub(crate) high_water: u64,
    pub(crate) slabs: u64,
    pub(crate) free_in_slabs: u64,
    pub(crate) in_depot_batches: u64,
    pub(crate) spilled: u64,
    pub(crate) from_depot: u64,
    pub(crate) to_depot: u64,
    pub(crate) lock: LockFigures,
}

impl core::fmt::Debug for Bucket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Bucket")
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

fn add(counter: &AtomicU64, by: u64) -> u64 {
    let sum = counter.load(Relaxed).wrapping_add(by);
    counter.store(sum, Relaxed);
    sum
}

impl Bucket {
    pub(crate) const fn new() -> Self {
        Self {
            inner: Lock::new(Inner {
                depot: Depot::new(),
                partial: NONE,
                empty: 0,
            }),
            depot_hint: AtomicUsize::new(0),
            identity: AtomicPtr::new(core::ptr::null_mut()),
            class: AtomicU32::new(0),
            taken: AtomicU64::new(0),
            returned: AtomicU64::new(0),
            high_water: AtomicU64::new(0),
            slabs: AtomicU32::new(0),
            free_in_slabs: AtomicU64::new(0),
            spilled: AtomicU64::new(0),
            from_depot: AtomicU64::new(0),
            to_depot: AtomicU64::new(0),
        }
    }

    /// Says whose bucket this is (BKT-3), and what its slabs' tags are to say of their class.
    pub(crate) fn identify(&self, pool: *mut (), class: u32) {
        self.identity.store(pool, Relaxed);
        self.class.store(class, Relaxed);
    }

    /// Whose bucket this is.
    #[cfg(feature = "paranoid")]
    pub(crate) fn identity(&self) -> *mut () {
        self.identity.load(Relaxed)
    }

    /// Whether a thief would find a batch, at this moment.
    pub(crate) fn has_batch(&self) -> bool {
        self.depot_hint.load(Relaxed) >> 1 != 0
    }

    /// Moves the newest batch of the depot to `out`; returns the number of blocks, 0 if dry.
    ///
    /// # Safety
    /// `out` is valid for writing a batch of this bucket's pool.
    pub(crate) unsafe fn take_batch(&self, out: *mut Block) -> usize {
        // Nothing there and nothing to learn from it: no lock. What comes at this moment is found next time.
        if self.depot_hint.load(Relaxed) == 0 {
            return 0;
        }
        let mut inner = self.inner.lock();
        // SAFETY: BLK-3; passed on to the caller.
        let count = unsafe { inner.depot.take_newest(out) };
        self.depot_hint.store(inner.depot.hint(), Relaxed);
        if count > 0 {
            add(&self.from_depot, 1);
            self.count_taken(count);
        }
        count
    }

    /// The oldest batch for a thief: its lines have had the longest time to leave the caches of
    /// those who freed it. `None` if somebody holds the lock and the thief is not `patient`.
    ///
    /// # Safety
    /// As for [`take_batch`](Self::take_batch).
    pub(crate) unsafe fn steal_batch(&self, out: *mut Block, patient: bool) -> Option<usize> {
        let mut inner = if patient {
            self.inner.lock()
        } else {
            self.inner.try_lock()?
        };
        // SAFETY: BLK-3; passed on to the caller.
        let count = unsafe { self.evict_batch(&mut inner, out) };
        self.count_taken(count);
        Some(count)
    }

    /// Moves the oldest batch to `out`, as [`take_batch`](Self::take_batch) does the newest, but
    /// without counting it as taken by the program: it goes home.
    ///
    /// # Safety
    /// As for [`take_batch`](Self::take_batch).
    unsafe fn evict_batch(&self, inner: &mut Guard<'_, Inner>, out: *mut Block) -> usize {
        // SAFETY: BLK-3; passed on to the caller.
        let count = unsafe { inner.depot.take_oldest(out) };
        self.depot_hint.store(inner.depot.hint(), Relaxed);
        count
    }

    fn count_taken(&self, blocks: usize) {
        let taken = add(&self.taken, blocks as u64);
        let in_use = taken.saturating_sub(self.returned.load(Relaxed));
        if in_use > self.high_water.load(Relaxed) {
            self.high_water.store(in_use, Relaxed);
        }
    }

    /// Puts a batch into the depot. If that is full, its oldest batch comes out instead.
    ///
    /// # Safety
    /// `blocks[..count]` are initialised free blocks of this bucket's pool, and may be written to; unless
    /// refused, they have moved.
    pub(crate) unsafe fn put_batch(
        &self,
        geometry: &Geometry,
        blocks: *mut Block,
        count: usize,
    ) -> PutBatch {
        let mut inner = self.inner.lock();
        // SAFETY: BLK-1, BLK-3; the caller hands a batch over.
        let put = unsafe { inner.depot.put(geometry, blocks, count) };
        self.depot_hint.store(inner.depot.hint(), Relaxed);
        if put != PutBatch::Refused {
            add(&self.returned, count as u64);
            add(&self.to_depot, 1);
        }
        put
    }

    /// Takes batches out of the depot, those nobody needed since the last visit or all of them,
    /// and gives them one at a time to `spill`, outside the lock.
    pub(crate) fn plunder(
        &self,
        all: bool,
        room: &mut BatchRoom,
        mut spill: impl FnMut(&mut [Option<Block>]),
    ) {
        if !self.has_batch() {
            return;
        }
        let mut left = {
            let mut inner = self.inner.lock();
            let count = inner.depot.count();
            let idle = inner.depot.idle_batches();
            if all { count } else { idle }
        };
        while left > 0 {
            left -= 1;
            // SAFETY: BLK-3; the room holds the largest batch.
            let count = unsafe { self.evict_batch(&mut self.inner.lock(), room.start()) };
            if count == 0 {
                return;
            }
            // SAFETY: BLK-3; just written.
            spill(unsafe { room.filled(count) });
        }
    }

    /// Carves up to `wanted` blocks out of partial slabs, lowest address first, through `give`.
    /// Returns how many; 0 means that a slab must be adopted first.
    pub(crate) fn carve(&self, wanted: usize, mut give: impl FnMut(NonNull<u8>)) -> usize {
        let mut inner = self.inner.lock();
        let mut given = 0;
        while given < wanted && inner.partial != NONE {
            let unit = inner.partial;
            // SAFETY: SLB-2; the slab is ours (BKT-1) and our lock is held.
            let mut slab = unsafe { SPACE.slab(unit) };
            if slab.is_empty() {
                inner.empty -= 1;
            }
            given += slab.carve(wanted - given, &mut give);
            if slab.is_full() {
                // SAFETY: SLB-2, HEP-3; as above, and `slab` is not used again.
                inner.partial = unsafe { heap::remove(&mut SPACE.descriptors(), unit, unit) };
            }
        }
        self.free_in_slabs.store(
            self.free_in_slabs.load(Relaxed).wrapping_sub(given as u64),
            Relaxed,
        );
        self.count_taken(given);
        given
    }

    /// Carves one block that is known to be zero, from the lowest partial slab if that has one.
    pub(crate) fn carve_untouched(&self) -> Option<NonNull<u8>> {
        let mut inner = self.inner.lock();
        let unit = inner.partial;
        if unit == NONE {
            return None;
        }
        // SAFETY: SLB-2; the slab is ours (BKT-1) and our lock is held.
        let mut slab = unsafe { SPACE.slab(unit) };
        let was_empty = slab.is_empty();
        let block = slab.carve_untouched()?;
        if was_empty {
            inner.empty -= 1;
        }
        if slab.is_full() {
            // SAFETY: SLB-2, HEP-3; as above, and `slab` is not used again.
            inner.partial = unsafe { heap::remove(&mut SPACE.descriptors(), unit, unit) };
        }
        self.free_in_slabs
            .store(self.free_in_slabs.load(Relaxed).wrapping_sub(1), Relaxed);
        self.count_taken(1);
        Some(block)
    }

    /// Makes a slab this bucket's own. It is empty and partial.
    pub(crate) fn adopt(&self, geometry: &Geometry, slab: SlabId) {
        let slab = SPACE.dressed(slab);
        let mut inner = self.inner.lock();
        let units = slab.units;
        let unit = SPACE.found(slab, geometry, (&raw const *self).cast_mut().cast());
        SPACE.set_class(unit, units, self.class.load(Relaxed));
        // SAFETY: SLB-2, HEP-3; the slab is ours now and our lock is held.
        inner.partial = unsafe { heap::insert(&mut SPACE.descriptors(), inner.partial, unit) };
        inner.empty += 1;
        self.slabs.store(self.slabs.load(Relaxed) + 1, Relaxed);
        add(&self.free_in_slabs, geometry.slab_blocks as u64);
    }

    /// What the bucket has counted; exact when nobody uses it, relaxed otherwise.
    pub(crate) fn counts(&self) -> BucketCounts {
        BucketCounts {
            taken: self.taken.load(Relaxed),
            returned: self.returned.load(Relaxed),
            high_water: self.high_water.load(Relaxed),
            slabs: u64::from(self.slabs.load(Relaxed)),
            // During a spill slabs may be released before their blocks are added.
            free_in_slabs: (self.free_in_slabs.load(Relaxed) as i64).max(0) as u64,
            in_depot_batches: (self.depot_hint.load(Relaxed) >> 1) as u64,
            spilled: self.spilled.load(Relaxed),
            from_depot: self.from_depot.load(Relaxed),
            to_depot: self.to_depot.load(Relaxed),
            lock: self.inner.figures(),
        }
    }

    pub(crate) fn close_for_fork(&self) {
        self.inner.close_for_fork();
    }

    /// # Safety
    /// As for [`Lock::open_after_fork`].
    pub(crate) unsafe fn open_after_fork(&self) {
        // SAFETY: LCK-1; passed on to the caller.
        unsafe { self.inner.open_after_fork() };
    }
}
