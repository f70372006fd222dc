//! The four hot structs of the write path, and the two ways of owning them.
//!
//! | struct | made | freed |
//! |---|---|---|
//! | `IngestHeader` | for every write, by the writer that takes it up | by the same writer, when its group of writes is committed |
//! | `MetadataRecord` | when a flight enters a memtable | by the flush thread, or by the writer that rewrites or deletes it |
//! | `Tombstone` | when a flight is deleted | by the flush thread, or by the writer that puts the flight back |
//! | `Node` | for every key of a memtable | by the flush thread |
//!
//! A `Family` says which pointer owns them. The store is generic over it, so `PoolBox` and `Box` run the very same
//! code and the comparison is of the pointers and of nothing else.
//!
//! # Keys
//! A `Key` is the departure minute and the row's place in the input. Many flights leave in the same minute, and the same
//! flight may stand in the input twice: the sequence keeps them apart, and keeps flights of one minute in file order. A
//! rewrite or a deletion names the key of the flight it is about.

use crate::calendar::Minute;
use crate::rows::Trip;
use crate::skip_list::Node;
use std::fmt;
use std::ops::DerefMut;
use sydra_pool::{PoolBox, Pooled};

/// A flight's identity and its place in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    pub minute: Minute,
    pub sequence: u32,
}

impl Key {
    /// The key as one number, in the same order.
    pub const fn bits(self) -> u64 {
        (self.minute.0 as u64) << 32 | self.sequence as u64
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} #{}", self.minute, self.sequence)
    }
}

/// What a write does to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    Put(Trip),
    Delete,
}

/// One write as it arrives: to which key, reported when, and what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Write {
    pub key: Key,
    pub reported: Minute,
    pub change: Change,
}

impl Write {
    /// A number that another write, or a damaged copy of this one, is most unlikely to have.
    pub fn checksum(&self) -> u64 {
        let place = mixed(self.key.bits() ^ u64::from(self.reported.0).rotate_left(40));
        match &self.change {
            Change::Delete => mixed(place),
            Change::Put(trip) => {
                let [a, b, c] = trip.origin.code();
                let [d, e, f] = trip.destination.code();
                let route = u64::from_le_bytes([a, b, c, d, e, f, 0, 1]);
                let figures = u64::from(trip.delay_minutes.cast_unsigned()) << 32
                    | u64::from(trip.distance_miles);
                mixed(mixed(place ^ route) ^ figures)
            }
        }
    }
}

/// Spreads every bit of `number` over all bits of the result (one to one, so nothing is lost).
pub const fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 32)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 29)).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    number ^ (number >> 32)
}

/// A write under way: taken up, not yet committed.
#[derive(Debug, Pooled)]
pub struct IngestHeader {
    pub write: Write,
    pub checksum: u64,
}

/// The newest known facts of a flight.
#[derive(Debug, Pooled)]
pub struct MetadataRecord {
    pub trip: Trip,
    pub reported: Minute,
}

/// The mark of a deleted flight: it hides older records in the segments already flushed.
#[derive(Debug, Pooled)]
pub struct Tombstone {
    pub reported: Minute,
}

/// An owning pointer to one heap value, as both `PoolBox` and `Box` are.
pub trait Owner<T>: DerefMut<Target = T> + Send + Sync + Sized {
    /// Allocates and moves `value` in.
    fn own(value: T) -> Self;
    /// Moves the value out and frees.
    fn release(self) -> T;
}

impl<T> Owner<T> for Box<T>
where
    T: Send + Sync,
{
    fn own(value: T) -> Self {
        Self::new(value)
    }

    fn release(self) -> T {
        *self
    }
}

impl<T: Pooled> Owner<T> for PoolBox<T>
where
    T: Send + Sync,
{
    fn own(value: T) -> Self {
        Self::new(value)
    }

    fn release(self) -> T {
        Self::into_inner(self)
    }
}

/// The owning pointers a store is built of.
pub trait Family: Sized + Send + Sync + 'static {
    /// What the report calls it.
    const NAME: &'static str;
    type Header: Owner<IngestHeader>;
    type Record: Owner<MetadataRecord>;
    type Tombstone: Owner<Tombstone>;
    type Node: Owner<Node<Self>>;
}

/// Everything in typed pools.
#[derive(Debug)]
pub enum InPool {}

impl Family for InPool {
    const NAME: &'static str = "PoolBox";
    type Header = PoolBox<IngestHeader>;
    type Record = PoolBox<MetadataRecord>;
    type Tombstone = PoolBox<Tombstone>;
    type Node = PoolBox<Node<Self>>;
}

/// Everything in boxes of the program's global allocator.
#[derive(Debug)]
pub enum InBox {}

impl Family for InBox {
    const NAME: &'static str = "Box";
    type Header = Box<IngestHeader>;
    type Record = Box<MetadataRecord>;
    type Tombstone = Box<Tombstone>;
    type Node = Box<Node<Self>>;
}
