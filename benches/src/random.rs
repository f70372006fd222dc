//! A small generator with a fixed seed: every peer sees the same sequence.

/// A linear congruential generator of which the upper half is used: one multiplication a number, so that it weighs little
/// on a measured loop. Not for anything that needs true randomness.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator whose sequence `seed` decides.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 32 bits.
    #[inline(always)]
    pub fn word(&mut self) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(0x5851_F42D_4C95_7F2D)
            .wrapping_add(0x1405_7B7E_F767_814F);
        (self.0 >> 32) as u32
    }

    /// A number below `bound` (which fits 32 bits), by a multiplication instead of a division.
    #[inline(always)]
    pub fn below(&mut self, bound: usize) -> usize {
        ((u64::from(self.word()) * bound as u64) >> 32) as usize
    }

    /// Puts a slice in an order that the seed decides.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, self.below(end + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_sequence_below_its_bound() {
        let (mut first, mut second) = (Random::new(7), Random::new(7));
        for bound in 1..1000 {
            let number = first.below(bound);
            assert_eq!(number, second.below(bound));
            assert!(number < bound);
        }
    }

    #[test]
    fn a_shuffle_loses_nothing() {
        let mut order: Vec<u32> = (0..1000).collect();
        Random::new(1).shuffle(&mut order);
        assert!(order.windows(2).any(|pair| pair[0] > pair[1]));
        order.sort_unstable();
        assert_eq!(order, (0..1000).collect::<Vec<_>>());
    }
}
