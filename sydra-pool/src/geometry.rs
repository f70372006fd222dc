//! Geometry: from a stride to slab, magazine, batch and depot, as `const fn`.
//!
//! ```text
//! slab      [b0][b1][b2] ... [b(n-1)] (tail waste < stride)      64 KiB, more for large strides
//! magazine  slots[0 .. capacity)       capacity = clamp(16 KiB / stride, 8, 256), 4 above 4 KiB
//! batch     half a magazine            the currency between floors
//! depot     at most 64 batches and 256 KiB for each class and shard
//! ```
//!
//! # Invariants
//! - `GEO-1`: `batch >= 1`, `capacity == 2 * batch`, `capacity <= MAGAZINE_MOST`, so lengths fit
//!   the 16 bits of a magazine's word.
//! - `GEO-2`: `blocks * stride <= slab_bytes`, `blocks <= slab_bytes / 8`, so every block lies
//!   within its slab and its bit within the slab's bitmap.
//! - `GEO-3`: `recip` gives the exact quotient `offset / stride` for every offset within a slab.

/// Bytes of one unit of the address space; slabs are one or more of them.
pub(crate) const UNIT_BYTES: usize = 64 * 1024;
/// The most units a slab may have.
pub(crate) const SLAB_UNITS_MOST: usize = 16;
/// The largest capacity of a magazine, in blocks.
pub(crate) const MAGAZINE_MOST: usize = 1024;
/// The most batches a depot holds.
pub(crate) const DEPOT_BATCHES_MOST: usize = 64;
/// The most bytes of blocks a depot holds.
const DEPOT_BYTES_MOST: usize = 256 * 1024;
/// Bytes of blocks a magazine holds, before clamping.
const MAGAZINE_BYTES: usize = 16 * 1024;
/// Shift of the fixed-point reciprocal.
const RECIP_SHIFT: u32 = 40;

const _: () = assert!(MAGAZINE_MOST <= u16::MAX as usize);

/// Sizes of everything that holds blocks of one stride. All constants of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Geometry {
    /// Bytes from one block to the next: the size of a block.
    pub stride: usize,
    /// Bytes of one slab.
    pub slab_bytes: usize,
    /// Blocks in one slab.
    pub slab_blocks: usize,
    /// Blocks a thread's magazine can hold.
    pub magazine: usize,
    /// Blocks that move between a magazine and its shard at a time.
    pub batch: usize,
    /// The most batches a shard keeps in its depot.
    pub depot_batches: usize,
}

impl Geometry {
    /// The geometry for `stride`, with `0` meaning "choose" for the other two.
    pub(crate) const fn of(stride: usize, slab_bytes: usize, magazine: usize) -> Self {
        let units = slab_units(stride, slab_bytes);
        let slab_bytes = units * UNIT_BYTES;
        let capacity = if magazine == 0 {
            capacity(stride)
        } else {
            even(magazine)
        };
        let batch = capacity / 2;
        let by_bytes = DEPOT_BYTES_MOST / (batch * stride);
        let depot_batches = clamp(by_bytes, 1, DEPOT_BATCHES_MOST);
        // GEO-1 and GEO-2; the checks in `config` let nothing through that would break one.
        assert!(batch >= 1 && capacity == 2 * batch && capacity <= MAGAZINE_MOST);
        let slab_blocks = slab_bytes / stride;
        assert!(slab_blocks >= 1 && slab_blocks * stride <= slab_bytes && stride >= 8);
        Self {
            stride,
            slab_bytes,
            slab_blocks,
            magazine: capacity,
            batch,
            depot_batches,
        }
    }

    pub(crate) const fn slab_units(&self) -> usize {
        self.slab_bytes / UNIT_BYTES
    }
}

/// `ceil(2^40 / stride)`: see [`quotient`].
pub(crate) const fn recip(stride: usize) -> u64 {
    (1_u64 << RECIP_SHIFT).div_ceil(stride as u64)
}

/// `offset / stride` by one multiplication, exact for offsets below 1 MiB and strides to 32 KiB:
/// the reciprocal is too large by less than `1 / 2^40`, which times the offset stays below
/// `1 / stride` as long as `offset * stride < 2^40` (GEO-3).
#[inline]
pub(crate) const fn quotient(offset: usize, recip: u64) -> usize {
    ((offset as u64 * recip) >> RECIP_SHIFT) as usize
}

const fn clamp(value: usize, least: usize, most: usize) -> usize {
    if value < least {
        least
    } else if value > most {
        most
    } else {
        value
    }
}

const fn even(value: usize) -> usize {
    (value + 1) & !1
}

const fn capacity(stride: usize) -> usize {
    // Small where interleavings are explored, so that refills and spills are not rare there.
    if cfg!(any(miri, loom)) {
        return even(clamp(512 / stride, 4, 16));
    }
    if stride > 4096 {
        4
    } else {
        even(clamp(MAGAZINE_BYTES / stride, 8, 256))
    }
}

const fn slab_units(stride: usize, slab_bytes: usize) -> usize {
    let least = if stride <= 4096 {
        1
    } else if stride <= 16 * 1024 {
        4
    } else {
        8
    };
    let asked = slab_bytes / UNIT_BYTES;
    clamp(asked, least, SLAB_UNITS_MOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class;

    #[test]
    fn quotients_are_exact_at_every_boundary() {
        for class in 0..class::COUNT {
            let stride = class::stride(class);
            let recip = recip(stride);
            let most = SLAB_UNITS_MOST * UNIT_BYTES;
            let step = if cfg!(miri) { most / stride / 8 + 1 } else { 1 };
            for block in (0..most / stride).step_by(step) {
                assert_eq!(quotient(block * stride, recip), block);
                assert_eq!(quotient(block * stride + stride - 1, recip), block);
            }
        }
    }

    #[test]
    fn every_class_has_a_sound_geometry() {
        for class in 0..class::COUNT {
            let geometry = Geometry::of(class::stride(class), 0, 0);
            assert!(geometry.magazine <= 256);
            assert!(
                geometry.batch * geometry.depot_batches * geometry.stride <= 256 * 1024
                    || geometry.depot_batches == 1
            );
            // No slab wastes more than an eighth at its tail.
            let tail = geometry.slab_bytes - geometry.slab_blocks * geometry.stride;
            assert!(tail * 8 <= geometry.slab_bytes, "{geometry:?}");
        }
        let odd = Geometry::of(40, 1 << 20, 7);
        assert_eq!((odd.slab_bytes, odd.magazine, odd.batch), (1 << 20, 8, 4));
    }
}
