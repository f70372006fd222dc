//! `classes = [..]`: which class serves what, when some only are listed.

use super::Settings;
use crate::class;

/// Which class serves the requests of each class: itself, or under `classes = [..]` the next one
/// that is listed. Made at compile time, so that no list is searched at run time.
pub(crate) struct ClassMap([u8; class::COUNT]);

/// "No listed class is large enough."
const UNLISTED: u8 = u8::MAX;

impl ClassMap {
    pub(crate) const fn of(settings: &Settings) -> Self {
        let mut map = [UNLISTED; class::COUNT];
        let mut next = UNLISTED;
        let mut index = class::COUNT;
        while index > 0 {
            index -= 1;
            if settings.serves(class::stride(index)) {
                next = index as u8;
            }
            map[index] = next;
        }
        Self(map)
    }

    /// The class that serves a request, or `None` for the fallback.
    ///
    /// Constant time up to alignment 8; for more, at most a step for each listed class in the same
    /// doubling, as every second, fourth .. stride is a multiple of the alignment.
    #[inline(always)]
    pub(crate) const fn class_of(&self, size: usize, align: usize) -> Option<usize> {
        let Some(mut class) = class::of(size, align) else {
            return None;
        };
        // Bounded by the table, as each step goes up.
        loop {
            let listed = self.0[class];
            if listed == UNLISTED {
                return None;
            }
            class = listed as usize;
            if align <= 8 || class::stride(class).is_multiple_of(align) {
                return Some(class);
            }
            class += 1;
            if class == class::COUNT {
                return None;
            }
        }
    }
}

impl Settings {
    /// Whether a stride is among the `classes`.
    const fn serves(&self, stride: usize) -> bool {
        let Some(strides) = self.classes else {
            return true;
        };
        let mut index = 0;
        while index < strides.len() {
            if strides[index] == stride {
                return true;
            }
            index += 1;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_table_routes_by_the_listed_strides_only() {
        const SEED: Settings = Settings::new().classes(&[16, 24, 32, 48, 64, 96, 128, 192, 256]);
        const MAP: ClassMap = ClassMap::of(&SEED);
        assert_eq!(MAP.class_of(100, 8).map(class::stride), Some(128));
        assert_eq!(MAP.class_of(130, 8).map(class::stride), Some(192));
        assert_eq!(MAP.class_of(24, 16).map(class::stride), Some(32));
        assert_eq!(MAP.class_of(257, 8), None);
        assert_eq!(MAP.class_of(1, 64).map(class::stride), Some(64));
        for size in (1..300).step_by(if cfg!(miri) { 7 } else { 1 }) {
            for log in 0..9 {
                let align = 1_usize << log;
                let fits = |stride: &&usize| **stride >= size && stride.is_multiple_of(align);
                let by_search = SEED.classes.and_then(|strides| strides.iter().find(fits));
                assert_eq!(
                    MAP.class_of(size, align).map(class::stride),
                    by_search.copied()
                );
            }
        }
    }
}
