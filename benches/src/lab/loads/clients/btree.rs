//! A `BTreeMap<u64, String>` changed at random, about 200,000 entries: larger than the caches, small enough that most of a
//! step is not waiting for memory.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::LETTERS;
use crate::lab::crew::{self, Part};
use crate::lab::job::{Job, Report};
use crate::random::Random;

/// Keys are below this; half of them are in the map at any time.
const KEYS: usize = 400_000;

/// The shortest and the longest text, in bytes.
const TEXT: [usize; 2] = [8, 64];

/// Measures it. An operation is an insertion or a removal.
pub(super) fn run(job: &Job) -> Report {
    crew::run(job, |_| Ordered::aged(KEYS, job.seed))
}

struct Ordered {
    map: BTreeMap<u64, String>,
    keys: usize,
    random: Random,
}

impl Ordered {
    /// So many steps that each key has come or gone four times in the mean: half of the keys are there, and neither nodes nor
    /// texts lie in the order in which they were made.
    fn aged(keys: usize, seed: u64) -> Self {
        let mut all = Self {
            map: BTreeMap::new(),
            keys,
            random: Random::new(seed),
        };
        all.body(4 * keys as u64);
        all
    }
}

impl Part for Ordered {
    /// A key that is there goes, one that is not comes.
    #[inline]
    fn step(&mut self) {
        let key = self.random.below(self.keys) as u64;
        match self.map.entry(key) {
            Entry::Occupied(there) => {
                there.remove();
            }
            Entry::Vacant(place) => {
                let [least, most] = TEXT;
                let length = least + self.random.below(most - least + 1);
                place.insert(LETTERS[..length].to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_keys_are_there_with_texts_of_all_lengths() {
        let ordered = Ordered::aged(4000, 1);
        let count = ordered.map.len();
        assert!((1800..2200).contains(&count), "{count}");
        let lengths = || ordered.map.values().map(String::len);
        assert_eq!((lengths().min(), lengths().max()), (Some(8), Some(64)));
    }
}
