//! The driver: starts one process for each row and allocator, in interleaved rounds, and makes the tables.

mod memory;
mod peers;
mod rounds;
mod speed;
mod table;

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::row::Row;
use peers::Peers;

/// What the command line says.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "ratios",
    about = "Ratios of our doors to the best rival allocator, row by row"
)]
pub struct Options {
    /// Rows whose name contains one of these words, such as `pair`, `1000-`, `/48/word`, `json`
    #[arg(long, value_name = "WORD", value_delimiter = ',')]
    pub rows: Vec<String>,

    /// Rounds; each starts every allocator once for each row [default: 7, with --quick 3]
    #[arg(long, value_name = "N")]
    pub rounds: Option<u32>,

    /// Shorter samples, three rounds, no rows that write whole blocks, churn of 10 seconds
    #[arg(long)]
    pub quick: bool,

    /// The memory table (bursts and churn) instead of the table of times
    #[arg(long)]
    pub memory: bool,

    /// Fail (exit code 1) if a target is missed
    #[arg(long)]
    pub gate: bool,

    /// Print the names of the rows and stop
    #[arg(long)]
    pub list: bool,

    /// Do not let cargo build the peers first, even when cargo started this program
    #[arg(long)]
    pub no_build: bool,
}

impl Options {
    /// The rows that were asked for.
    fn chosen_rows(&self) -> Vec<Row> {
        let mut rows = Row::all();
        if self.rows.is_empty() {
            rows.retain(|row| !self.quick || row.touch == crate::row::Touch::Word);
        } else {
            rows.retain(|row| {
                let name = row.to_string();
                self.rows.iter().any(|word| name.contains(word.as_str()))
            });
        }
        rows
    }
}

/// Does what the command line says.
///
/// # Errors
/// If a peer is missing, cannot be started or answers nonsense, or if no row has the name that was asked for.
pub fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let rows = options.chosen_rows();
    if options.list {
        rows.iter().for_each(|row| println!("{row}"));
        return Ok(ExitCode::SUCCESS);
    }
    if rows.is_empty() {
        return Err("no row has such a name; --list prints them".into());
    }
    let peers = Peers::find(!options.no_build)?;
    let misses = if options.memory {
        memory::report(&peers, options)?
    } else {
        speed::report(&peers, options, &rows)?
    };
    Ok(if options.gate && misses > 0 {
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
