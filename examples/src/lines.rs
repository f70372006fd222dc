//! Lines and fields of a CSV source.
//!
//! The grammar is `csv-core`'s, but it is fed one line at a time: no field of such a table contains a line end, so a
//! quote that is never closed costs its own row and not the rest of the file, and the line number in a message is
//! the one an editor shows.
//!
//! # Invariants
//! * No more than `LINE_LIMIT` bytes and one are ever buffered, however long a line is.

use std::io::{self, BufRead, Read};

/// A line longer than this is no row of such a table.
pub(crate) const LINE_LIMIT: usize = 16 * 1024;
/// A line with more fields than this is refused.
pub(crate) const COLUMN_LIMIT: usize = 64;

/// One line after another, without its end; `Err` inside for one that is too long.
pub(crate) struct Lines<R> {
    source: R,
    buffer: Vec<u8>,
    number: u64,
}

/// A line's bytes, or why they were not kept.
pub(crate) type Line<'a> = Result<&'a [u8], String>;

impl<R: BufRead> Lines<R> {
    pub(crate) const fn new(source: R) -> Self {
        Self {
            source,
            buffer: Vec::new(),
            number: 0,
        }
    }

    /// The number of the line last returned, counted from 1.
    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// `None` at the end of the source.
    pub(crate) fn next_line(&mut self) -> io::Result<Option<Line<'_>>> {
        self.number += 1;
        if !self.fill()? {
            return Ok(None);
        }
        if self.buffer.last() == Some(&b'\n') || self.buffer.len() <= LINE_LIMIT {
            let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
            return Ok(Some(Ok(line.strip_suffix(b"\r").unwrap_or(line))));
        }
        // Bounded by the input: each turn consumes up to the limit, the last one ends the line or the source.
        while self.fill()? && self.buffer.last() != Some(&b'\n') {}
        Ok(Some(Err(format!("is longer than {LINE_LIMIT} bytes"))))
    }

    /// Reads up to the end of the line, one byte over the limit, or the end of the source (then false).
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        let most = LINE_LIMIT as u64 + 1;
        Ok(self
            .source
            .by_ref()
            .take(most)
            .read_until(b'\n', &mut self.buffer)?
            > 0)
    }
}

/// Splits a line into fields, unquoting them, in buffers it keeps.
pub(crate) struct Splitter {
    grammar: csv_core::Reader,
    line: Vec<u8>,
    fields: Vec<u8>,
    ends: [usize; COLUMN_LIMIT],
}

impl Splitter {
    pub(crate) fn new() -> Self {
        let (line, fields) = (Vec::new(), Vec::new());
        Self {
            grammar: csv_core::Reader::new(),
            line,
            fields,
            ends: [0; COLUMN_LIMIT],
        }
    }

    /// The fields of `line`, as bytes; one that is not closed or has too many of them is refused.
    pub(crate) fn split(&mut self, line: &[u8]) -> Result<Fields<'_>, String> {
        self.grammar.reset();
        self.line.clear();
        self.line.extend_from_slice(line);
        self.line.push(b'\n');
        self.fields.resize(self.line.len(), 0);
        let (outcome, _, _, count) =
            self.grammar
                .read_record(&self.line, &mut self.fields, &mut self.ends);
        match outcome {
            csv_core::ReadRecordResult::Record => Ok(Fields {
                bytes: &self.fields,
                ends: &self.ends[..count],
            }),
            csv_core::ReadRecordResult::OutputEndsFull => {
                Err(format!("has more than {COLUMN_LIMIT} fields"))
            }
            _ => Err("a quote is not closed in its line".to_owned()),
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    bytes: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Fields<'a> {
    pub(crate) const fn count(self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(self, index: usize) -> Option<&'a [u8]> {
        let start = if index == 0 {
            0
        } else {
            *self.ends.get(index - 1)?
        };
        self.bytes.get(start..*self.ends.get(index)?)
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.ends.len()).filter_map(move |index| self.get(index))
    }
}

/// Bytes as a quoted text short enough for a message, whatever is in them.
pub(crate) fn shown(bytes: &[u8]) -> String {
    const SHOWN: usize = 60;
    let cut = &bytes[..bytes.len().min(SHOWN)];
    let more = if bytes.len() > SHOWN { ".." } else { "" };
    format!("`{}{more}`", cut.escape_ascii())
}
