//! The `main` of every peer of `statics`: one process, one pool, one row.
//!
//! It speaks `key value..` lines as the peers of `ratios` do, and prints nothing for a person.

use std::process::ExitCode;
use std::time::Duration;

use super::loops;
use super::pool::FixedPool;
use super::row::Row;
use crate::clock::Effort;

/// Samples of two threads are short, so that another process falls into few of them, and there are as many times more.
const SHARED_SAMPLES: u32 = 32;

/// Runs what the arguments say: `row NAME SAMPLES MICROSECONDS`.
pub fn peer_main<P: FixedPool>() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let known = match arguments[..] {
        ["row", name, samples, microseconds] => measure::<P>(name, samples, microseconds),
        _ => None,
    };
    if known.is_none() {
        eprintln!("usage: row NAME SAMPLES MICROSECONDS  (started by `statics`)");
        return ExitCode::from(2);
    }
    ExitCode::SUCCESS
}

fn measure<P: FixedPool>(name: &str, samples: &str, microseconds: &str) -> Option<()> {
    let row: Row = name.parse().ok()?;
    let effort = Effort {
        samples: samples.parse().ok()?,
        sample: Duration::from_micros(microseconds.parse().ok()?),
    };
    P::prepare();
    if row.threads == 1 {
        println!("ns {}", loops::alone::<P>(row.depth, effort)?);
    } else {
        for sample in loops::shared::<P>(row.depth, effort.samples * SHARED_SAMPLES)? {
            println!("{sample}");
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::super::pool::Sydra;
    use super::super::row::ROWS;
    use super::*;

    #[test]
    fn every_row_has_its_loop() {
        for row in ROWS {
            assert_eq!(measure::<Sydra>(&row.to_string(), "1", "10"), Some(()));
        }
        assert_eq!(measure::<Sydra>("pair/threads-1", "x", "10"), None);
    }
}
