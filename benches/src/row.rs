//! The rows of the tables: what is measured, with which target.

use core::fmt;
use core::str::FromStr;

/// The order in which blocks are freed that were allocated one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    Lifo,
    /// The oldest first.
    Fifo,
    /// An order fixed beforehand by a seed.
    Shuffled,
}

/// What the measured loop does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Allocate one, free it.
    Pair,
    /// Allocate so many, then free them in this order.
    Deep(usize, Order),
    /// So many live; allocate a new one, put it in the place of a random one, free that.
    Replace(usize),
    /// One thread allocates, another frees.
    Handoff,
    /// Parse a document into a tree of `serde_json::Value`, drop the tree.
    Json,
    /// Insert into maps of hashbrown and remove, with resizes.
    Maps(Maps),
}

/// Which maps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maps {
    /// A thousand small ones, whose values are texts.
    Sessions,
    /// A small one after the other, of numbers.
    Small,
    /// A large one of numbers: its tables are larger than any class.
    Large,
}

impl Maps {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Sessions, Self::Small, Self::Large];
}

/// How much of a block is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Touch {
    /// Its first word.
    Word,
    /// All of it.
    Whole,
}

/// One row: a shape, a size, a touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What the loop does.
    pub shape: Shape,
    /// Size of the blocks; 0 where the shape decides.
    pub bytes: usize,
    /// How much of each block is written.
    pub touch: Touch,
}

/// The sizes of the table.
pub const SIZES: [usize; 4] = [24, 48, 64, 200];

/// The shapes of the table.
pub const SHAPES: [Shape; 14] = [
    Shape::Pair,
    Shape::Deep(64, Order::Lifo),
    Shape::Deep(64, Order::Fifo),
    Shape::Deep(64, Order::Shuffled),
    Shape::Deep(1000, Order::Lifo),
    Shape::Deep(1000, Order::Fifo),
    Shape::Deep(1000, Order::Shuffled),
    Shape::Replace(20_000),
    Shape::Replace(500_000),
    Shape::Handoff,
    Shape::Json,
    Shape::Maps(Maps::Sessions),
    Shape::Maps(Maps::Small),
    Shape::Maps(Maps::Large),
];

/// Highest acceptable peak of resident memory, as a ratio to mimalloc's in the same row.
pub const MEMORY_TARGET: f64 = 1.15;

/// Highest acceptable ratio to the best rival, for each of our doors.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Targets {
    /// For `PoolBox`.
    pub typed: Option<f64>,
    /// For `Box` under our global allocator, with fat LTO.
    pub global: Option<f64>,
}

impl Row {
    /// All rows, in the order of the table.
    pub fn all() -> Vec<Self> {
        let mut rows = Vec::new();
        for touch in [Touch::Word, Touch::Whole] {
            for shape in SHAPES {
                match (shape, touch) {
                    (Shape::Json | Shape::Maps(_), Touch::Word) => rows.push(Self {
                        shape,
                        bytes: 0,
                        touch,
                    }),
                    (Shape::Json | Shape::Maps(_), Touch::Whole) => {}
                    _ => rows.extend(SIZES.map(|bytes| Self {
                        shape,
                        bytes,
                        touch,
                    })),
                }
            }
        }
        rows
    }

    /// The targets; rows that write whole blocks have none, nor have maps in which the allocator has next to no part, or
    /// whose tables are not the pools'.
    pub fn targets(self) -> Targets {
        let others = matches!(self.shape, Shape::Maps(Maps::Small | Maps::Large));
        if others || self.touch == Touch::Whole {
            return Targets {
                typed: None,
                global: None,
            };
        }
        let (typed, global) = match self.shape {
            Shape::Pair => (Some(0.55), 0.65),
            Shape::Deep(..) => (Some(0.65), 0.80),
            Shape::Replace(live) if live < 100_000 => (Some(0.50), 0.60),
            Shape::Replace(_) => (Some(0.60), 0.70),
            Shape::Handoff => (Some(1.05), 1.15),
            Shape::Json => (None, 0.90),
            Shape::Maps(_) => (Some(0.90), 0.90),
        };
        Targets {
            typed,
            global: Some(global),
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pair => f.write_str("pair"),
            Self::Deep(depth, order) => {
                write!(f, "{depth}-{}", format!("{order:?}").to_lowercase())
            }
            Self::Replace(live) => write!(f, "replace-{live}"),
            Self::Handoff => f.write_str("handoff"),
            Self::Json => f.write_str("json"),
            Self::Maps(maps) => write!(f, "maps-{}", format!("{maps:?}").to_lowercase()),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let touch = match self.touch {
            Touch::Word => "word",
            Touch::Whole => "whole",
        };
        write!(f, "{}/{}/{touch}", self.shape, self.bytes)
    }
}

/// The row of this name.
pub(crate) fn named<R: fmt::Display>(
    rows: impl IntoIterator<Item = R>,
    name: &str,
) -> Result<R, UnknownRow> {
    rows.into_iter()
        .find(|row| row.to_string() == name)
        .ok_or_else(|| UnknownRow(name.into()))
}

/// A name that no row has.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownRow(String);

impl fmt::Display for UnknownRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no row is called {:?}", self.0)
    }
}

impl std::error::Error for UnknownRow {}

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
        let rows = Row::all();
        for (place, row) in rows.iter().enumerate() {
            assert_eq!(
                rows.iter()
                    .position(|other| other.to_string() == row.to_string()),
                Some(place)
            );
            assert_eq!(row.to_string().parse::<Row>().unwrap(), *row);
        }
        assert!("pair/25/word".parse::<Row>().is_err());
    }

    #[test]
    fn a_part_of_a_name_is_none() {
        let found = |name| named(["pair-more", "pair", "par"], name).ok();
        assert_eq!(found("pair"), Some("pair"));
        assert_eq!(["pa", "pair-", "air"].map(found), [None; 3]);
    }

    #[test]
    fn whole_rows_have_no_target_and_word_rows_have() {
        let without = ["maps-small/0/word", "maps-large/0/word"];
        for row in Row::all() {
            let has = row.touch == Touch::Word && !without.contains(&row.to_string().as_str());
            assert_eq!(row.targets().global.is_some(), has, "{row}");
        }
    }
}
