//! Runs: adjoining units for one large block, whose layout says how many. A run of up to a chunk's units is taken
//! within a chunk, a longer one from the start of a chunk; one that grows may pass a chunk's end.
//!
//! # Invariants
//! - `RUN-1`: while a run is out, `back` in the tag of its first unit is [`mark`] of its units, and `owner`
//!   is null. No slab says so of a unit, so `slab_at` finds nothing there (within the run it may find a neighbour, whose
//!   bitmap then says that this is none of its blocks); and who gives back what is no run,
//!   or not one of that length, or a second time, is found out. Made and unmade under the lock.
//!
//! # Not here
//! Which layouts are served by runs: `large`.

use super::record::{CHUNK_BYTES, CHUNK_UNITS};
use super::units::{GUARD_UNITS, run_mask};
use super::{AddressSpace, Inner};
use crate::geometry::UNIT_BYTES;
use crate::os;
use crate::sync::{AtomicU64, Guard, Ordering::Relaxed};
use core::ptr::NonNull;

/// The most units of a run, guards apart: 32 MiB.
pub(crate) const RUN_UNITS_MOST: usize = 512;
/// Chunks that a run touches at most: one that has grown need not start with a chunk.
const RUN_CHUNKS_MOST: usize = RUN_UNITS_MOST / CHUNK_UNITS + 1;
/// How many chunks a search for several of them in a row looks at.
const ROW_SEARCH_CHUNKS: usize = 256;

const _: () = assert!(RUN_UNITS_MOST.is_multiple_of(CHUNK_UNITS) && GUARD_UNITS < CHUNK_UNITS);

/// What large blocks have come to; written under the lock, read by anyone.
pub(super) struct RunCounts {
    units: AtomicU64,
    units_peak: AtomicU64,
    allocations: AtomicU64,
    frees: AtomicU64,
    resized: AtomicU64,
    requested: AtomicU64,
}

/// The same as plain numbers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RunFigures {
    pub(crate) bytes: u64,
    pub(crate) bytes_peak: u64,
    pub(crate) allocations: u64,
    pub(crate) frees: u64,
    pub(crate) resized: u64,
    pub(crate) requested: u64,
}

/// A run that was just taken.
pub(crate) struct Run {
    pub(crate) start: NonNull<u8>,
    first: usize,
    /// Which units were resident, by chunk: the others are zero.
    resident: [u32; RUN_CHUNKS_MOST],
}

/// What `back` of a run's first unit says: more than any slab's does.
fn mark(units: usize) -> u32 {
    u32::MAX - units as u32
}

/// The parts of a row of units that lie in one chunk each: the chunk, and a mask of its units.
fn parts(first: usize, units: usize) -> impl Iterator<Item = (usize, u32)> {
    let mut unit = first;
    let end = first + units;
    core::iter::from_fn(move || {
        if unit == end {
            return None;
        }
        let index = unit % CHUNK_UNITS;
        let count = (end - unit).min(CHUNK_UNITS - index);
        let part = (unit / CHUNK_UNITS, run_mask(index as u32, count as u32));
        unit += count;
        Some(part)
    })
}

impl RunCounts {
    #[cfg(not(loom))]
    pub(super) const fn new() -> Self {
        Self {
            units: AtomicU64::new(0),
            units_peak: AtomicU64::new(0),
            allocations: AtomicU64::new(0),
            frees: AtomicU64::new(0),
            resized: AtomicU64::new(0),
            requested: AtomicU64::new(0),
        }
    }

    /// More or fewer units and bytes asked for; the lock is held.
    fn change(&self, units: usize, requested: usize, less_units: usize, less_requested: usize) {
        let held = (self.units.load(Relaxed) + units as u64).saturating_sub(less_units as u64);
        self.units.store(held, Relaxed);
        if held > self.units_peak.load(Relaxed) {
            self.units_peak.store(held, Relaxed);
        }
        let asked = self.requested.load(Relaxed) + requested as u64;
        self.requested
            .store(asked.saturating_sub(less_requested as u64), Relaxed);
    }

    fn count(counter: &AtomicU64) {
        counter.store(counter.load(Relaxed) + 1, Relaxed);
    }

    pub(super) fn figures(&self) -> RunFigures {
        let bytes = |units: &AtomicU64| units.load(Relaxed) * UNIT_BYTES as u64;
        RunFigures {
            bytes: bytes(&self.units),
            bytes_peak: bytes(&self.units_peak),
            allocations: self.allocations.load(Relaxed),
            frees: self.frees.load(Relaxed),
            resized: self.resized.load(Relaxed),
            requested: self.requested.load(Relaxed),
        }
    }
}

impl AddressSpace {
    /// Takes a run for `bytes` in `units` units (1 to 512), resident ones first. `None` when the system
    /// refuses, or when large blocks have half of the range already.
    ///
    /// Time: a search of at most 64 chunks, 256 for more than 2 MiB, and a commit of each chunk that is new.
    pub(crate) fn take_run(&self, units: usize, bytes: usize) -> Option<Run> {
        debug_assert!((1..=RUN_UNITS_MOST).contains(&units) && bytes <= units * UNIT_BYTES);
        let whole = units + GUARD_UNITS;
        let mut inner = self.inner.lock();
        let first = if !self.open(&mut inner) {
            None
        } else if !self.is_fair(whole) {
            return None;
        } else if whole <= CHUNK_UNITS {
            self.place(&mut inner, whole as u32)
        } else {
            self.row(&mut inner, whole)
        };
        let Some(first) = first else {
            self.note_refusal();
            return None;
        };
        let resident = self.take_out(&mut inner, first, whole);
        self.runs.change(whole, bytes, 0, 0);
        RunCounts::count(&self.runs.allocations);
        self.set_mark(first, Some(units));
        drop(inner);
        if cfg!(feature = "paranoid") {
            // A wish: without it the run is as good as any.
            os::forbid(self.at((first + units) as u32), GUARD_UNITS * UNIT_BYTES);
        }
        Some(Run {
            start: self.at(first as u32),
            first,
            resident,
        })
    }

    /// Makes the first `bytes` of a run zero that nobody has yet.
    pub(crate) fn clear_run(&self, run: &Run, bytes: usize) {
        let units = bytes.div_ceil(UNIT_BYTES);
        for (place, (chunk, part)) in parts(run.first, units).enumerate() {
            let mut left = part & run.resident[place];
            while left != 0 {
                let from = left.trailing_zeros();
                let count = (left >> from).trailing_ones();
                left &= !run_mask(from, count);
                let unit = chunk * CHUNK_UNITS + from as usize;
                let done = (unit - run.first) * UNIT_BYTES;
                let length = (count as usize * UNIT_BYTES).min(bytes - done);
                // SAFETY: SPC-2; these units were just taken and are the caller's alone.
                unsafe { self.at(unit as u32).write_bytes(0, length) };
            }
        }
    }

    /// Takes the run back that starts at the byte `offset`, has `units` units and was asked for with `bytes`. Says
    /// `false`, and does nothing, if there is none.
    pub(crate) fn give_run(&self, offset: usize, units: usize, bytes: usize) -> bool {
        let first = offset / UNIT_BYTES;
        let whole = units + GUARD_UNITS;
        let mut inner = self.inner.lock();
        if !self.is_run(offset, units) {
            return false;
        }
        self.set_mark(first, None);
        self.runs.change(0, 0, whole, bytes);
        RunCounts::count(&self.runs.frees);
        if cfg!(feature = "paranoid")
            && !os::commit(self.at((first + units) as u32), GUARD_UNITS * UNIT_BYTES)
        {
            // It stays out of use: what may not be touched must not be handed out.
            return true;
        }
        self.put_in(&mut inner, first, whole);
        true
    }

    /// Makes a run longer or shorter where it is, the way [`give_run`](Self::give_run) names it: from `bytes` in `units`
    /// units to `to_bytes` in `to_units`. `None` if there is no such run, `false` if there is no room behind it.
    pub(crate) fn resize_run(
        &self,
        offset: usize,
        [units, bytes]: [usize; 2],
        [to_units, to_bytes]: [usize; 2],
    ) -> Option<bool> {
        let first = offset / UNIT_BYTES;
        let mut inner = self.inner.lock();
        if !self.is_run(offset, units) {
            return None;
        }
        let (end, to_end) = (first + units, first + to_units);
        if to_units != units && cfg!(feature = "paranoid") {
            // Its guard would have to move.
            return Some(false);
        }
        if to_units > units {
            if !self.is_fair(to_units - units) || !self.is_free(&mut inner, end, to_end - end) {
                return Some(false);
            }
            self.take_out(&mut inner, end, to_end - end);
        } else if to_units < units {
            self.put_in(&mut inner, to_end, end - to_end);
        }
        self.runs.change(to_units, to_bytes, units, bytes);
        RunCounts::count(&self.runs.resized);
        self.set_mark(first, Some(to_units));
        Some(true)
    }

    /// Whether large blocks may have so many units more: half of the range stays for slabs.
    fn is_fair(&self, units: usize) -> bool {
        let held = self.runs.units.load(Relaxed) as usize + units;
        held * 2 * UNIT_BYTES <= self.window.bytes()
    }

    /// Whether a run of so many units starts at the byte `offset`; the lock is held.
    fn is_run(&self, offset: usize, units: usize) -> bool {
        offset.is_multiple_of(UNIT_BYTES)
            && self
                .tag((offset / UNIT_BYTES) as u32)
                .is_some_and(|tag| tag.back.load(Relaxed) == mark(units))
    }

    /// RUN-1; the lock is held.
    fn set_mark(&self, first: usize, units: Option<usize>) {
        if let Some(tag) = self.tag(first as u32) {
            debug_assert!(tag.owner.load(Relaxed).is_null() && tag.class.load(Relaxed) == 0);
            tag.back.store(units.map_or(0, mark), Relaxed);
        }
    }

    /// Whether so many units from `first` on are free; commits the next chunks if that is all it takes.
    fn is_free(&self, inner: &mut Guard<'_, Inner>, first: usize, units: usize) -> bool {
        for (chunk, part) in parts(first, units) {
            // Chunks are committed in order, so a new one is the one that was asked for.
            if chunk >= inner.chunks && self.grow(inner) != Some(chunk) {
                return false;
            }
            if self.masks(inner, chunk).free & part != part {
                return false;
            }
        }
        true
    }

    /// Takes units out of the masks, all of them free; says which were resident.
    fn take_out(
        &self,
        inner: &mut Guard<'_, Inner>,
        first: usize,
        units: usize,
    ) -> [u32; RUN_CHUNKS_MOST] {
        let mut resident = [0; RUN_CHUNKS_MOST];
        for (place, (chunk, part)) in parts(first, units).enumerate() {
            resident[place] = self.take_part(inner, chunk, part);
        }
        resident
    }

    /// Puts units back into the masks, as resident.
    fn put_in(&self, inner: &mut Guard<'_, Inner>, first: usize, units: usize) {
        inner.used_units -= units;
        for (chunk, part) in parts(first, units) {
            let unit = chunk as u32 * CHUNK_UNITS as u32 + part.trailing_zeros();
            self.put_back(inner, unit, part.count_ones(), true);
        }
    }

    /// The first unit of a row of whole chunks and what is left of `units` after them, all of it free: the lowest
    /// of those that are committed, or else the end of what is, and new chunks.
    fn row(&self, inner: &mut Guard<'_, Inner>, units: usize) -> Option<usize> {
        let chunks = units.div_ceil(CHUNK_UNITS);
        let fits = |inner: &Guard<'_, Inner>, chunk: usize| {
            parts(chunk * CHUNK_UNITS, units)
                .all(|(chunk, part)| self.masks(inner, chunk).free & part == part)
        };
        let mut from = 0;
        for _ in 0..ROW_SEARCH_CHUNKS {
            match inner.whole.next(from) {
                Some(chunk) if chunk + chunks <= inner.chunks => {
                    if fits(inner, chunk) {
                        return Some(chunk * CHUNK_UNITS);
                    }
                    from = chunk + 1;
                }
                _ => break,
            }
        }
        // As many of the last chunks as are free altogether, and new ones behind them.
        let mut first = inner.chunks;
        while first > 0
            && inner.chunks - first < chunks
            && self.masks(inner, first - 1).free == u32::MAX
        {
            first -= 1;
        }
        if (first + chunks) * CHUNK_BYTES > self.window.bytes() {
            return None;
        }
        while inner.chunks < first + chunks {
            self.grow(inner)?;
        }
        Some(first * CHUNK_UNITS)
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
