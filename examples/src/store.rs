//! One shard of the store: the memtable being written, and the segments it has become.
//!
//! ```text
//! writes -> memtable (skip list of owned nodes) --full--> flush thread --> segment (a sorted array)
//! ```
//!
//! The shard belongs to one writer thread. A full memtable is given away whole, and the thread that turns it into a
//! segment frees its nodes, records and tombstones: in an allocator's terms, every one of them is a remote free.
//!
//! # Invariants
//! * Segments stand in the order in which their memtables were filled: of two entries with one key, the later wins, and
//!   the memtable's is later than all.
//! * A tombstone stays in its segment, since an older segment may hold the flight.
//!
//! # Not here
//! Threads and channels (`ingest`); a disk.

use crate::calendar::Minute;
use crate::hot::{Change, Family, IngestHeader, Key, MetadataRecord, Owner, Tombstone};
use crate::query::{Answer, Question};
use crate::rows::Trip;
use crate::skip_list::{MAX_HEIGHT, SkipList};
use std::fmt;

/// A memtable with so many keys is full.
pub const MEMTABLE_KEYS: usize = 4096;
// The skip list has a level for each factor of four.
const _: () = assert!(MEMTABLE_KEYS == 4_usize.pow(MAX_HEIGHT as u32));

/// What a memtable knows of a key.
pub enum Entry<F: Family> {
    Known(F::Record),
    Deleted(F::Tombstone),
}

impl<F: Family> Entry<F> {
    fn fact(&self) -> Fact {
        match self {
            Self::Known(record) => Fact {
                reported: record.reported,
                trip: Some(record.trip),
            },
            Self::Deleted(tombstone) => Fact {
                reported: tombstone.reported,
                trip: None,
            },
        }
    }
}

/// The same, without an owner: no trip means deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact {
    pub reported: Minute,
    pub trip: Option<Trip>,
}

/// The newest writes of a shard, sorted.
pub struct Memtable<F: Family> {
    entries: SkipList<F>,
}

impl<F: Family> Memtable<F> {
    pub const fn new() -> Self {
        Self {
            entries: SkipList::new(),
        }
    }

    /// Takes over what a committed header says; what was known of the key before is freed.
    pub fn apply(&mut self, header: &IngestHeader) {
        let reported = header.write.reported;
        let entry = match header.write.change {
            Change::Put(trip) => Entry::Known(F::Record::own(MetadataRecord { trip, reported })),
            Change::Delete => Entry::Deleted(F::Tombstone::own(Tombstone { reported })),
        };
        self.entries.upsert(header.write.key, entry);
    }

    /// Does it have to be flushed?
    pub const fn is_full(&self) -> bool {
        self.entries.len() >= MEMTABLE_KEYS
    }

    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Copies the facts into a segment and frees everything else.
    pub fn into_segment(self) -> Segment {
        let mut rows = Vec::with_capacity(self.entries.len());
        rows.extend(self.entries.drain().map(|(key, entry)| (key, entry.fact())));
        Segment { rows }
    }
}

/// A flushed memtable: what would lie on disk.
#[derive(Debug, Default)]
pub struct Segment {
    rows: Vec<(Key, Fact)>,
}

impl Segment {
    fn window(&self, question: &Question) -> &[(Key, Fact)] {
        let start = self
            .rows
            .partition_point(|(key, _)| *key < question.first_key());
        let rows = &self.rows[start..];
        &rows[..rows.partition_point(|(key, _)| *key < question.end_key())]
    }
}

/// The part of the store that one writer owns.
pub struct Shard<F: Family> {
    memtable: Memtable<F>,
    segments: Vec<Segment>,
}

impl<F: Family> Shard<F> {
    pub const fn new() -> Self {
        Self {
            memtable: Memtable::new(),
            segments: Vec::new(),
        }
    }

    /// Applies a committed write; a memtable that this fills is handed out, to be flushed.
    pub fn apply(&mut self, header: &IngestHeader) -> Option<Memtable<F>> {
        self.memtable.apply(header);
        self.memtable
            .is_full()
            .then(|| std::mem::take(&mut self.memtable))
    }

    /// Takes a flushed memtable back; they must come in the order in which they were handed out.
    pub fn push(&mut self, segment: Segment) {
        self.segments.push(segment);
    }

    /// Answers from the segments and the memtable together.
    pub fn answer(&self, question: &Question) -> Answer {
        let mut rows = Vec::new();
        for segment in &self.segments {
            rows.extend_from_slice(segment.window(question));
        }
        let newest = self.memtable.entries.iter_from(question.first_key());
        let newest = newest.take_while(|(key, _)| *key < question.end_key());
        rows.extend(newest.map(|(key, entry)| (key, entry.fact())));
        // The sort is stable, so of the facts on one key the last is the newest.
        rows.sort_by_key(|(key, _)| *key);
        let mut answer = Answer::default();
        for facts in rows.chunk_by(|(left, _), (right, _)| left == right) {
            if let Some((
                key,
                Fact {
                    reported,
                    trip: Some(trip),
                },
            )) = facts.last()
                && question.asks_for(trip)
            {
                answer.add(*key, trip, *reported);
            }
        }
        answer
    }
}

impl<F: Family> Default for Memtable<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Family> Default for Shard<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Family> fmt::Debug for Entry<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fact().fmt(f)
    }
}

impl<F: Family> fmt::Debug for Memtable<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memtable")
            .field("entries", &self.entries)
            .finish()
    }
}

impl<F: Family> fmt::Debug for Shard<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (memtable, segments) = (&self.memtable, self.segments.len());
        f.debug_struct("Shard")
            .field("memtable", memtable)
            .field("segments", &segments)
            .finish()
    }
}

#[cfg(test)]
mod tests;
