//! Size classes: which stride serves which layout, as pure arithmetic.
//!
//! Strides of 8 up to 128, then four per doubling up to 32 KiB: 48 classes. The size is first
//! rounded up to the alignment; then the smallest stride that holds it is always a multiple of
//! that alignment, because within each doubling the strides are either finer than the alignment's
//! multiples or multiples themselves (checked exhaustively below). So a 24-byte struct costs 24
//! bytes, and alignment 16, which every `HashMap` asks for, stays on the fast path.
//!
//! The route of a request is a function of its `Layout` alone, identical when it is freed: no
//! header, no page map, no ownership test (2, 20, 21 and 26 in `tests/tests/defects`).
//!
//! # Invariants
//! - `CLS-1`: for every layout that `of` accepts, `stride(of(layout)) >= size` and
//!   `stride % align == 0`. Checked by `every_small_layout_fits`.
//! - `CLS-2`: strides ascend, are multiples of 8, the smallest is 8 and the largest `LARGEST`.
//!   Checked by const assertions.
//! - `CLS-3`: what `of` returns is below `COUNT`. Checked by `every_small_layout_fits` (`stride`
//!   would exceed `LARGEST`) and by the const assertions.

use crate::base::align::round_up;

/// How many classes there are.
pub(crate) const COUNT: usize = 48;
/// The largest stride, in bytes.
pub(crate) const LARGEST: usize = 32 * 1024;
/// The largest alignment a pool serves, in bytes. Slabs are aligned to more.
pub(crate) const LARGEST_ALIGN: usize = 4096;

/// Strides are multiples of this, in bytes.
const STEP: usize = 8;
/// Up to here strides go by `STEP`.
const FINE: usize = 128;
const FINE_COUNT: usize = FINE / STEP;

// CLS-2.
const _: () = assert!(stride(0) == STEP && stride(COUNT - 1) == LARGEST);
const _: () = {
    let mut index = 1;
    while index < COUNT {
        assert!(stride(index) > stride(index - 1) && stride(index).is_multiple_of(STEP));
        index += 1;
    }
};

/// The stride of class `index`, in bytes.
pub(crate) const fn stride(index: usize) -> usize {
    if index < FINE_COUNT {
        (index + 1) * STEP
    } else {
        let doubling = (index - FINE_COUNT) / 4;
        let quarter = (index - FINE_COUNT) % 4;
        (FINE << doubling) + (quarter + 1) * ((FINE << doubling) / 4)
    }
}

/// The class of the smallest stride that holds `bytes`, which is at most [`LARGEST`], worked out.
const fn worked_out(bytes: usize) -> usize {
    if bytes <= FINE {
        bytes.div_ceil(STEP) - (bytes != 0) as usize
    } else {
        let last = bytes - 1;
        let log = last.ilog2() as usize;
        FINE_COUNT + (log - FINE.ilog2() as usize) * 4 + ((last >> (log - 2)) & 3)
    }
}

/// Up to here the class is looked up: sizes known only at run time (strings, vectors) are mostly
/// small, and a load from a table of 129 bytes takes fewer instructions than working it out.
const TABLED: usize = 1024;
const TABLE: &[u8; TABLED / STEP + 1] = &{
    let mut table = [0; TABLED / STEP + 1];
    let mut steps = 0;
    while steps < table.len() {
        table[steps] = worked_out(steps * STEP) as u8;
        steps += 1;
    }
    table
};

#[inline(always)]
const fn of_bytes(bytes: usize) -> usize {
    if bytes <= TABLED {
        TABLE[bytes.div_ceil(STEP)] as usize
    } else {
        worked_out(bytes)
    }
}

/// The class that serves `size` bytes at `align`, or `None` if no pool does.
///
/// Constant time; folds to a constant where the layout is one.
#[inline(always)]
pub(crate) const fn of(size: usize, align: usize) -> Option<usize> {
    if size > LARGEST || align > LARGEST_ALIGN {
        return None;
    }
    let bytes = if align <= STEP {
        size
    } else {
        round_up(size, align)
    };
    if bytes > LARGEST {
        None
    } else {
        Some(of_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_small_layout_fits() {
        let most = if cfg!(miri) { 400 } else { LARGEST + 10 };
        for log in 0..=13 {
            let align = 1_usize << log;
            for size in 1..=most {
                match of(size, align) {
                    Some(class) => {
                        let stride = stride(class);
                        assert!(stride >= size, "{size}/{align} got {stride}");
                        assert_eq!(stride % align, 0, "{size}/{align} got {stride}");
                        let rounded = size.next_multiple_of(align);
                        let best = class == 0 || super::stride(class - 1) < rounded;
                        assert!(best, "{size}/{align}: {stride} is not the smallest");
                        // The waste of a class, beyond the alignment's own, is at most a fifth.
                        let least = rounded.max(8).next_multiple_of(8);
                        assert!((stride - least) * 5 <= stride, "{size}/{align} wastes");
                    }
                    None => {
                        assert!(align > LARGEST_ALIGN || size.next_multiple_of(align) > LARGEST)
                    }
                }
            }
        }
    }

    #[test]
    fn huge_sizes_are_refused_without_overflow() {
        for size in [LARGEST + 1, isize::MAX as usize - 4095, isize::MAX as usize] {
            for log in 0..40 {
                assert_eq!(of(size, 1 << log), None);
            }
        }
    }

    #[test]
    fn the_table_of_the_design_is_served_exactly() {
        for size in [16, 24, 32, 48, 64, 96, 128, 192, 256] {
            assert_eq!(of(size, 8).map(stride), Some(size));
        }
        assert_eq!(of(24, 16).map(stride), Some(32));
        assert_eq!(of(1, 4096).map(stride), Some(4096));
    }
}
