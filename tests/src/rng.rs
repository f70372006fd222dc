//! A small random source with a seed that is printed, so that a failure can be run again.
//!
//! The generator is a 64-bit counter run through a mixing function: every seed is good, no state
//! is bad, and a stream can be split by adding a constant to the seed.

/// The odd constant that moves the counter: 2^64 divided by the golden ratio.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Mixes all bits of `word` into all others, one to one.
#[must_use]
pub const fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    word ^ (word >> 31)
}

/// A repeatable stream of random numbers.
#[derive(Clone, Debug)]
pub struct Rng {
    counter: u64,
}

impl Rng {
    /// The stream that belongs to `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self { counter: seed }
    }

    /// A stream with the seed from `SYDRA_SEED`, or a fresh one; the seed is printed either way
    /// (the test runner shows it when the test fails).
    #[must_use]
    pub fn announced(name: &str) -> Self {
        let seed = announced_seed(name);
        Self::new(seed)
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.counter = self.counter.wrapping_add(STEP);
        mix(self.counter)
    }

    /// A number below `bound`; the bias of the multiplication is below 2^-32 for small bounds.
    ///
    /// # Panics
    /// If `bound` is zero.
    pub fn below(&mut self, bound: usize) -> usize {
        assert!(bound > 0, "no number is below zero");
        let wide = u128::from(self.bits()) * (bound as u128);
        usize::try_from(wide >> 64).expect("the product's high half is below the bound")
    }

    /// A number in `low..=high`.
    pub fn within(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True in `percent` of a hundred cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// Puts `items` into a random order.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// The seed a test shall use: `SYDRA_SEED` if set, else a fresh one. Printed under `name`.
#[must_use]
pub fn announced_seed(name: &str) -> u64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let seed = std::env::var("SYDRA_SEED")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or_else(|| RandomState::new().build_hasher().finish());
    println!("{name}: SYDRA_SEED={seed}");
    seed
}
