//! The `main` of every peer of `epochs`: one process, one rival, one row.
//!
//! It speaks `key value..` lines as the peers of `ratios` do, and prints nothing for a person.

use std::process::ExitCode;
use std::time::Duration;

use super::reclaim::Reclaim;
use super::row::Row;
use super::{loops, threads};
use crate::clock::Effort;
use crate::resident;

/// Nodes that are put into limbo.
const LIMBO: usize = 1 << 20;

/// Samples of two threads are short, so that another process falls into few of them, and there are as many times more.
const SHARED_SAMPLES: u32 = 32;

/// The storm lasts as many times the length of a sample.
const STORM_SAMPLES: u32 = 2000;

/// Runs what the arguments say: `row NAME SAMPLES MICROSECONDS`. `metadata_bytes` is what a rival can tell of its own data.
pub fn peer_main<R: Reclaim>(metadata_bytes: Option<fn() -> u64>) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let known = match arguments[..] {
        ["row", name, samples, microseconds] => {
            measure::<R>(name, samples, microseconds, metadata_bytes)
        }
        _ => None,
    };
    if known.is_none() {
        eprintln!("usage: row NAME SAMPLES MICROSECONDS  (started by `epochs`)");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

fn measure<R: Reclaim>(
    name: &str,
    samples: &str,
    microseconds: &str,
    metadata_bytes: Option<fn() -> u64>,
) -> Option<()> {
    let row: Row = name.parse().ok()?;
    let effort = Effort {
        samples: samples.parse().ok()?,
        sample: Duration::from_micros(microseconds.parse().ok()?),
    };
    let ns = match row {
        Row::Pin => loops::pin::<R>(effort),
        Row::Nested => loops::nested::<R>(effort),
        Row::Node(1) => loops::node::<1, R>(effort),
        Row::Node(64) => loops::node::<64, R>(effort),
        Row::Node(_) => return None,
        Row::Structure(structure, 1) => threads::alone::<R>(structure, effort),
        Row::Storm => threads::storm::<R>(effort.sample * STORM_SAMPLES),
        Row::Structure(structure, _) => {
            for sample in threads::shared::<R>(structure, effort.samples * SHARED_SAMPLES) {
                println!("{sample}");
            }
            return Some(());
        }
        Row::Limbo => {
            let resident = || resident::now_kib().unwrap_or(0) * 1024;
            let metadata = || metadata_bytes.map_or(0, |bytes| bytes());
            let [bytes, told] = loops::limbo::<2, R>(LIMBO, || [resident(), metadata()]);
            println!("bytes {bytes}");
            if metadata_bytes.is_some() {
                println!("metadata {told}");
            }
            return Some(());
        }
    };
    println!("ns {ns}");
    if row == Row::Storm {
        println!("rss {}", resident::peak_kib()?);
    }
    Some(())
}
