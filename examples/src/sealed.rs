//! A metadata record that says which flight it is about, under a seal.
//!
//! A reader of a list that others write to cannot know which answer is right, but it can always know whether a record
//! is whole and is the one its node promises. The seal is the checksum of the write the record was made of; a block that
//! is freed is overwritten with zeros, and the seal of zeros is not zero. So a record freed under a reader's eyes, or torn
//! between two writes, does not pass.

use crate::calendar::Minute;
use crate::hot::{Change, Key, Write};
use crate::rows::Trip;
use sydra_pool::Pooled;

/// The facts of one flight, sealed.
#[derive(Debug, PartialEq, Eq, Pooled)]
#[pooled(zero_on_free)]
pub struct SealedRecord {
    key: Key,
    reported: Minute,
    trip: Trip,
    seal: u64,
}

impl SealedRecord {
    /// What is known of `key` from a report.
    pub fn new(key: Key, reported: Minute, trip: Trip) -> Self {
        Self {
            key,
            reported,
            trip,
            seal: seal(key, reported, trip),
        }
    }

    pub const fn key(&self) -> Key {
        self.key
    }

    pub const fn reported(&self) -> Minute {
        self.reported
    }

    pub const fn trip(&self) -> &Trip {
        &self.trip
    }

    /// Reads every byte: is it what was sealed?
    pub fn is_intact(&self) -> bool {
        self.seal == seal(self.key, self.reported, self.trip)
    }
}

fn seal(key: Key, reported: Minute, trip: Trip) -> u64 {
    let change = Change::Put(trip);
    Write {
        key,
        reported,
        change,
    }
    .checksum()
}

#[cfg(test)]
impl SealedRecord {
    /// A record that is not intact.
    pub(crate) fn torn(key: Key, reported: Minute, trip: Trip) -> Self {
        Self {
            seal: 0,
            key,
            reported,
            trip,
        }
    }
}

#[cfg(test)]
impl Drop for SealedRecord {
    fn drop(&mut self) {
        crate::lock_free::tests::count_drop(self);
    }
}

#[cfg(test)]
mod tests;
