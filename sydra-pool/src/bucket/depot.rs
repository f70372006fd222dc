//! The depot: a bounded ring of full batches. The newest is handed out, the oldest is spilled.
//!
//! The limit doubles when a refill finds nothing after something had to be spilled, so it follows
//! the swing of the program; what lay untouched between two visits of the maintenance is plundered.
//!
//! # Invariants
//! - `DEP-1`: the batches `first .. first + count` (modulo the ring) are initialised free blocks
//!   that this depot alone holds. `count` and `limit` are less than the ring's places (the limit may
//!   shrink below the count): there is always a place for one more.

use crate::block::Block;
use crate::geometry::Geometry;
use crate::meta::META;
use core::ptr::NonNull;

/// The limit a depot starts with, in batches.
const LIMIT_START: usize = 4;

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(crate) enum PutBatch {
    /// The depot has it.
    Taken,
    /// The depot has it and gave up its oldest one, so many blocks, which are in its place now.
    Evicted(usize),
    /// It is of another size, or there is no memory for the ring: the blocks are the caller's still.
    Refused,
}

pub(super) struct Depot {
    ring: Option<NonNull<Block>>,
    batch: usize,
    places: usize,
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
            places: 0,
            first: 0,
            count: 0,
            limit: 0,
            low_water: 0,
            overflowed: false,
        }
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Twice the batches, and one more if it has overflowed since it was dry: 0 if who takes from it finds nothing and
    /// changes nothing.
    pub(super) fn hint(&self) -> usize {
        self.count << 1 | usize::from(self.overflowed)
    }

    /// Gets the ring, once; `false` when there is no memory for it.
    fn open(&mut self, geometry: &Geometry) -> bool {
        if self.ring.is_some() {
            return true;
        }
        let places = geometry.depot_batches + 1;
        let bytes = geometry.batch * places * size_of::<Block>();
        let Some(room) = META.take(bytes) else {
            return false;
        };
        self.ring = Some(room.cast());
        self.batch = geometry.batch;
        self.places = places;
        self.limit = LIMIT_START.min(geometry.depot_batches);
        true
    }

    /// The highest limit there can be.
    fn most(&self) -> usize {
        self.places - 1
    }

    /// A place in the ring, of one that is at most one round ahead; a division would take longer.
    fn wrapped(&self, place: usize) -> usize {
        if place >= self.places {
            place - self.places
        } else {
            place
        }
    }

    fn batch_at(&self, number: usize) -> Option<NonNull<Block>> {
        let place = self.wrapped(self.first + number);
        // SAFETY: DEP-1; the place is within the ring.
        self.ring
            .map(|ring| unsafe { ring.add(place * self.batch) })
    }

    /// Takes a batch in; if the depot is full, the oldest one comes out in its stead.
    ///
    /// # Safety
    /// `blocks[..count]` are initialised free blocks of this bucket's stride, and may be written to; unless
    /// refused, they have moved into the depot.
    pub(super) unsafe fn put(
        &mut self,
        geometry: &Geometry,
        blocks: *mut Block,
        count: usize,
    ) -> PutBatch {
        // A limit of 0: no place at all.
        if !self.open(geometry) || count != self.batch || self.limit == 0 {
            return PutBatch::Refused;
        }
        let Some(place) = self.batch_at(self.count) else {
            return PutBatch::Refused;
        };
        // SAFETY: DEP-1; the place is free, and the caller hands the blocks over.
        unsafe { place.as_ptr().copy_from_nonoverlapping(blocks, self.batch) };
        self.count += 1;
        // The limit may have shrunk below the count.
        if self.count <= self.limit {
            return PutBatch::Taken;
        }
        self.overflowed = true;
        // SAFETY: DEP-1; the blocks there have just moved.
        PutBatch::Evicted(unsafe { self.take_oldest(blocks) })
    }

    /// Moves the newest batch to `out`, which has room for one; returns the number of blocks.
    ///
    /// # Safety
    /// `out` is valid for writing a batch.
    pub(super) unsafe fn take_newest(&mut self, out: *mut Block) -> usize {
        if self.count == 0 {
            if self.overflowed {
                self.limit = (self.limit * 2).min(self.most());
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
        self.first = self.wrapped(self.first + 1);
        self.count -= 1;
        self.low_water = self.low_water.min(self.count);
        taken
    }

    /// Copies the batch `number`, counted from the oldest, which the caller then forgets.
    ///
    /// # Safety
    /// As for [`take_newest`](Self::take_newest).
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
                .max(LIMIT_START.min(self.most()));
        }
        idle
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::collections::VecDeque;
    use std::vec::Vec;

    /// A batch of addresses that nobody follows.
    fn batch(geometry: &Geometry, number: usize) -> Vec<Block> {
        let blocks = (0..geometry.batch).map(|index| number * 1000 + index + 1);
        blocks
            .filter_map(core::num::NonZero::new)
            .map(|address| Block(NonNull::without_provenance(address)))
            .collect()
    }

    #[test]
    fn agrees_with_a_queue_also_when_the_limit_shrinks() {
        let geometry = Geometry::of(64, 0, 8);
        let mut depot = Depot::new();
        let mut model = VecDeque::new();
        let mut out = batch(&geometry, 0);
        let (mut state, mut evicted, mut shrunk) = (11_u64, 0, 0);
        for number in 1..if cfg!(miri) { 150 } else { 20_000 } {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let mut fresh = batch(&geometry, number);
            match state >> 61 {
                0..=3 => {
                    // SAFETY: DEP-1; `fresh` holds a batch; the blocks are numbers.
                    match unsafe { depot.put(&geometry, fresh.as_mut_ptr(), geometry.batch) } {
                        PutBatch::Taken => {}
                        PutBatch::Evicted(count) => {
                            evicted += 1;
                            assert_eq!(count, geometry.batch);
                            let oldest = model.pop_front();
                            assert_eq!(Some(fresh[0].0.addr().get() / 1000), oldest);
                        }
                        PutBatch::Refused => panic!("a batch of the right size"),
                    }
                    model.push_back(number);
                }
                // SAFETY: DEP-1; as above.
                4 | 5 => match unsafe { depot.take_newest(out.as_mut_ptr()) } {
                    0 => assert!(model.is_empty()),
                    _ => assert_eq!(Some(out[0].0.addr().get() / 1000), model.pop_back()),
                },
                6 => {
                    shrunk += usize::from(depot.idle_batches() > 0 && depot.limit < depot.count);
                }
                _ => assert_eq!(depot.count(), model.len()),
            }
        }
        assert!(evicted > 0, "the test must fill the depot");
        assert!(
            cfg!(miri) || shrunk > 0,
            "the limit must fall below the count"
        );
    }
}
