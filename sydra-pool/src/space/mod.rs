//! The address space: one reserved range, committed in 2 MiB chunks, handed out as slabs of 64 KiB
//! units and as runs of them for large blocks, purged by policy.
//!
//! ```text
//! range    | chunk 0: 32 units | chunk 1 | ... committed so far |  reserved, no access  ...  |
//! records  | record 0          | record 1 ...                   |  reserved             ...  |
//! record   | 32 tags | 32 descriptors | 32 bitmaps |                      one for each chunk
//! ```
//!
//! "Is it ours?" is a subtraction and a comparison. Everything about a unit is found by arithmetic
//! on its number. Empty units stay resident up to a limit (`purge`), the rest goes back slowly
//! while slow paths tick, or at once on `trim`.
//!
//! # Invariants
//! - `SPC-1`: `records`, then `window`, are set once, before the first unit is handed out. Every
//!   pointer into the range is made by the window, from its base: strict provenance.
//! - `SPC-2`: a unit is in exactly one of: a slab or a run (in no mask), free and resident (`free` and
//!   `dirty`), free and zero (`free` only), being purged (in no mask). Masks change under the lock.
//!   (A unit that is being purged while another thread forks is lost to the child, and a request
//!   that comes at that moment does not see it.)
//! - `SPC-3`: the record of every committed chunk is committed and initialised.
//!
//! # Concurrency
//! `window`, `records`: set once under the lock, then read by anyone. The masks and sets: under the
//! lock, which is the last in the order. System calls that purge units run without it; the one that
//! purges a chunk's record runs with it.
//!
//! # Not here
//! Who owns a slab and what is in it: `slab` and `bucket`. Which layouts get a run: `large`.

use crate::base::CachePadded;
use crate::geometry::{Geometry, UNIT_BYTES};
use crate::slab::{Descriptor, Slab, SlabId, Tag, heap::Descriptors};
use crate::sync::{AtomicU64, AtomicUsize, Lock, Ordering::Relaxed, Window};
use core::ptr::NonNull;

mod chunk_set;
mod record;
mod units;
mod purge;
mod runs;

use chunk_set::{CHUNKS_MOST, ChunkSet};
use record::{CHUNK_BYTES, CHUNK_UNITS, Masks, Record};
use runs::RunCounts;
pub(crate) use runs::{RUN_UNITS_MOST, RunFigures};

/// Bytes reserved at first; halved until the system agrees, down to `RESERVE_LEAST`.
const RESERVE_BYTES: usize = if cfg!(miri) {
    4 << 20
} else if cfg!(all(target_os = "linux", target_pointer_width = "64")) && !cfg!(sydra_model) {
    64 << 30
} else if cfg!(target_pointer_width = "64") {
    256 << 20
} else {
    64 << 20
};
const RESERVE_LEAST: usize = if cfg!(miri) { CHUNK_BYTES } else { 16 << 20 };
/// Where the range starts is a multiple of this.
const RANGE_ALIGN: usize = if cfg!(all(target_os = "linux", not(any(miri, loom, sydra_model)))) {
    CHUNK_BYTES
} else {
    UNIT_BYTES
};
/// Chunks may be backed by huge pages once so many bytes are committed: new ones from their first
/// touch, the earlier ones when the kernel gets round to it.
const HUGE_FROM: usize = 4 << 20;

/// Figures of the address space, in bytes or counts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SpaceFigures {
    pub(crate) reserved: u64,
    pub(crate) committed: u64,
    /// In slabs and runs.
    pub(crate) in_use: u64,
    pub(crate) runs: RunFigures,
    pub(crate) resident_free: u64,
    pub(crate) purged: u64,
    pub(crate) refused: u64,
}

struct Inner {
    /// Chunks committed so far; the next one to commit.
    chunks: usize,
    /// Bytes of records committed so far: whole pages.
    records_bytes: usize,
    /// Chunks that have a free unit.
    free: ChunkSet,
    /// Chunks that have a free, resident unit.
    dirty: ChunkSet,
    /// Chunks that are free altogether.
    whole: ChunkSet,
    /// The masks of each chunk; pages of chunks that were never committed are never touched.
    masks: [Masks; CHUNKS_MOST],
    dirty_units: usize,
    used_units: usize,
    decay: purge::Decay,
    /// Refusals of the range itself since the last attempt that was made.
    refusals: u32,
}

/// The address space.
pub(crate) struct AddressSpace {
    /// The range of blocks: a line of its own that is never written after the start.
    pub(crate) window: CachePadded<Window>,
    records: Window,
    inner: Lock<Inner>,
    purged: AtomicU64,
    refused: AtomicU64,
    runs: RunCounts,
    committed: AtomicUsize,
    used_units: AtomicUsize,
    dirty_units: AtomicUsize,
}

#[cfg(not(loom))]
pub(crate) static SPACE: AddressSpace = AddressSpace::new();

impl AddressSpace {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self {
            window: CachePadded::new(Window::new()),
            records: Window::new(),
            inner: Lock::new(Inner {
                chunks: 0,
                records_bytes: 0,
                free: ChunkSet::new(),
                dirty: ChunkSet::new(),
                whole: ChunkSet::new(),
                masks: [Masks { free: 0, dirty: 0 }; CHUNKS_MOST],
                dirty_units: 0,
                used_units: 0,
                decay: purge::Decay::new(),
                refusals: 0,
            }),
            purged: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            runs: RunCounts::new(),
            committed: AtomicUsize::new(0),
            used_units: AtomicUsize::new(0),
            dirty_units: AtomicUsize::new(0),
        }
    }

    /// The pointer to the first byte of `unit`, which was handed out or is about to be (SPC-1).
    fn at(&self, unit: u32) -> NonNull<u8> {
        self.window.at(unit as usize * UNIT_BYTES)
    }

    fn record(&self, chunk: usize) -> NonNull<Record> {
        self.records.at(chunk * size_of::<Record>()).cast()
    }

    /// The tag of a unit in a committed chunk, or `None` beyond what is committed.
    pub(crate) fn tag(&self, unit: u32) -> Option<&Tag> {
        let chunk = unit as usize / CHUNK_UNITS;
        if chunk * CHUNK_BYTES >= self.committed.load(Relaxed) {
            return None;
        }
        let tag = Record::tag(self.record(chunk), unit as usize % CHUNK_UNITS);
        // SAFETY: SPC-3, SLB-2; tags are made of atomics, are initialised and live for ever.
        Some(unsafe { tag.as_ref() })
    }

    /// The slab that holds the byte `offset` into the range: its first unit and the
    /// owning bucket, if there is one.
    pub(crate) fn slab_at(&self, offset: usize) -> Option<(u32, NonNull<()>)> {
        let unit = (offset / UNIT_BYTES) as u32;
        let first = unit.checked_sub(self.tag(unit)?.back.load(Relaxed))?;
        let owner = NonNull::new(self.tag(first)?.owner.load(Relaxed))?;
        Some((first, owner))
    }

    /// The size class of the block at the byte `offset` into the range, if it is a class's.
    #[inline]
    pub(crate) fn class_at(&self, offset: usize) -> Option<usize> {
        let tag = self.tag((offset / UNIT_BYTES) as u32)?;
        (tag.class.load(Relaxed) as usize).checked_sub(1)
    }

    /// Says of every unit of a slab whose class it is: one more than its number, or 0.
    pub(crate) fn set_class(&self, unit: u32, units: u32, class: u32) {
        for unit in unit..unit + units {
            if let Some(tag) = self.tag(unit) {
                tag.class.store(class, Relaxed);
            }
        }
    }

    /// The slab that starts at `unit`.
    ///
    /// # Safety
    /// The caller holds the lock of the bucket that owns the slab, or the slab's [`SlabId`], and
    /// no other reference to its descriptor or bitmap is alive.
    pub(crate) unsafe fn slab(&self, unit: u32) -> Slab<'_> {
        let record = self.record(unit as usize / CHUNK_UNITS);
        let index = unit as usize % CHUNK_UNITS;
        // SAFETY: SLB-2; the caller's lock or ownership makes this the only reference.
        let descriptor = unsafe { Record::descriptor(record, index).as_mut() };
        let words = descriptor.words();
        let first = Record::words(record, index, usize::from(descriptor.units), words);
        // SAFETY: SLB-2, SLB-4; as above, and the bitmap of a slab lies in one record.
        let words = unsafe { core::slice::from_raw_parts_mut(first.as_ptr(), words) };
        Slab {
            descriptor,
            words,
            base: self.at(unit),
        }
    }

    /// Makes a slab of units that nobody owns: nothing carved, nothing home.
    pub(crate) fn found(&self, id: SlabId, geometry: &Geometry, owner: *mut ()) -> u32 {
        let SlabId { unit, units, clean } = id;
        let record = self.record(unit as usize / CHUNK_UNITS);
        let index = unit as usize % CHUNK_UNITS;
        let mut descriptor = Record::descriptor(record, index);
        // SAFETY: SLB-2; the id was given to us, so nobody else reaches the slab.
        unsafe { descriptor.as_mut() }.found(geometry, units, clean);
        // SAFETY: SLB-2; as above.
        unsafe { self.slab(unit) }.words.fill(0);
        if let Some(tag) = self.tag(unit) {
            tag.owner.store(owner, Relaxed);
        }
        unit
    }

    /// The descriptors, for the heap of a bucket.
    ///
    /// # Safety
    /// As for [`slab`](Self::slab), for every slab that is in the heap.
    pub(crate) unsafe fn descriptors(&self) -> Table<'_> {
        Table { space: self }
    }

    /// Bytes of the range that are in use by nobody, once there is a range.
    pub(crate) fn room(&self) -> Option<u64> {
        let figures = self.figures();
        if figures.reserved == 0 {
            return None;
        }
        Some(figures.reserved.saturating_sub(figures.in_use))
    }

    /// What the address space has counted; relaxed.
    pub(crate) fn figures(&self) -> SpaceFigures {
        SpaceFigures {
            reserved: self.window.bytes() as u64,
            committed: self.committed.load(Relaxed) as u64,
            in_use: (self.used_units.load(Relaxed) * UNIT_BYTES) as u64,
            runs: self.runs.figures(),
            resident_free: (self.dirty_units.load(Relaxed) * UNIT_BYTES) as u64,
            purged: self.purged.load(Relaxed),
            refused: self.refused.load(Relaxed),
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

/// Access to descriptors by unit number; see [`AddressSpace::descriptors`].
pub(crate) struct Table<'a> {
    space: &'a AddressSpace,
}

impl Descriptors for Table<'_> {
    fn at(&mut self, unit: u32) -> &mut Descriptor {
        let record = self.space.record(unit as usize / CHUNK_UNITS);
        let mut descriptor = Record::descriptor(record, unit as usize % CHUNK_UNITS);
        // SAFETY: SLB-2, HEP-3; promised by the caller of `descriptors`, and `self` is borrowed
        // mutably, so one reference is alive at a time.
        unsafe { descriptor.as_mut() }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
