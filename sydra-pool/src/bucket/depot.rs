//! The depot: a bounded ring of full batches. The newest is handed out, the oldest is spilled.
//!
//! The limit doubles when a refill finds nothing after something had to be spilled, so it follows
//! the swing of the program; what lay untouched between two visits of the maintenance is plundered.
//!
//! # Invariants
//! - `DEP-1`: the batches `first .. first + count` (modulo the ring) are initialised free blocks
//!   that this depot alone holds. `count <= limit <=` the ring's size.

use crate::block::Block;
use crate::geometry::Geometry;
use crate::meta::META;
use core::ptr::NonNull;

/// The limit a depot starts with, in batches.
const LIMIT_START: usize = 4;

pub(super) struct Depot {
    ring: Option<NonNull<Block>>,
    batch: usize,
    ring_batches: usize,
    first: usize,
    count: usize,
    limit: usize,
    low_water: usize,
    overflowed: bool,
}

// SAFETY: DEP-1; free blocks belong to whoever holds the bucket's lock.
unsafe impl Send for Depot {}

impl Depot {
    pub(super) const fn new() -> Self {
        Self {
            ring: None,
            batch: 0,
            ring_batches: 0,
            first: 0,
            count: 0,
            limit: 0,
            low_water: 0,
            overflowed: false,
        }
    }

    /// Whether a batch of `count` blocks would be of the right size.
    pub(super) fn fits(&self, count: usize) -> bool {
        count == self.batch
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Gets the ring, once; `false` when there is no memory for it.
    fn open(&mut self, geometry: &Geometry) -> bool {
        if self.ring.is_some() {
            return true;
        }
        let bytes = geometry.batch * geometry.depot_batches * size_of::<Block>();
        let Some(room) = META.take(bytes) else {
            return false;
        };
        self.ring = Some(room.cast());
        self.batch = geometry.batch;
        self.ring_batches = geometry.depot_batches;
        self.limit = LIMIT_START.min(geometry.depot_batches);
        true
    }

    fn batch_at(&self, number: usize) -> Option<NonNull<Block>> {
        let place = (self.first + number) % self.ring_batches.max(1);
        // SAFETY: DEP-1; the place is within the ring.
        self.ring
            .map(|ring| unsafe { ring.add(place * self.batch) })
    }

    /// Takes a batch in, or says that it is full, is of another size, or has no memory.
    ///
    /// # Safety
    /// `blocks[..count]` are initialised free blocks of this bucket's stride; with `true` they have
    /// moved into the depot.
    pub(super) unsafe fn put(
        &mut self,
        geometry: &Geometry,
        blocks: *const Block,
        count: usize,
    ) -> bool {
        if !self.open(geometry) || count != self.batch {
            return false;
        }
        if self.count == self.limit {
            self.overflowed = true;
            return false;
        }
        let Some(place) = self.batch_at(self.count) else {
            return false;
        };
        // SAFETY: DEP-1; the place is free, and the caller hands the blocks over.
        unsafe { place.as_ptr().copy_from_nonoverlapping(blocks, count) };
        self.count += 1;
        true
    }

    /// Moves the newest batch to `out`, which has room for one; returns the number of blocks.
    ///
    /// # Safety
    /// `out` is valid for writing a batch.
    pub(super) unsafe fn take_newest(&mut self, out: *mut Block) -> usize {
        if self.count == 0 {
            if self.overflowed {
                self.limit = (self.limit * 2).min(self.ring_batches);
                self.overflowed = false;
            }
            return 0;
        }
        self.count -= 1;
        self.low_water = self.low_water.min(self.count);
        // SAFETY: DEP-1; passed on to the caller.
        unsafe { self.copy_out(self.count, out) }
    }

    /// Moves the oldest batch to `out`, which has room for one; returns the number of blocks.
    ///
    /// # Safety
    /// `out` is valid for writing a batch.
    pub(super) unsafe fn take_oldest(&mut self, out: *mut Block) -> usize {
        if self.count == 0 {
            return 0;
        }
        // SAFETY: DEP-1; passed on to the caller.
        let taken = unsafe { self.copy_out(0, out) };
        self.first = (self.first + 1) % self.ring_batches;
        self.count -= 1;
        self.low_water = self.low_water.min(self.count);
        taken
    }

    unsafe fn copy_out(&self, number: usize, out: *mut Block) -> usize {
        let Some(place) = self.batch_at(number) else {
            return 0;
        };
        // SAFETY: DEP-1; a held batch is initialised, and the caller's room is apart from the ring.
        unsafe { out.copy_from_nonoverlapping(place.as_ptr(), self.batch) };
        self.batch
    }

    /// How many batches nobody needed since the last call; shrinks the limit by half as many.
    pub(super) fn idle_batches(&mut self) -> usize {
        let idle = self.low_water.min(self.count);
        self.low_water = self.count;
        if idle > 0 {
            self.limit = self
                .limit
                .saturating_sub(idle.div_ceil(2))
                .max(LIMIT_START.min(self.ring_batches));
        }
        idle
    }
}
