//! The four hot structs of a database's write path, in ascending size.
//!
//! None names a number of shards, so its pool has as many as the process: those of `--shards`.

use core::fmt::Debug;

use sydra_pool::Pooled;

/// A value whose every word is written when it is made.
pub trait Item: Pooled + Debug + Copy + Send + Sync + 'static {
    /// A value that `stamp` tells apart from others.
    fn new(stamp: u64) -> Self;
    /// The number it was made with.
    fn stamp(&self) -> u64;
}

/// A range of a series that was deleted.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Tombstone {
    /// The series.
    pub series: u64,
    /// Its beginning.
    pub from: i64,
    /// Its end.
    pub until: i64,
}

/// The head of a batch of points that arrived together.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Header {
    /// The batch.
    pub batch: u64,
    /// The series.
    pub series: u64,
    /// Time of the first point.
    pub first: i64,
    /// Time of the last point.
    pub last: i64,
    /// How many points.
    pub points: u32,
    /// How they are packed.
    pub flags: u32,
    /// Of the points.
    pub checksum: u64,
}

/// A node of a skip list: key, value, and links by number.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Node {
    /// The key.
    pub key: u64,
    /// When.
    pub at: i64,
    /// What.
    pub value: f64,
    /// Where it leads.
    pub links: [u64; 5],
}

/// What is known of a series.
#[derive(Pooled, Debug, Clone, Copy)]
pub struct Record {
    /// The series.
    pub series: u64,
    /// Since when.
    pub created: i64,
    /// Names and labels, by number.
    pub names: [u64; 8],
    /// Least, greatest, first and last value.
    pub bounds: [f64; 4],
    /// Points of each level.
    pub counts: [u64; 11],
}

const _: () = assert!(size_of::<Tombstone>() == 24);
const _: () = assert!(size_of::<Header>() == 48);
const _: () = assert!(size_of::<Node>() == 64);
const _: () = assert!(size_of::<Record>() == 200);

impl Item for Tombstone {
    #[inline(always)]
    fn new(stamp: u64) -> Self {
        let at = stamp as i64;
        Self {
            series: stamp,
            from: at,
            until: at,
        }
    }

    #[inline(always)]
    fn stamp(&self) -> u64 {
        self.series
    }
}

impl Item for Header {
    #[inline(always)]
    fn new(stamp: u64) -> Self {
        let at = stamp as i64;
        let half = stamp as u32;
        Self {
            batch: stamp,
            series: stamp,
            first: at,
            last: at,
            points: half,
            flags: half,
            checksum: stamp,
        }
    }

    #[inline(always)]
    fn stamp(&self) -> u64 {
        self.batch
    }
}

impl Item for Node {
    #[inline(always)]
    fn new(stamp: u64) -> Self {
        Self {
            key: stamp,
            at: stamp as i64,
            value: f64::from_bits(stamp),
            links: [stamp; 5],
        }
    }

    #[inline(always)]
    fn stamp(&self) -> u64 {
        self.key
    }
}

impl Item for Record {
    #[inline(always)]
    fn new(stamp: u64) -> Self {
        let bound = f64::from_bits(stamp);
        Self {
            series: stamp,
            created: stamp as i64,
            names: [stamp; 8],
            bounds: [bound; 4],
            counts: [stamp; 11],
        }
    }

    #[inline(always)]
    fn stamp(&self) -> u64 {
        self.series
    }
}
