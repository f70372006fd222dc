//! The `main` of every peer of `owners`: one process, one rival, one row. It speaks `key value..` lines as the peers of `ratios` do.

use std::process::ExitCode;
use std::time::Duration;

use super::rival::Rival;
use super::row::{Count, Row};
use super::{loops, tasks};
use crate::block::{Block, Block24, Block48, Block200};
use crate::clock::Effort;
use crate::resident;

/// Runs what the arguments say: `row NAME SAMPLES MICROSECONDS`.
pub fn peer_main<R: Rival>() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let ns = match arguments[..] {
        ["row", name, samples, microseconds] => measure::<R>(name, samples, microseconds),
        _ => None,
    };
    let Some(ns) = ns else {
        eprintln!("usage: row NAME SAMPLES MICROSECONDS  (started by `owners`)");
        return ExitCode::from(2);
    };
    println!("ns {ns}");
    if let Some(kib) = resident::peak_kib() {
        println!("rss {kib}");
    }
    ExitCode::SUCCESS
}

fn measure<R: Rival>(name: &str, samples: &str, microseconds: &str) -> Option<f64> {
    let row: Row = name.parse().ok()?;
    let effort = Effort {
        samples: samples.parse().ok()?,
        sample: Duration::from_micros(microseconds.parse().ok()?),
    };
    match row {
        Row::New(_, 24) | Row::Many(_, 24) => counted::<R, Block24>(row, effort),
        Row::New(_, 48) | Row::Many(_, 48) | Row::Clone(_) => counted::<R, Block48>(row, effort),
        Row::New(_, 200) | Row::Many(_, 200) => counted::<R, Block200>(row, effort),
        Row::Tasks(bytes) => tasks::polled::<R>(bytes, effort),
        Row::FewTasks(bytes) => tasks::few::<R>(bytes, effort),
        Row::Objects(bytes) => tasks::objects::<R>(bytes, effort),
        Row::Spawned(bytes) => tasks::spawned::<R>(bytes, effort),
        _ => None,
    }
}

fn counted<R: Rival, T: Block>(row: Row, effort: Effort) -> Option<f64> {
    Some(match row {
        Row::New(Count::Atomic, _) => loops::new::<T, R::Atomic<T>>(effort),
        Row::New(Count::Here, _) => loops::new::<T, R::Here<T>>(effort),
        Row::Many(Count::Atomic, _) => loops::many::<T, R::Atomic<T>>(effort),
        Row::Many(Count::Here, _) => loops::many::<T, R::Here<T>>(effort),
        Row::Clone(Count::Atomic) => loops::clone::<T, R::Atomic<T>>(effort),
        Row::Clone(Count::Here) => loops::clone::<T, R::Here<T>>(effort),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pointer::rival::{Std, Sydra};

    /// Whoever adds a row adds what measures it.
    #[test]
    fn every_row_can_be_measured() {
        for row in Row::all() {
            for measured in [measure::<Std>, measure::<Sydra>] {
                let ns = measured(&row.to_string(), "1", "1").expect("a row of the table");
                assert!(ns.is_finite() && ns > 0.0, "{row}: {ns}");
            }
        }
    }
}
