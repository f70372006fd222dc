//! Purging: resident, empty units go back to the system, but not in haste.
//!
//! `max(1 MiB, 4 %)` of what is used stays. Of the rest, what nobody needed during the last
//! [`WINDOW_TICKS`] to twice as many ticks goes within [`DECAY_TICKS`] more, an equal share each
//! time: a program that breathes keeps its pages, and with them its huge pages, which a purge of a
//! part would split for good. Chunks that are free altogether go first, highest addresses first.
//! `trim` takes everything at once, and large blocks leave no more than 64 MiB beyond what is used. Units are taken out of the masks before the system call and
//! come back as zero, so nobody waits for the kernel (but for the page or two of a chunk's record).

use super::record::{CHUNK_UNITS, Record};
use super::units::run_mask;
use super::{AddressSpace, Inner};
use crate::geometry::UNIT_BYTES;
use crate::os;
use crate::slab::SlabId;
use crate::sync::Ordering::Relaxed;

/// Units that always may stay: 1 MiB.
const KEEP_UNITS: usize = (1 << 20) / UNIT_BYTES;
/// One part in so many of the used units may stay beside.
const KEEP_SHARE: usize = 25;
/// Ticks (50 ms apart) over which the least number of resident, empty units is remembered.
pub(super) const WINDOW_TICKS: usize = 8;
/// Ticks in which a surplus goes.
pub(super) const DECAY_TICKS: usize = 16;
/// Units beyond what is used that large blocks may leave resident: 64 MiB.
const IDLE_UNITS_MOST: usize = (64 << 20) / UNIT_BYTES;
/// How many chunks, from the highest down, are looked at for one that is free altogether.
const WHOLE_SEARCH_CHUNKS: usize = 64;

/// What lay idle, and how fast it goes.
pub(super) struct Decay {
    /// Least number of resident, empty units in this window and in the one before.
    low: usize,
    low_before: usize,
    ticks: usize,
    units_each_tick: usize,
}

impl Decay {
    pub(super) const fn new() -> Self {
        Self {
            low: 0,
            low_before: 0,
            ticks: 0,
            units_each_tick: 0,
        }
    }

    /// Notes that there are only so many resident, empty units now.
    pub(super) fn note(&mut self, dirty_units: usize) {
        self.low = self.low.min(dirty_units);
    }

    /// One tick: how many units may go now, when `keep` may stay.
    fn tick(&mut self, dirty_units: usize, keep: usize) -> usize {
        self.note(dirty_units);
        let idle = self.low.min(self.low_before);
        self.ticks += 1;
        if self.ticks >= WINDOW_TICKS {
            self.ticks = 0;
            self.low_before = self.low;
            self.low = dirty_units;
        }
        let surplus = idle.saturating_sub(keep);
        if surplus == 0 {
            self.units_each_tick = 0;
            return 0;
        }
        // The rate follows the largest surplus since there was none.
        self.units_each_tick = self.units_each_tick.max(surplus.div_ceil(DECAY_TICKS));
        self.units_each_tick.min(surplus)
    }
}

impl Inner {
    /// How many resident, empty units may stay.
    fn keep_units(&self) -> usize {
        KEEP_UNITS.max(self.used_units / KEEP_SHARE)
    }
}

impl AddressSpace {
    /// One step of the decay; called about every 50 ms by whoever passes by.
    pub(crate) fn tick(&self) {
        let share = {
            let Some(mut inner) = self.inner.try_lock() else {
                return;
            };
            let (dirty_units, keep) = (inner.dirty_units, inner.keep_units());
            inner.decay.tick(dirty_units, keep)
        };
        self.purge(share);
    }

    /// Purges what is resident and empty beyond as much as is used and 64 MiB: for who has given a large block back and may never
    /// pass a slow path again.
    pub(crate) fn shed(&self) {
        let most = self.used_units.load(Relaxed) + IDLE_UNITS_MOST;
        let surplus = self.dirty_units.load(Relaxed).saturating_sub(most);
        if surplus > 0 {
            self.purge(surplus);
        }
    }

    /// Purges every resident, empty unit; returns the bytes given back.
    pub(crate) fn purge_all(&self) -> usize {
        self.purge(usize::MAX)
    }

    /// Purges up to `most` units, highest addresses first; returns the bytes given back.
    fn purge(&self, most: usize) -> usize {
        let mut bytes = 0;
        let mut left = most;
        // Each round empties one chunk's mask or uses up `left`; other threads may add units
        // meanwhile, so the rounds are also bounded by what was there at the start.
        let mut rounds = self.dirty_units.load(Relaxed);
        while left > 0 && rounds > 0 {
            rounds -= 1;
            let Some(taken) = self.take_dirty_run(left) else {
                break;
            };
            let (taken, resident) = taken;
            let run_bytes = resident as usize * UNIT_BYTES;
            left -= resident as usize;
            let gone = os::purge(self.at(taken.unit), taken.units as usize * UNIT_BYTES);
            let mut inner = self.inner.lock();
            self.put_back(&mut inner, taken.unit, taken.units, !gone);
            if !gone {
                // The pages are locked in memory; trying the next ones would not help.
                break;
            }
            bytes += run_bytes;
            self.purged
                .store(self.purged.load(Relaxed) + run_bytes as u64, Relaxed);
            drop(inner);
            self.purge_record(taken.unit as usize / CHUNK_UNITS);
        }
        bytes
    }

    /// Purges the record of a chunk all of whose units are free and purged: a tag reads as "nobody
    /// owns it" then, and nobody reads a descriptor or bitmap before a new slab writes it.
    ///
    /// The lock is kept over a system call for at most 40 KiB, so that nobody gets a unit of the
    /// chunk meanwhile.
    fn purge_record(&self, chunk: usize) {
        let inner = self.inner.lock();
        let masks = self.masks(&inner, chunk);
        if masks.free != u32::MAX || masks.dirty != 0 {
            return;
        }
        let start = self.record(chunk).cast::<u8>();
        let bytes = size_of::<Record>();
        // Whole pages only: the record's neighbours may share those at the edges.
        let page = os::page_bytes();
        let ahead = start.addr().get().wrapping_neg() % page;
        let whole = bytes.saturating_sub(ahead) / page * page;
        if whole > 0 {
            // SAFETY: SPC-3; within the record.
            os::purge(unsafe { start.add(ahead) }, whole);
        }
        drop(inner);
    }

    /// Takes the highest run of resident, empty units of a chunk that is free altogether, or else
    /// of the highest chunk that has one; and how many units that is. With all of them come the free units
    /// beside it: a huge page may have made them resident too, though nobody has used them.
    fn take_dirty_run(&self, most: usize) -> Option<(SlabId, u32)> {
        let mut inner = self.inner.lock();
        let highest = inner.dirty.last()?;
        let mut whole = Some(highest);
        for _ in 0..WHOLE_SEARCH_CHUNKS {
            match whole {
                Some(chunk) if self.masks(&inner, chunk).free != u32::MAX => {
                    whole = inner.dirty.previous(chunk);
                }
                _ => break,
            }
        }
        let whole = whole.filter(|&chunk| self.masks(&inner, chunk).free == u32::MAX);
        let chunk = whole.unwrap_or(highest);
        let mut masks = self.masks(&inner, chunk);
        let last = masks.dirty.ilog2();
        let below = masks.dirty << (CHUNK_UNITS as u32 - 1 - last);
        let units = below.leading_ones().min(most.min(CHUNK_UNITS) as u32);
        let first = last + 1 - units;
        let run = run_mask(first, units);
        let clean = masks.free & !masks.dirty;
        let above = (clean.checked_shr(last + 1).unwrap_or(0)).trailing_ones();
        let below = if first == 0 {
            0
        } else {
            (clean << (CHUNK_UNITS as u32 - first)).leading_ones()
        };
        let (wide, from) = (below + units + above, first - below);
        masks.free &= !run_mask(from, wide);
        masks.dirty &= !run;
        inner.dirty_units -= units as usize;
        self.set_masks(&mut inner, chunk, masks);
        let taken = SlabId {
            unit: (chunk * CHUNK_UNITS) as u32 + from,
            units: wide,
            clean: false,
        };
        Some((taken, units))
    }
}
