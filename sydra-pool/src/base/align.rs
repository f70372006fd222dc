//! Rounding of sizes and addresses, checked where a sum can overflow.

/// Rounds `value` up to a multiple of `align` (a power of two), or `None` on overflow.
#[inline]
pub(crate) const fn checked_round_up(value: usize, align: usize) -> Option<usize> {
    debug_assert!(align.is_power_of_two());
    match value.checked_add(align - 1) {
        Some(sum) => Some(sum & !(align - 1)),
        None => None,
    }
}

/// Rounds `value` up to a multiple of `align` (a power of two).
///
/// The caller knows that the sum fits: `value` is at most `isize::MAX` and `align` at most
/// `isize::MAX as usize + 1`, as every [`core::alloc::Layout`] promises.
#[inline]
pub(crate) const fn round_up(value: usize, align: usize) -> usize {
    debug_assert!(align.is_power_of_two());
    (value + (align - 1)) & !(align - 1)
}

/// The largest power of two that divides `value`, at most `most`.
pub(crate) const fn natural_align(value: usize, most: usize) -> usize {
    let align = 1 << value.trailing_zeros();
    if align > most { most } else { align }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_exhaustively_small_and_refuses_overflow() {
        for align in [1_usize, 2, 8, 64, 4096] {
            for value in 0..300_usize {
                let wide = (value as u128).div_ceil(align as u128) * align as u128;
                assert_eq!(round_up(value, align) as u128, wide);
                assert_eq!(checked_round_up(value, align), Some(wide as usize));
            }
        }
        assert_eq!(checked_round_up(usize::MAX, 8), None);
        assert_eq!(checked_round_up(usize::MAX - 7, 8), Some(usize::MAX - 7));
    }
}
