//! The record of a chunk: tags, descriptors and bitmaps of its 32 units, in the engine's
//! own mapping, one after the other, away from the blocks. Fields are reached through raw pointers,
//! one at a time, since each has an owner of its own.
//!
//! ```text
//! 0      tags, descriptors                             one page
//! 4 KiB  narrow bitmaps: 16 words for each unit        one page, enough for strides from 64 on
//! 8 KiB  wide bitmaps: 128 words for each unit         eight pages, touched by strides below 64
//! ```
//!
//! So what a chunk costs follows what its slabs need, and a record can be purged when every unit of
//! the chunk is free: zero says "nobody owns it", and a new slab writes and clears what it uses.

use crate::geometry::UNIT_BYTES;
use crate::slab::{Descriptor, Tag, UNIT_WORDS};
use core::mem::offset_of;
use core::ptr::NonNull;

/// Units of a chunk: the bits of a mask.
pub(super) const CHUNK_UNITS: usize = 32;
/// Bytes of a chunk, a huge page.
pub(super) const CHUNK_BYTES: usize = CHUNK_UNITS * UNIT_BYTES;

const _: () = assert!(CHUNK_BYTES == 2 << 20);

/// Free units and which of them are resident; under the address space's lock (SPC-2).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Masks {
    pub(super) free: u32,
    pub(super) dirty: u32,
}

#[repr(C, align(4096))]
struct Head {
    tags: [Tag; CHUNK_UNITS],
    descriptors: [Descriptor; CHUNK_UNITS],
}

/// Words of a unit's narrow bitmap.
pub(super) const NARROW_WORDS: usize = 16;

#[repr(C, align(4096))]
struct Bitmaps {
    narrow: [u64; CHUNK_UNITS * NARROW_WORDS],
    wide: [u64; CHUNK_UNITS * UNIT_WORDS],
}

#[repr(C)]
pub(super) struct Record {
    head: Head,
    bitmaps: Bitmaps,
}

const _: () = assert!(size_of::<Head>() <= 4096 && size_of::<Record>() == 40 * 1024);

impl Record {
    /// A field of the record.
    fn field<F>(record: NonNull<Self>, offset: usize) -> NonNull<F> {
        // SAFETY: SPC-3; the record is committed, and the offset is that of a field of it.
        unsafe { record.byte_add(offset) }.cast()
    }

    /// The tag of the unit `index`, below [`CHUNK_UNITS`].
    pub(super) fn tag(record: NonNull<Self>, index: usize) -> NonNull<Tag> {
        debug_assert!(index < CHUNK_UNITS);
        // SAFETY: SPC-3; `index` is below the length of the array.
        unsafe { Self::field::<Tag>(record, offset_of!(Self, head.tags)).add(index) }
    }

    /// The descriptor of the unit `index`, below [`CHUNK_UNITS`].
    pub(super) fn descriptor(record: NonNull<Self>, index: usize) -> NonNull<Descriptor> {
        debug_assert!(index < CHUNK_UNITS);
        // SAFETY: SPC-3; `index` is below the length of the array.
        unsafe { Self::field::<Descriptor>(record, offset_of!(Self, head.descriptors)).add(index) }
    }

    /// The first word of the bitmap of a slab that starts at unit `index`, below [`CHUNK_UNITS`],
    /// has `units` units and needs `words` words.
    pub(super) fn words(
        record: NonNull<Self>,
        index: usize,
        units: usize,
        words: usize,
    ) -> NonNull<u64> {
        debug_assert!(index + units <= CHUNK_UNITS && words <= units * UNIT_WORDS);
        let (area, skipped) = if words <= units * NARROW_WORDS {
            (offset_of!(Self, bitmaps.narrow), index * NARROW_WORDS)
        } else {
            (offset_of!(Self, bitmaps.wide), index * UNIT_WORDS)
        };
        // SAFETY: SPC-3, SLB-4; the words of units below `CHUNK_UNITS` are within the area.
        unsafe { Self::field::<u64>(record, area).add(skipped) }
    }
}
