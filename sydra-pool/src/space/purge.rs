//! Purging: resident, empty units go back to the system, but not in haste.
//!
//! `max(1 MiB, 4 %)` of what is used stays, so that a program that breathes does not fault its
//! pages in again and again. What is above that goes within [`DECAY_TICKS`] ticks, an equal share
//! each time, highest addresses first. `trim` takes everything at once. Units are taken out of the
//! masks before the system call and come back as zero, so nobody waits for the kernel.

use super::record::{CHUNK_UNITS, Masks, Record};
use super::{AddressSpace, Inner};
use crate::geometry::UNIT_BYTES;
use crate::os;
use crate::slab::SlabId;
use crate::sync::Ordering::Relaxed;

/// Units that always may stay: 1 MiB.
const KEEP_UNITS: usize = (1 << 20) / UNIT_BYTES;
/// One part in so many of the used units may stay beside.
const KEEP_SHARE: usize = 25;
/// Ticks (50 ms apart) in which a surplus goes.
pub(super) const DECAY_TICKS: usize = 20;

/// How fast the surplus goes.
pub(super) struct Decay {
    units_each_tick: usize,
}

impl Decay {
    pub(super) const fn new() -> Self {
        Self { units_each_tick: 0 }
    }

    /// Notes a surplus; the rate follows the largest one since it was last gone.
    pub(super) fn raise(&mut self, surplus: usize) {
        self.units_each_tick = self.units_each_tick.max(surplus.div_ceil(DECAY_TICKS));
    }
}

impl Inner {
    /// How many resident, empty units may stay.
    pub(super) fn keep_units(&self) -> usize {
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
            let surplus = inner.dirty_units.saturating_sub(inner.keep_units());
            if surplus == 0 {
                inner.decay.units_each_tick = 0;
                return;
            }
            inner.decay.raise(surplus);
            inner.decay.units_each_tick.min(surplus)
        };
        self.purge(share);
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
            let run_bytes = taken.units as usize * UNIT_BYTES;
            left -= taken.units as usize;
            let gone = os::purge(self.at(taken.unit), run_bytes);
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
            self.purge_bitmaps(taken.unit as usize / CHUNK_UNITS);
        }
        bytes
    }

    /// Purges the bitmaps of a chunk all of whose units are free and purged: nobody reads a bitmap
    /// before a new slab clears it.
    fn purge_bitmaps(&self, chunk: usize) {
        let mut inner = self.inner.lock();
        let masks = self.masks(&inner, chunk);
        if masks.free != u32::MAX || masks.dirty != 0 {
            return;
        }
        // Nobody gets a unit of the chunk while its bitmaps go (SPC-2: they are being purged).
        self.set_masks(&mut inner, chunk, Masks::default());
        drop(inner);
        let (start, bytes) = Record::bitmaps(self.record(chunk));
        // Whole pages only: the record's neighbours may share those at the edges.
        let page = os::page_bytes();
        let ahead = start.addr().get().wrapping_neg() % page;
        let whole = bytes.saturating_sub(ahead) / page * page;
        if whole > 0 {
            // SAFETY: SPC-3; within the record.
            os::purge(unsafe { start.add(ahead) }, whole);
        }
        self.set_masks(&mut self.inner.lock(), chunk, masks);
    }

    /// Takes the highest run of resident, empty units of the highest chunk that has one.
    fn take_dirty_run(&self, most: usize) -> Option<SlabId> {
        let mut inner = self.inner.lock();
        let chunk = inner.dirty.last()?;
        let mut masks = self.masks(&inner, chunk);
        let last = masks.dirty.ilog2();
        let below = masks.dirty << (CHUNK_UNITS as u32 - 1 - last);
        let units = below.leading_ones().min(most.min(CHUNK_UNITS) as u32);
        let first = last + 1 - units;
        let run = (u32::MAX >> (CHUNK_UNITS as u32 - units)) << first;
        masks.free &= !run;
        masks.dirty &= !run;
        inner.dirty_units -= units as usize;
        self.set_masks(&mut inner, chunk, masks);
        Some(SlabId {
            unit: (chunk * CHUNK_UNITS) as u32 + first,
            units,
            clean: false,
        })
    }
}
