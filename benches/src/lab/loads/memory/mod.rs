//! Memory over time: what a load leaves resident, not how long it takes. All blocks are in `Box`, on the process's global
//! allocator.
//!
//! Tables and queues of a load are on that allocator too, and are counted as alive.

mod burst;
mod churn;
mod queue;

use crate::lab::job::{Job, Report};
use crate::lab::workload::Workload;

/// Measures a row of memory over time.
///
/// # Panics
/// If the row is none of them.
pub fn run(job: &Job) -> Report {
    match job.row.workload {
        Workload::Burst => burst::run(job, burst::BYTES),
        Workload::Churn => churn::run(job),
        Workload::Queue => queue::run(job),
        other => panic!("{other} is no row of memory over time"),
    }
}
