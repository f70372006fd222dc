//! The rows of the table: what is measured, with which target.

use core::fmt;
use core::str::FromStr;

use crate::row::{UnknownRow, named};

/// A structure that is written once for all rivals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    /// Treiber's stack: push one, pop one.
    Stack,
    /// The queue of Michael and Scott: push one, pop one.
    Queue,
    /// A skip list: nine of ten operations look a key up, the tenth inserts or removes one.
    SkipList,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// Pin and unpin.
    Pin,
    /// The same while the thread is pinned.
    Nested,
    /// Allocate a node, publish it, retire the one that it replaces; pinned once for so many nodes.
    Node(u64),
    /// Operations on a structure, by so many threads.
    Structure(Structure, u32),
    /// Nodes retired while a reader is pinned: what they take besides themselves.
    Limbo,
    /// Two threads retire nodes as fast as they can, for some seconds.
    Storm,
}

/// What has to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Targets {
    /// Highest acceptable ratio to crossbeam-epoch.
    pub crossbeam: Option<f64>,
    /// Highest acceptable ratio to seize.
    pub seize: Option<f64>,
    /// A figure that is good enough by itself, whatever the ratio.
    pub enough: Option<f64>,
}

/// Highest acceptable peak of resident memory in a storm, as a ratio to crossbeam-epoch's.
pub const STORM_TARGET: f64 = 0.8;

/// The most that an object in limbo may take besides itself, in bytes.
pub const LIMBO_TARGET: f64 = 8.0;

/// All rows, in the order of the table.
pub const ROWS: [Row; 12] = [
    Row::Pin,
    Row::Nested,
    Row::Node(1),
    Row::Node(64),
    Row::Structure(Structure::Stack, 1),
    Row::Structure(Structure::Queue, 1),
    Row::Structure(Structure::SkipList, 1),
    Row::Structure(Structure::Stack, 2),
    Row::Structure(Structure::Queue, 2),
    Row::Structure(Structure::SkipList, 2),
    Row::Limbo,
    Row::Storm,
];

impl Row {
    /// The targets for its time. Rows of one thread that have two threads' rows beside them are there to explain those.
    pub fn targets(self) -> Targets {
        let crossbeam = |ratio| Targets {
            crossbeam: Some(ratio),
            ..Targets::default()
        };
        match self {
            Self::Pin => Targets {
                seize: Some(1.0),
                ..crossbeam(0.55)
            },
            Self::Nested => Targets {
                enough: Some(1.0),
                ..crossbeam(0.5)
            },
            Self::Node(_) => crossbeam(0.5),
            Self::Structure(_, 2) => crossbeam(1.0),
            Self::Structure(..) | Self::Limbo | Self::Storm => Targets::default(),
        }
    }

    /// Whether anything of it has a target.
    pub fn has_target(self) -> bool {
        self.targets() != Targets::default() || matches!(self, Self::Limbo | Self::Storm)
    }

    /// Whether its samples depend on where two cores are.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Structure(_, 2))
    }
}

impl fmt::Display for Structure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stack => "stack",
            Self::Queue => "queue",
            Self::SkipList => "skiplist-90/10",
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin => f.write_str("pin"),
            Self::Nested => f.write_str("pin-nested"),
            Self::Node(pinned_for) => write!(f, "node/pinned-for-{pinned_for}"),
            Self::Structure(structure, threads) => write!(f, "{structure}/threads-{threads}"),
            Self::Limbo => f.write_str("limbo"),
            Self::Storm => f.write_str("storm"),
        }
    }
}

impl FromStr for Row {
    type Err = UnknownRow;

    fn from_str(name: &str) -> Result<Self, UnknownRow> {
        named(ROWS, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_name() {
        for row in ROWS {
            assert_eq!(row.to_string().parse(), Ok(row));
        }
        assert!("node/pinned-for-2".parse::<Row>().is_err());
    }

    #[test]
    fn rows_of_one_thread_that_explain_others_have_no_target() {
        let without: Vec<String> = ROWS
            .into_iter()
            .filter(|row| !row.has_target())
            .map(|row| row.to_string())
            .collect();
        assert_eq!(without.len(), 3);
        assert!(without.iter().all(|name| name.ends_with("threads-1")));
    }
}
