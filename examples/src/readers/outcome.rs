//! What comes of it: a list that was right at every stop, or the first thing that was wrong.

use super::ask::Fault;
use crate::lock_free::{Node, SkipList};
use crate::model::Mismatch;
use crate::sealed::SealedRecord;
use std::fmt;
use std::time::Duration;
use sydra_pool::{EpochFigures, collect_garbage, pool, snapshot};

/// What the threads did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Done {
    pub inserted: u64,
    pub overwritten: u64,
    pub deleted: u64,
    /// Questions that readers asked.
    pub asked: u64,
    /// Rows that they read for them, the judge's not counted.
    pub rows: u64,
}

impl Done {
    pub(super) const fn plus(self, other: Self) -> Self {
        Self {
            inserted: self.inserted + other.inserted,
            overwritten: self.overwritten + other.overwritten,
            deleted: self.deleted + other.deleted,
            asked: self.asked + other.asked,
            rows: self.rows + other.rows,
        }
    }
}

/// A list that was right at every stop.
#[derive(Debug)]
pub struct Finished {
    pub list: SkipList,
    pub done: Done,
    /// From the first writer's start to the last stop, the judge's work at the stops included.
    pub elapsed: Duration,
    /// Rows that the judge compared.
    pub compared: u64,
    /// The epoch at the last stop, readers still pinned.
    pub epoch: EpochFigures,
    /// The largest lag that was sampled.
    pub lag_peak: u64,
    /// Nodes and records retired by whatever came before.
    pub(super) retired_before: [u64; 2],
}

impl Finished {
    /// With nobody pinned any more: what was retired is reclaimed, no more and no less was retired than went out of
    /// the list, and there are as many nodes and records as keys.
    pub fn collect(&self) -> Result<EpochFigures, Box<Wrong>> {
        collect_garbage();
        let (epoch, keys) = (snapshot().epoch, self.list.len() as u64);
        let (nodes, records) = (pool::<Node>().stats(), pool::<SealedRecord>().stats());
        let done = &self.done;
        let [before, records_before] = self.retired_before;
        let counts = [
            ("reclaimed, of all retired", epoch.retired, epoch.reclaimed),
            ("keys", done.inserted - done.deleted, keys),
            ("nodes retired", done.deleted, nodes.retired - before),
            ("nodes reclaimed", nodes.retired, nodes.reclaimed),
            ("nodes alive", keys, nodes.live),
            (
                "records retired",
                done.overwritten + done.deleted,
                records.retired - records_before,
            ),
            ("records reclaimed", records.retired, records.reclaimed),
            ("records alive", keys, records.live),
        ];
        for (what, expected, found) in counts {
            Wrong::unless(what, expected, found)?;
        }
        Ok(epoch)
    }
}

/// The list is not what it must be.
#[derive(Debug)]
pub enum Wrong {
    /// Someone saw what must never be seen.
    Seen(Fault),
    /// At a stop a row differs.
    Row {
        stop: usize,
        model: Option<String>,
        list: Option<String>,
    },
    /// At a stop an answer differs.
    Answer {
        stop: usize,
        mismatch: Box<Mismatch>,
    },
    /// A count differs.
    Count {
        what: &'static str,
        expected: u64,
        found: u64,
    },
    /// A writer ended early; it has said why.
    Gone,
}

impl Wrong {
    pub(super) fn unless(what: &'static str, expected: u64, found: u64) -> Result<(), Self> {
        let wrong = Self::Count {
            what,
            expected,
            found,
        };
        if expected == found {
            Ok(())
        } else {
            Err(wrong)
        }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seen(fault) => fault.fmt(f),
            Self::Row { stop, model, list } => {
                writeln!(f, "stop {stop}: the first row that differs")?;
                write!(f, "  model: {model:?}\n  list:  {list:?}")
            }
            Self::Answer { stop, mismatch } => write!(f, "stop {stop}: {mismatch}"),
            Self::Count {
                what,
                expected,
                found,
            } => write!(f, "{what}: {expected} expected, {found} found"),
            Self::Gone => f.write_str("a writer ended early"),
        }
    }
}

impl std::error::Error for Wrong {}

impl From<Fault> for Wrong {
    fn from(fault: Fault) -> Self {
        Self::Seen(fault)
    }
}

/// Nodes and records retired so far.
pub(super) fn retired() -> [u64; 2] {
    [
        pool::<Node>().stats().retired,
        pool::<SealedRecord>().stats().retired,
    ]
}
