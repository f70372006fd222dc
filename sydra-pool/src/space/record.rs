//! The record of a chunk: masks, tags, descriptors and bitmaps of its 32 units, in the engine's
//! own mapping, one after the other, away from the blocks. Fields are reached through raw pointers, one at a time, since
//! each has an owner of its own.

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

#[repr(C, align(64))]
pub(super) struct Record {
    masks: Masks,
    tags: [Tag; CHUNK_UNITS],
    descriptors: [Descriptor; CHUNK_UNITS],
    words: [u64; CHUNK_UNITS * UNIT_WORDS],
}

impl Record {
    /// A field of the record.
    fn field<F>(record: NonNull<Self>, offset: usize) -> NonNull<F> {
        // SAFETY: SPC-3; the record is committed, and the offset is that of a field of it.
        unsafe { record.byte_add(offset) }.cast()
    }

    /// The masks.
    pub(super) fn masks(record: NonNull<Self>) -> NonNull<Masks> {
        Self::field(record, offset_of!(Self, masks))
    }

    /// The tag of the unit `index`, below [`CHUNK_UNITS`].
    pub(super) fn tag(record: NonNull<Self>, index: usize) -> NonNull<Tag> {
        debug_assert!(index < CHUNK_UNITS);
        // SAFETY: SPC-3; `index` is below the length of the array.
        unsafe { Self::field::<Tag>(record, offset_of!(Self, tags)).add(index) }
    }

    /// The descriptor of the unit `index`, below [`CHUNK_UNITS`].
    pub(super) fn descriptor(record: NonNull<Self>, index: usize) -> NonNull<Descriptor> {
        debug_assert!(index < CHUNK_UNITS);
        // SAFETY: SPC-3; `index` is below the length of the array.
        unsafe { Self::field::<Descriptor>(record, offset_of!(Self, descriptors)).add(index) }
    }

    /// The first word of the bitmap of the unit `index`, below [`CHUNK_UNITS`].
    pub(super) fn words(record: NonNull<Self>, index: usize) -> NonNull<u64> {
        debug_assert!(index < CHUNK_UNITS);
        // SAFETY: SPC-3; `index * UNIT_WORDS` is below the length of the array.
        unsafe { Self::field::<u64>(record, offset_of!(Self, words)).add(index * UNIT_WORDS) }
    }
}
