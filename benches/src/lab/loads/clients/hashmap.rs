//! A `HashMap<String, Vec<u8>>` that grows to 20,000 entries and is dropped, again and again.
//!
//! The hasher is the standard library's with a fixed key, so that runs repeat.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::fmt::Write;
use std::hash::BuildHasherDefault;

use crate::lab::crew::{self, Part};
use crate::lab::job::{Job, Report};
use crate::lab::time::Recorder;
use crate::random::Random;

/// Entries of a map when it is dropped.
const ENTRIES: usize = 20_000;

/// The shortest and the longest value when it is made; appending makes it longer.
const VALUE: [usize; 2] = [16, 512];

/// The longest value that is appended to.
const APPENDED: usize = 4096;

/// Measures it. An operation is an insertion, a removal or an appending, with its share of the table's growth and end.
pub(super) fn run(job: &Job) -> Report {
    crew::run(job, |_| Hashed::new(ENTRIES, job.seed))
}

struct Hashed {
    map: HashMap<String, Vec<u8>, BuildHasherDefault<DefaultHasher>>,
    /// The key of a step is written here first, as a request's would be read into a buffer.
    key: String,
    entries: usize,
    random: Random,
}

impl Hashed {
    fn new(entries: usize, seed: u64) -> Self {
        Self {
            map: HashMap::default(),
            key: String::with_capacity(64),
            entries,
            random: Random::new(seed),
        }
    }

    /// Of ten steps six insert (or replace), two remove, two append. A map that is full is dropped after the step: then it
    /// returns `true`.
    #[inline]
    fn change(&mut self) -> bool {
        let number = self.random.below(2 * self.entries);
        self.key.clear();
        write!(self.key, "tenant-{}/object-{number}", number % 97)
            .expect("a string takes all that is written");
        let [least, most] = VALUE;
        let length = least + self.random.below(most - least + 1);
        match self.random.below(10) {
            0 | 1 => {
                self.map.remove(&self.key);
            }
            2 | 3 => {
                if let Some(value) = self.map.get_mut(&self.key)
                    && value.len() < APPENDED
                {
                    value.resize(value.len() + length, number as u8);
                }
            }
            _ => {
                let value = vec![number as u8 | 1; length];
                self.map.insert(self.key.clone(), value);
            }
        }
        let full = self.map.len() >= self.entries;
        if full {
            self.map = HashMap::default();
        }
        full
    }
}

impl Part for Hashed {
    fn step(&mut self) {
        self.change();
    }

    /// Whole lives of a map only: a step costs less while it is small.
    #[inline(never)]
    fn body(&mut self, operations: u64) -> u64 {
        let mut done = 0;
        loop {
            done += 1;
            if self.change() && done >= operations {
                return done;
            }
        }
    }

    #[inline(never)]
    fn tail(&mut self, operations: u64, times: &mut Recorder) {
        for _ in 0..operations {
            times.time(|| self.step());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_ends_with_the_end_of_a_map_and_repeats() {
        let mut hashed = Hashed::new(500, 3);
        let done = hashed.body(1);
        assert!(hashed.map.is_empty());
        assert!(done > 1000, "{done}");
        assert_eq!(Hashed::new(500, 3).body(1), done);
        assert_eq!(Hashed::new(500, 3).body(2), done);
        let two = Hashed::new(500, 3).body(done + 1);
        assert!(two > done, "{two}");
    }

    #[test]
    fn values_of_many_sizes_are_there() {
        let mut hashed = Hashed::new(2000, 3);
        while hashed.map.len() < 1999 {
            hashed.change();
        }
        let lengths = || hashed.map.values().map(Vec::len);
        assert!(lengths().min() < Some(24) && lengths().max() > Some(700));
        assert!(hashed.map.keys().all(|key| key.len() > 16));
    }
}
