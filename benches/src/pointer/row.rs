//! The rows of the table: what is measured, with which target.

use core::fmt;
use core::str::FromStr;

use crate::row::{UnknownRow, named};

/// One row; the number is the value's size in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// A counted value made and dropped.
    New(Count, usize),
    /// A thousand of them made, then dropped in some order.
    Many(Count, usize),
    /// A second pointer made and dropped.
    Clone(Count),
    /// Futures made, polled twice and dropped, 100,000 at a time.
    Tasks(usize),
    /// The same, 1,000 at a time.
    FewTasks(usize),
    /// 100,000 as trait objects of the compiler's, which know nothing of rooms.
    Objects(usize),
    /// Futures, each awaited by a task of tokio's, which allocates a cell for itself.
    Spawned(usize),
}

/// Who counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// `Arc` and `PoolArc`.
    Atomic,
    /// `Rc` and `PoolRc`.
    Here,
}

/// The sizes of the values.
pub const SIZES: [usize; 3] = [24, 48, 200];

impl Row {
    /// All rows, in the order of the table.
    pub fn all() -> Vec<Self> {
        let mut rows = Vec::new();
        for count in [Count::Atomic, Count::Here] {
            rows.extend(SIZES.map(|bytes| Self::New(count, bytes)));
            rows.extend(SIZES.map(|bytes| Self::Many(count, bytes)));
            rows.push(Self::Clone(count));
        }
        rows.extend(SIZES.map(Self::Tasks));
        rows.extend(SIZES.map(Self::FewTasks));
        rows.extend(SIZES.map(Self::Objects));
        rows.extend(SIZES.map(Self::Spawned));
        rows
    }

    /// Highest acceptable ratio to the same on mimalloc.
    pub fn target(self) -> Option<f64> {
        match self {
            Self::New(Count::Atomic, _) => Some(0.6),
            Self::Clone(Count::Atomic) => Some(1.0),
            Self::Tasks(_) | Self::FewTasks(_) => Some(0.8),
            _ => None,
        }
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Atomic => "arc",
            Self::Here => "rc",
        })
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::New(count, bytes) => write!(f, "{count}-new/{bytes}"),
            Self::Many(count, bytes) => write!(f, "{count}-1000/{bytes}"),
            Self::Clone(count) => write!(f, "{count}-clone"),
            Self::Tasks(bytes) => write!(f, "tasks/{bytes}"),
            Self::FewTasks(bytes) => write!(f, "tasks-1000/{bytes}"),
            Self::Objects(bytes) => write!(f, "dyn-tasks/{bytes}"),
            Self::Spawned(bytes) => write!(f, "tokio/{bytes}"),
        }
    }
}

impl FromStr for Row {
    type Err = UnknownRow;

    fn from_str(name: &str) -> Result<Self, UnknownRow> {
        named(Self::all(), name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_name() {
        for row in Row::all() {
            assert_eq!(row.to_string().parse(), Ok(row));
        }
        assert!("arc-new/25".parse::<Row>().is_err());
    }
}
