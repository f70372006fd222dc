//! Handing out units as slabs, taking them back, and growing.

use super::chunk_set::CHUNKS_MOST;
use super::record::{CHUNK_BYTES, CHUNK_UNITS, Masks, Record};
use super::{AddressSpace, HUGE_FROM, Inner, RANGE_ALIGN, RESERVE_BYTES, RESERVE_LEAST};
use crate::geometry::{SLAB_UNITS_MOST, UNIT_BYTES};
use crate::os;
use crate::slab::SlabId;
use crate::sync::{Guard, Ordering::Relaxed};
use core::ptr::NonNull;

const _: () = assert!(
    SLAB_UNITS_MOST + GUARD_UNITS <= CHUNK_UNITS && RESERVE_BYTES / CHUNK_BYTES <= CHUNKS_MOST
);

/// Units without access behind each slab and each run.
pub(super) const GUARD_UNITS: usize = if cfg!(feature = "paranoid") { 1 } else { 0 };

/// After many refusals the range is tried for again at every so many requests.
const RETRY_EVERY: u32 = 64;
/// How many chunks a search for several adjoining units looks at before it takes a new chunk.
const RUN_SEARCH_CHUNKS: usize = 64;

/// The lowest `units` adjoining set bits of `mask`, as their first bit.
fn run_in(mask: u32, units: u32) -> Option<u32> {
    let mut starts = mask;
    let mut covered = 1;
    // Doubles what is covered each time, so `log2(units)` steps.
    while covered < units && starts != 0 {
        let step = covered.min(units - covered);
        starts &= starts >> step;
        covered += step;
    }
    if starts == 0 {
        None
    } else {
        Some(starts.trailing_zeros())
    }
}

/// A mask of `units` bits (1 to 32) from the bit `first` on.
pub(super) fn run_mask(first: u32, units: u32) -> u32 {
    (u32::MAX >> (CHUNK_UNITS as u32 - units)) << first
}

impl SlabId {
    /// Bytes that blocks may be in.
    fn bytes(&self) -> usize {
        (self.units as usize - GUARD_UNITS) * UNIT_BYTES
    }
}

impl AddressSpace {
    /// Takes a slab of `units` adjoining units (1 to 16), resident ones first, or `None` when the
    /// system refuses.
    ///
    /// Constant time for one unit; at most 64 chunks are searched for more; a commit of 2 MiB when
    /// nothing is free.
    pub(crate) fn take_slab(&self, units: usize) -> Option<SlabId> {
        debug_assert!((1..=SLAB_UNITS_MOST).contains(&units));
        let units = (units + GUARD_UNITS) as u32;
        let mut inner = self.inner.lock();
        let place = if self.open(&mut inner) {
            self.place(&mut inner, units)
        } else {
            None
        };
        let Some(unit) = place else {
            self.note_refusal();
            return None;
        };
        let (chunk, first) = (unit / CHUNK_UNITS, (unit % CHUNK_UNITS) as u32);
        let resident = self.take_part(&mut inner, chunk, run_mask(first, units));
        drop(inner);
        let record = self.record(chunk);
        for index in 0..units {
            let tag = Record::tag(record, (first + index) as usize);
            // SAFETY: SPC-3; tags are atomics and live for ever.
            let tag = unsafe { tag.as_ref() };
            debug_assert!(tag.class.load(Relaxed) == 0, "nobody's unit is of a class");
            tag.back.store(index, Relaxed);
        }
        let unit = unit as u32;
        let mut descriptor = Record::descriptor(record, first as usize);
        // SAFETY: SLB-2; the units were just taken out of every mask, so they are ours alone.
        unsafe { descriptor.as_mut() }.units = units as u8;
        if cfg!(feature = "paranoid") {
            // A wish: without it the slab is as good as any.
            os::forbid(self.guard_of(unit, units), GUARD_UNITS * UNIT_BYTES);
        }
        Some(SlabId {
            unit,
            units,
            clean: resident == 0,
        })
    }

    /// Opens the range if that has not been done.
    pub(super) fn open(&self, inner: &mut Guard<'_, Inner>) -> bool {
        self.window.bytes() != 0 || self.start(inner)
    }

    /// The first of `units` adjoining free units (1 to 32): resident ones, or any, or a new chunk's.
    pub(super) fn place(&self, inner: &mut Guard<'_, Inner>, units: u32) -> Option<usize> {
        let found = self
            .search(inner, units, true)
            .or_else(|| self.search(inner, units, false));
        let (chunk, first) = match found {
            Some(place) => place,
            // A search is cut short: no new chunk while one is free altogether.
            None => match inner.whole.next(0) {
                Some(chunk) => (chunk, 0),
                None => (self.grow(inner)?, 0),
            },
        };
        Some(chunk * CHUNK_UNITS + first as usize)
    }

    /// Takes free units of a chunk out of the masks; says which were resident.
    pub(super) fn take_part(&self, inner: &mut Guard<'_, Inner>, chunk: usize, part: u32) -> u32 {
        let mut masks = self.masks(inner, chunk);
        debug_assert!(masks.free & part == part, "SPC-2");
        let resident = masks.dirty & part;
        masks.free &= !part;
        masks.dirty &= !part;
        inner.dirty_units -= resident.count_ones() as usize;
        inner.used_units += part.count_ones() as usize;
        let dirty_units = inner.dirty_units;
        inner.decay.note(dirty_units);
        self.set_masks(inner, chunk, masks);
        resident
    }

    /// Counts a request that the system refused; the lock is held.
    pub(super) fn note_refusal(&self) {
        self.refused.store(self.refused.load(Relaxed) + 1, Relaxed);
    }

    /// The guard behind the slab of so many units.
    fn guard_of(&self, unit: u32, units: u32) -> NonNull<u8> {
        self.at(unit + units - GUARD_UNITS as u32)
    }

    /// A slab as blocks that are watched begin: filled with the pattern. Otherwise as it is.
    pub(crate) fn dressed(&self, slab: SlabId) -> SlabId {
        #[cfg(feature = "paranoid")]
        {
            // SAFETY: SPC-2; the slab's units are the holder's alone.
            unsafe {
                self.at(slab.unit)
                    .write_bytes(crate::block::PATTERN, slab.bytes())
            };
            SlabId {
                clean: false,
                ..slab
            }
        }
        #[cfg(not(feature = "paranoid"))]
        slab
    }

    /// Takes a slab back.
    pub(crate) fn give_slab(&self, slab: SlabId) {
        if cfg!(feature = "paranoid")
            && !os::commit(
                self.guard_of(slab.unit, slab.units),
                GUARD_UNITS * UNIT_BYTES,
            )
        {
            // It stays out of use: what may not be touched must not be handed out.
            return;
        }
        let mut inner = self.inner.lock();
        inner.used_units -= slab.units as usize;
        self.put_back(&mut inner, slab.unit, slab.units, !slab.clean);
    }

    /// Makes a slab's bytes zero, unless they are known to be. What was resident still counts as
    /// not clean: its pages must be purged to go.
    pub(crate) fn zeroed(&self, slab: SlabId) -> SlabId {
        if !slab.clean {
            // SAFETY: SPC-2; the slab's units are the holder's alone.
            unsafe { self.at(slab.unit).write_bytes(0, slab.bytes()) };
        }
        slab
    }

    /// Touches every page of a slab, so that later uses find it resident. It counts as not clean
    /// from then on: its bytes are still zero, but its pages must be purged to go.
    pub(crate) fn touch(&self, slab: SlabId, page_bytes: usize) -> SlabId {
        let start = self.at(slab.unit);
        for offset in (0..slab.bytes()).step_by(page_bytes) {
            // SAFETY: SPC-2; the slab's units are the holder's alone; the offset is within them.
            let byte = unsafe { start.add(offset) };
            // SAFETY: SPC-2; as above. Zero is what a clean page holds.
            unsafe { byte.write_volatile(0) };
        }
        SlabId {
            clean: false,
            ..slab
        }
    }

    /// Puts units into the masks, resident or not.
    pub(super) fn put_back(
        &self,
        inner: &mut Guard<'_, Inner>,
        unit: u32,
        units: u32,
        dirty: bool,
    ) {
        let chunk = unit as usize / CHUNK_UNITS;
        let run = run_mask(unit % CHUNK_UNITS as u32, units);
        let mut masks = self.masks(inner, chunk);
        debug_assert!(masks.free & run == 0, "SPC-2");
        masks.free |= run;
        if dirty {
            masks.dirty |= run;
            inner.dirty_units += units as usize;
        }
        self.set_masks(inner, chunk, masks);
    }

    pub(super) fn masks(&self, inner: &Guard<'_, Inner>, chunk: usize) -> Masks {
        inner.masks[chunk]
    }

    pub(super) fn set_masks(&self, inner: &mut Guard<'_, Inner>, chunk: usize, masks: Masks) {
        inner.masks[chunk] = masks;
        inner.free.set(chunk, masks.free != 0);
        inner.dirty.set(chunk, masks.dirty != 0);
        inner.whole.set(chunk, masks.free == u32::MAX);
        self.dirty_units.store(inner.dirty_units, Relaxed);
        self.used_units.store(inner.used_units, Relaxed);
    }

    /// The lowest chunk with `units` adjoining free units, all resident or any.
    fn search(&self, inner: &Guard<'_, Inner>, units: u32, resident: bool) -> Option<(usize, u32)> {
        let set = if resident { &inner.dirty } else { &inner.free };
        let mut from = 0;
        for _ in 0..RUN_SEARCH_CHUNKS {
            let chunk = set.next(from)?;
            let masks = self.masks(inner, chunk);
            if let Some(first) = run_in(if resident { masks.dirty } else { masks.free }, units) {
                return Some((chunk, first));
            }
            from = chunk + 1;
        }
        None
    }

    /// Commits the next chunk and its record. The range is open.
    pub(super) fn grow(&self, inner: &mut Guard<'_, Inner>) -> Option<usize> {
        let chunk = inner.chunks;
        if (chunk + 1) * CHUNK_BYTES > self.window.bytes() {
            return None;
        }
        let records_end = (chunk + 1) * size_of::<Record>();
        let more = records_end.saturating_sub(inner.records_bytes);
        let more = more.next_multiple_of(os::page_bytes());
        if more > 0 {
            if !os::commit(self.records.at(inner.records_bytes), more) {
                return None;
            }
            inner.records_bytes += more;
        }
        let start = self.at((chunk * CHUNK_UNITS) as u32);
        if !os::commit(start, CHUNK_BYTES) {
            return None;
        }
        match chunk * CHUNK_BYTES {
            HUGE_FROM => os::advise_huge(self.at(0), HUGE_FROM + CHUNK_BYTES),
            later if later > HUGE_FROM => os::advise_huge(start, CHUNK_BYTES),
            _ => {}
        }
        inner.chunks += 1;
        // A committed record is zero, which is a value of all its fields: no masks, null owners,
        // blank descriptors, clear bitmaps (SPC-3).
        self.committed.store(inner.chunks * CHUNK_BYTES, Relaxed);
        self.set_masks(
            inner,
            chunk,
            Masks {
                free: u32::MAX,
                dirty: 0,
            },
        );
        Some(chunk)
    }

    /// Reserves the range and the records: as much as the system grants.
    ///
    /// After refusals it tries again at the 1st, 2nd, 4th .. 64th and then every 64th call, so that
    /// a process under a hard limit does not pay for a dozen system calls at every request.
    fn start(&self, inner: &mut Guard<'_, Inner>) -> bool {
        inner.refusals = inner.refusals.wrapping_add(1);
        if !inner.refusals.is_power_of_two() && !inner.refusals.is_multiple_of(RETRY_EVERY) {
            return false;
        }
        let mut bytes = RESERVE_BYTES;
        // Bounded by the halvings from `RESERVE_BYTES` to `RESERVE_LEAST`.
        while bytes >= RESERVE_LEAST {
            let records_bytes = bytes / CHUNK_BYTES * size_of::<Record>();
            let records_bytes = records_bytes.next_multiple_of(os::page_bytes());
            if let Some(range) = os::reserve(bytes, RANGE_ALIGN) {
                if let Some(records) = os::reserve(records_bytes, os::page_bytes()) {
                    inner.refusals = 0;
                    self.records.set(records, records_bytes);
                    self.window.set(range, bytes);
                    return true;
                }
                os::release(range, bytes);
            }
            bytes /= 2;
        }
        false
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::{run_in, run_mask};

    #[test]
    fn runs_are_found_as_by_eye() {
        let mut state = 1_u64;
        for _ in 0..if cfg!(miri) { 20 } else { 20_000 } {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let mask = (state >> 32) as u32 & (state >> 16) as u32 | (state as u32 & 0xFF00);
            for units in [1, 2, 3, 4, 7, 8, 16] {
                let by_eye = (0..=32 - units).find(|&first| {
                    let run = run_mask(first, units);
                    mask & run == run
                });
                assert_eq!(run_in(mask, units), by_eye, "{mask:032b} {units}");
            }
        }
    }
}
