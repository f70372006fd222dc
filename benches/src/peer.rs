//! The `main` of every peer: one process, one allocator, one row.
//!
//! A peer is started by `ratios` and speaks `key value..` lines. It prints nothing for a person and parses its
//! arguments by hand, so that little besides the row is in its peak of resident memory.

use std::process::ExitCode;
use std::time::Duration;

use crate::block::{Block24, Block48, Block64, Block200};
use crate::clock::Effort;
use crate::footprint::{self, Trial};
use crate::owner::Door;
use crate::row::{Row, Shape};
use crate::{document, handoff, maps, resident, shape};

/// Bytes of the burst.
const BURST: usize = 1 << 30;

/// How long a burst may take to go back without `trim()`.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a peer can do besides allocating and freeing.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// Gives free memory back to the system at once.
    pub trim: Option<fn() -> usize>,
}

impl Peer {
    /// A peer that has no `trim()`.
    pub const PLAIN: Self = Self { trim: None };
}

/// Runs what the arguments say: `row NAME SAMPLES MICROSECONDS` or `memory TRIAL SECONDS`.
pub fn peer_main<D: Door>(peer: Peer) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let known = match arguments[..] {
        ["row", name, samples, microseconds] => speed::<D>(name, samples, microseconds),
        ["memory", trial, seconds] => memory::<D>(peer, trial, seconds),
        _ => None,
    };
    if known.is_none() {
        eprintln!(
            "usage: row NAME SAMPLES MICROSECONDS | memory TRIAL SECONDS  (started by `ratios`)"
        );
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

fn speed<D: Door>(name: &str, samples: &str, microseconds: &str) -> Option<()> {
    let row: Row = name.parse().ok()?;
    let samples = samples.parse().ok()?;
    let effort = Effort {
        samples,
        sample: Duration::from_micros(microseconds.parse().ok()?),
    };
    match (row.shape, row.bytes) {
        (Shape::Json, _) => println!("ns {}", document::measure(effort)),
        (Shape::Maps(kind), _) => println!("ns {}", maps::measure::<D::Containers>(kind, effort)),
        (_, 24) => sized::<D, Block24>(row, effort),
        (_, 48) => sized::<D, Block48>(row, effort),
        (_, 64) => sized::<D, Block64>(row, effort),
        (_, 200) => sized::<D, Block200>(row, effort),
        _ => return None,
    }
    if let Some(kib) = resident::peak_kib() {
        println!("rss {kib}");
    }
    Some(())
}

fn sized<D: Door, T: crate::block::Block>(row: Row, effort: Effort) {
    if row.shape == Shape::Handoff {
        for sample in handoff::measure::<T, D::Owner<T>>(row.touch, effort.samples) {
            println!("{sample}");
        }
    } else {
        println!(
            "ns {}",
            shape::measure::<T, D::Owner<T>>(row.shape, row.touch, effort)
        );
    }
}

fn memory<D: Door>(peer: Peer, trial: &str, seconds: &str) -> Option<()> {
    let trial = footprint::TRIALS
        .into_iter()
        .find(|known| known.to_string() == trial)?;
    let trim = match trial {
        Trial::Churn => {
            let churn = footprint::churn::<D>(seconds.parse().ok()?);
            println!(
                "churn {} {} {}",
                churn.mean_kib, churn.low_kib, churn.high_kib
            );
            return Some(());
        }
        Trial::Trim => Some(peer.trim?),
        Trial::Decay => None,
    };
    let burst = footprint::burst::<D>(BURST, trim, PATIENCE);
    println!(
        "burst {} {} {}",
        burst.start_kib, burst.peak_kib, burst.end_kib
    );
    if let Some(settled) = burst.settled {
        println!("settled {}", settled.as_secs_f64());
    }
    Some(())
}
