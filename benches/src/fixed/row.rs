//! The rows of the table of fixed pools: how many blocks a thread takes before it gives them back, and by how many threads.

use core::fmt;
use core::str::FromStr;

use crate::row::{UnknownRow, named};

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Blocks taken before the last of them is given back first.
    pub depth: usize,
    /// Threads that do it at the same time, each for itself.
    pub threads: u32,
}

/// Highest acceptable ratio of ours to the best rival's, for a pair.
pub const TARGET: f64 = 0.7;

const fn row(depth: usize, threads: u32) -> Row {
    Row { depth, threads }
}

/// All rows, in the order of the table.
pub const ROWS: [Row; 6] = [
    row(1, 1),
    row(1, 2),
    row(4, 1),
    row(4, 2),
    row(64, 1),
    row(64, 2),
];

impl Row {
    /// Whether it has a target.
    pub fn has_target(self) -> bool {
        self.depth == 1
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { depth, threads } = self;
        match depth {
            1 => write!(f, "pair/threads-{threads}"),
            _ => write!(f, "{depth}-lifo/threads-{threads}"),
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
        assert!("pair/threads-3".parse::<Row>().is_err());
        assert_eq!(ROWS.iter().filter(|row| row.has_target()).count(), 2);
    }
}
