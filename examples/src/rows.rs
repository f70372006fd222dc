//! Rows of the input: from bytes to `Flight`s, with a reason for each row that is none.
//!
//! Columns are found by name, in any order; others are ignored.
//!
//! # Invariants
//! * A row either becomes a `Flight` or is rejected with its line and a reason; none is dropped in silence (blank
//!   lines, which are no rows, apart).
//! * Memory is bounded by the flights kept: no line is buffered beyond the limit of `lines`.
//!
//! # Not here
//! Reporting: who calls decides what to do with a `Rejection`.

use crate::calendar::Minute;
use crate::lines::{Line, Lines, Splitter, shown};
use std::fmt;
use std::io::{self, BufRead};
use std::num::IntErrorKind;

/// The columns that must be named in the header, in the order of `Columns`.
const NAMES: [&str; 5] = [
    "date",
    "delay_minutes",
    "distance_miles",
    "origin",
    "destination",
];

/// A three-character airport code.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Airport([u8; 3]);

impl Airport {
    /// Three capital letters or digits; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let code: [u8; 3] = text.as_bytes().try_into().ok()?;
        let known = code
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        known.then_some(Self(code))
    }

    /// The three characters.
    pub const fn code(self) -> [u8; 3] {
        self.0
    }
}

impl fmt::Display for Airport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|&byte| write!(f, "{}", char::from(byte)))
    }
}

impl fmt::Debug for Airport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is known of a flight besides its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trip {
    pub delay_minutes: i32,
    pub distance_miles: u32,
    pub origin: Airport,
    pub destination: Airport,
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flight {
    pub departure: Minute,
    pub trip: Trip,
}

/// A row that is no flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// The line in the file, counted from 1.
    pub line: u64,
    pub reason: String,
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// Why there is no table at all.
#[derive(Debug)]
pub enum InputError {
    /// The source could not be read.
    Read(io::Error),
    /// There is no line in it.
    Empty,
    /// The first line does not name the columns.
    Header(String),
    /// A header, and no row that could be used; so many were rejected.
    NoFlights { rejected: u64 },
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read(error) => write!(f, "cannot be read: {error}"),
            Self::Empty => write!(f, "is empty: expected a header and rows"),
            Self::Header(reason) => write!(f, "line 1 is not the expected header: {reason}"),
            Self::NoFlights { rejected: 0 } => write!(f, "holds a header and no rows"),
            Self::NoFlights { rejected } => {
                write!(f, "holds no usable row: all {rejected} are malformed")
            }
        }
    }
}

impl std::error::Error for InputError {}

impl From<io::Error> for InputError {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

/// Reads the whole table; each row that is no flight is handed to `reject`.
pub fn read_flights(
    source: impl BufRead,
    mut reject: impl FnMut(Rejection),
) -> Result<Vec<Flight>, InputError> {
    let mut lines = Lines::new(source);
    let mut splitter = Splitter::new();
    let columns = match lines.next_line()? {
        None => return Err(InputError::Empty),
        Some(line) => Columns::find(&mut splitter, line).map_err(InputError::Header)?,
    };
    let (mut flights, mut rejected) = (Vec::new(), 0);
    while let Some(line) = lines.next_line()? {
        match columns.flight(&mut splitter, line) {
            Ok(None) => {}
            Ok(Some(flight)) => flights.push(flight),
            Err(reason) => {
                rejected += 1;
                reject(Rejection {
                    line: lines.number(),
                    reason,
                });
            }
        }
    }
    if flights.is_empty() {
        Err(InputError::NoFlights { rejected })
    } else {
        Ok(flights)
    }
}

/// Where the five columns stand, and how many fields a row has.
struct Columns {
    places: [usize; 5],
    count: usize,
}

impl Columns {
    fn find(splitter: &mut Splitter, line: Line<'_>) -> Result<Self, String> {
        // Some programs put a byte order mark in front of UTF-8.
        let line = line.map(|line| line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line))?;
        if line.trim_ascii().is_empty() {
            return Err(format!("it is blank (expected {})", NAMES.join(",")));
        }
        let fields = splitter.split(line)?;
        let mut places = [0; 5];
        for (place, name) in places.iter_mut().zip(NAMES) {
            *place = fields
                .iter()
                .position(|field| field.trim_ascii() == name.as_bytes())
                .ok_or_else(|| {
                    format!(
                        "no column `{name}` in {} (expected {})",
                        shown(line),
                        NAMES.join(",")
                    )
                })?;
        }
        Ok(Self {
            places,
            count: fields.count(),
        })
    }

    /// `None` for a blank line.
    fn flight(&self, splitter: &mut Splitter, line: Line<'_>) -> Result<Option<Flight>, String> {
        let line = line?;
        if line.trim_ascii().is_empty() {
            return Ok(None);
        }
        let fields = splitter.split(line)?;
        if fields.count() != self.count {
            return Err(format!(
                "expected {} fields, found {}",
                self.count,
                fields.count()
            ));
        }
        let text = |column: usize| {
            let bytes = fields
                .get(self.places[column])
                .unwrap_or_default()
                .trim_ascii();
            std::str::from_utf8(bytes)
                .map_err(|_| format!("{}: {} is not UTF-8", NAMES[column], shown(bytes)))
        };
        let airport = |column: usize| {
            let text = text(column)?;
            let what = "is not an airport code (three capitals or digits)";
            Airport::parse(text).ok_or_else(|| refusal(column, text, what))
        };
        let date = text(0)?;
        let departure = Minute::parse(date)
            .ok_or_else(|| refusal(0, date, "is not a date (YYYY/MM/DD HH:MM, from 1970)"))?;
        let trip = Trip {
            delay_minutes: number(1, text(1)?)?,
            distance_miles: number(2, text(2)?)?,
            origin: airport(3)?,
            destination: airport(4)?,
        };
        Ok(Some(Flight { departure, trip }))
    }
}

fn number<N: std::str::FromStr<Err = std::num::ParseIntError>>(
    column: usize,
    text: &str,
) -> Result<N, String> {
    text.parse()
        .map_err(|error: std::num::ParseIntError| match error.kind() {
            IntErrorKind::PosOverflow => refusal(column, text, "is too large"),
            IntErrorKind::NegOverflow => refusal(column, text, "is too small"),
            _ if text.starts_with('-') && N::from_str("-1").is_err() => {
                refusal(column, text, "is not a whole number from 0 up")
            }
            _ => refusal(column, text, "is not a whole number"),
        })
}

fn refusal(column: usize, text: &str, what: &str) -> String {
    format!("{}: {} {what}", NAMES[column], shown(text.as_bytes()))
}

#[cfg(test)]
mod tests;
