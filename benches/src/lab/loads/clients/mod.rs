//! Real libraries as clients of the process's global allocator, on one thread unless the row says otherwise.
//!
//! An operation is what a user of the library would count: a kilobyte of a document or of sources, a change of a map, a
//! pattern, a task. What a library does besides allocating is in the figure and is the same for all, so ratios lie nearer to
//! one than in loops that only allocate.
//!
//! Where single operations are long (a document, a file, a set of patterns), no tail is timed: it would be that of the
//! library.

mod btree;
mod hashmap;
mod json;
mod regex;
mod syn;
mod tokio;

use crate::lab::job::{Job, Report};
use crate::lab::workload::Workload;

/// Measures a client.
///
/// # Panics
/// If the row is none of them.
pub fn run(job: &Job) -> Report {
    match job.row.workload {
        Workload::Json => json::run(job),
        Workload::Btree => btree::run(job),
        Workload::Hashmap => hashmap::run(job),
        Workload::Regex => regex::run(job),
        Workload::Tokio => tokio::run(job),
        Workload::Syn => syn::run(job),
        other => panic!("{other} is no client"),
    }
}

/// Letters that texts are cut from.
const LETTERS: &str =
    "the quick brown fox jumps over a lazy dog, then sleeps in the sun for an hour";
