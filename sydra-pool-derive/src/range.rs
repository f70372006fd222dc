//! What a count may be: the limits of a key, and how an error message says them.
//!
//! # Invariants
//! The [`Range`]s restate the limits of the engine's `check_*` functions. The compile-fail cases
//! try each limit twice, as a literal and as an expression, so the two cannot drift apart unseen.

/// What a count may be.
pub(crate) struct Range {
    pub(crate) least: u64,
    /// `u64::MAX` for no limit but that of the type.
    pub(crate) most: u64,
    pub(crate) power_of_two: bool,
    /// A word the key takes too, read before a count is.
    pub(crate) or: Option<&'static str>,
}

impl Range {
    /// The numbers from `least` to `most`.
    pub(crate) const fn numbers(least: u64, most: u64) -> Self {
        Self {
            least,
            most,
            power_of_two: false,
            or: None,
        }
    }

    /// The numbers from `least` on.
    pub(crate) const fn at_least(least: u64) -> Self {
        Self::numbers(least, u64::MAX)
    }

    /// The powers of two from `least` to `most`.
    pub(crate) const fn powers_of_two(least: u64, most: u64) -> Self {
        Self {
            power_of_two: true,
            ..Self::numbers(least, most)
        }
    }

    pub(crate) fn described(&self) -> String {
        let kind = if self.power_of_two {
            "a power of two"
        } else {
            "a number"
        };
        let unit = |number: u64| match number {
            _ if !self.power_of_two || number < 1024 => String::new(),
            _ if number < 1024 * 1024 => format!(" ({} KiB)", number / 1024),
            _ => format!(" ({} MiB)", number / 1024 / 1024),
        };
        let Self { least, most, .. } = *self;
        let or = self
            .or
            .map_or_else(String::new, |word| format!(" or \"{word}\""));
        match most {
            u64::MAX => format!("{kind} of at least {least}{}{or}", unit(least)),
            _ => format!(
                "{kind} from {least}{} to {most}{}{or}",
                unit(least),
                unit(most)
            ),
        }
    }

    pub(crate) fn contains(&self, number: u64) -> bool {
        (self.least..=self.most).contains(&number)
            && (!self.power_of_two || number.is_power_of_two())
    }
}

// The limits of the keys.
pub(crate) const SHARDS: Range = Range::numbers(0, 64);
pub(crate) const SLAB_SIZE: Range = Range::powers_of_two(64 << 10, 1 << 20);
pub(crate) const MAGAZINE: Range = Range::numbers(2, 1024);
pub(crate) const ALIGN: Range = Range::powers_of_two(1, 4096);
pub(crate) const CAPACITY: Range = Range::numbers(1, 65_535);
pub(crate) const MAX_LIMBO: Range = Range::at_least(1);
pub(crate) const MAX_WASTE: Range = Range::numbers(0, 100);
