//! The drivers: each starts one process for each row and peer, in interleaved rounds, and makes the tables. `ratios` compares
//! allocators, `epochs` reclaimers, `statics` fixed pools, `owners` counting pointers and boxed futures; what differs is the rows,
//! the peers and the tables.

mod contest;
pub mod epochs;
mod memory;
pub mod owners;
mod peers;
mod rounds;
mod speed;
pub mod statics;
mod table;

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::row::Row;
pub use contest::Common;
use contest::Discipline;
use peers::Peers;

/// What the command line of `ratios` says.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "ratios",
    about = "Ratios of our doors to the best rival allocator, row by row"
)]
pub struct Options {
    /// What both drivers are told.
    #[command(flatten)]
    pub common: Common,

    /// The memory table (bursts and churn) instead of the table of times
    #[arg(long)]
    pub memory: bool,
}

impl Options {
    /// The rows that were asked for.
    fn chosen_rows(&self) -> Vec<Row> {
        self.common
            .choose(Row::all(), |row| row.targets().global.is_some())
    }
}

/// Does what the command line says.
///
/// # Errors
/// If a peer is missing, cannot be started or answers nonsense, or if no row has the name that was asked for.
pub fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let rows = options.chosen_rows();
    contest::<Row>("ratios", &options.common, &rows, |peers| {
        if options.memory {
            memory::report(peers, &options.common)
        } else {
            speed::report(peers, &options.common, &rows)
        }
    })
}

/// Lists the rows, or finds the peers and lets `report` measure them; it returns the number of targets missed.
fn contest<R: Discipline>(
    program: &str,
    common: &Common,
    rows: &[R],
    report: impl FnOnce(&Peers<R::Peer>) -> Result<usize, Box<dyn Error>>,
) -> Result<ExitCode, Box<dyn Error>> {
    if common.list {
        rows.iter().for_each(|row| println!("{row}"));
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        return Err("no row has such a name; --list prints them".into());
    }
    let misses = report(&Peers::find(program, !common.no_build)?)?;
    Ok(if common.gate && misses > 0 {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Says on a terminal what is being done.
fn progress(text: &str) {
    let mut terminal = std::io::stderr();
    if terminal.is_terminal() {
        // A terminal that cannot be written to is no reason to stop.
        let _ = write!(terminal, "\r\x1b[K{text}");
        let _ = terminal.flush();
    }
}

/// A figure, or a dash.
fn cell(figure: Option<f64>) -> String {
    figure.map_or("-".into(), |figure| format!("{figure:.2}"))
}

/// A ratio, with its verdict where there is a target.
fn ratio(
    ours: Option<f64>,
    theirs: Option<f64>,
    target: Option<f64>,
    misses: &mut usize,
) -> String {
    match (ours, theirs, target) {
        (Some(ours), Some(theirs), Some(target)) => {
            let (text, met) = verdict(ours / theirs, target);
            *misses += usize::from(!met);
            text
        }
        (Some(ours), Some(theirs), None) => format!("{:.2}", ours / theirs),
        _ => "-".into(),
    }
}

/// A figure beside its target, and whether it was met.
fn verdict(figure: f64, target: f64) -> (String, bool) {
    let met = figure <= target;
    (
        format!(
            "{figure:.2}/{target:.2} {}",
            if met { "PASS" } else { "MISS" }
        ),
        met,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_above_its_target_is_a_miss() {
        assert_eq!(verdict(0.5, 0.55), ("0.50/0.55 PASS".into(), true));
        assert_eq!(verdict(0.56, 0.55), ("0.56/0.55 MISS".into(), false));
        assert!(!verdict(f64::NAN, 0.55).1);
    }

    #[test]
    fn words_choose_rows() {
        let chosen =
            |line: &[&str]| Options::parse_from([&["ratios"], line].concat()).chosen_rows();
        assert_eq!(chosen(&[]).len(), Row::all().len());
        assert_eq!(chosen(&["--rows", "pair/48"]).len(), 2);
        assert_eq!(chosen(&["--rows", "json,handoff/24/word"]).len(), 2);
        assert!(
            chosen(&["--quick"])
                .iter()
                .all(|row| row.targets().global.is_some())
        );
    }
}
