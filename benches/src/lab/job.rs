//! What a measured process is told and what it answers: a line of JSON each.

use std::collections::BTreeMap;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::contestant::Contestant;
use super::workload::Row;

/// A fault that is put in on purpose, so that a gate can be seen to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Inject {
    /// A reader stays pinned while others retire.
    LimboSpike,
    /// Some of the blocks are never freed.
    Leak,
    /// All threads are in each other's way at one lock.
    Contention,
    /// Each operation takes a detour.
    SlowPath,
}

/// What one process has to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// What is measured.
    pub row: Row,
    /// Who is measured.
    pub contestant: Contestant,
    /// Time for measuring, warm-up not included.
    pub seconds: f64,
    /// Operations of each sample and of each thread's tail; without, as many as the time allows.
    pub ops: Option<u64>,
    /// Decides every random choice.
    pub seed: u64,
    /// Whether each thread keeps to one core.
    pub pin: bool,
    /// Whether memory is touched before the measurement.
    pub prefault: bool,
    /// Whether single operations are timed too.
    pub tail: bool,
    /// For open loops: operations a second, over all threads.
    pub rate: Option<f64>,
    /// For loads that have a choice: the part of the frees that another thread does, 0 to 1.
    pub remote_ratio: Option<f64>,
    /// For loads that have a choice: the smallest and the largest block, in bytes.
    pub sizes: Option<[usize; 2]>,
    /// Time between two looks at memory, in milliseconds; 0: none.
    pub sample_ms: u64,
    /// A fault.
    pub inject: Option<Inject>,
}

/// One sample of the body.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// Nanoseconds an operation: of CPU time with one thread, by the wall with more.
    pub ns: f64,
    /// Round trips of a cache line between the first two cores, before and after; in nanoseconds.
    pub trips_ns: Option<[f64; 2]>,
    /// The part of the time for which the first two threads had their cores together, at most.
    pub together: Option<f64>,
}

impl Sample {
    /// Of threads that do not meet, or of one: the distance of the cores is no part of it.
    pub const fn unprobed(ns: f64) -> Self {
        Self {
            ns,
            trips_ns: None,
            together: None,
        }
    }
}

/// Single operations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Tail {
    /// Nanoseconds and how many operations took so long, in ascending order; buckets of 0.1 %.
    pub counts: Vec<(u64, u64)>,
    /// Page faults without a disk, while they were timed.
    pub minor_faults: u64,
    /// Times a thread lost its core meanwhile.
    pub involuntary_switches: u64,
    /// Whether operations started when they were due (an open loop), not when the one before had ended.
    pub open_loop: bool,
    /// For open loops: operations a second that were reached, and that were asked for.
    pub rates: Option<[f64; 2]>,
}

/// Memory at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Milliseconds since the start of the measurement.
    pub ms: f64,
    /// Resident, in KiB.
    pub rss_kib: u64,
    /// Alive as the load counts it, in KiB.
    pub live_kib: u64,
    /// Committed as the allocator counts it, in KiB; only ours says.
    pub committed_kib: Option<u64>,
}

/// What a process has measured.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The allocator's own word on who it is.
    pub allocator: String,
    /// The body.
    pub samples: Vec<Sample>,
    /// The tail.
    pub tail: Option<Tail>,
    /// Memory over time.
    pub moments: Vec<Moment>,
    /// The most that was resident, in KiB.
    pub peak_rss_kib: Option<u64>,
    /// The most that was alive, in KiB, where the load counts it.
    pub peak_live_kib: Option<u64>,
    /// Other figures by name; the engine's own begin with `engine.`.
    pub figures: BTreeMap<String, f64>,
}

/// Does a job.
pub type Run = fn(&Job) -> Report;

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A short job.
    pub(crate) fn job(row: &str) -> Job {
        Job {
            row: row.parse().unwrap(),
            contestant: Contestant::System,
            seconds: 0.0,
            ops: Some(10),
            seed: 1,
            pin: false,
            prefault: false,
            tail: true,
            rate: None,
            remote_ratio: None,
            sizes: None,
            sample_ms: 0,
            inject: None,
        }
    }

    /// The same with memory watched and nothing timed singly.
    pub(crate) fn watched(row: &str) -> Job {
        Job {
            seconds: 0.05,
            ops: Some(2),
            tail: false,
            sample_ms: 5,
            ..job(row)
        }
    }
}
