//! The tables of a page, as Markdown.

use std::fmt::Write;

use super::super::results::{Measured, Results};
use super::super::standing::{OURS, standings, untimed};
use super::super::table::matrix::{Place, matrices};
use super::super::table::{self, Grid, block, summary};
use super::super::told;
use crate::clock::median;
use crate::cores::Distance;
use crate::lab::workload::Group;

/// Stands where nothing was measured: an old table must not be taken for one of this run.
const NOTHING: &str = "Not measured in this run.";

/// When, where, how, with which allocators, and how far apart the cores were.
pub(super) fn run(results: &Results) -> String {
    let mut text = format!("```text\n{}```\n", table::head(results));
    let distances = [Distance::Near, Distance::Far].map(|wanted| {
        let rows = || {
            results
                .rows
                .iter()
                .filter(|row| row.distance == Some(wanted))
        };
        let trip = median(rows().filter_map(|row| row.trip_ns).collect())?;
        Some(format!(
            "{wanted} in {} rows (a cache line's round trip: {trip:.0} ns in the median)",
            rows().count()
        ))
    });
    let distances: Vec<String> = distances.into_iter().flatten().collect();
    if !distances.is_empty() {
        let _ = write!(
            text,
            "\nThe cores of rows of several threads were {}.\n",
            distances.join(", ")
        );
    }
    text
}

/// Geometric means, and rows that are in none.
pub(super) fn standing(results: &Results) -> String {
    let standings = standings(results);
    if standings.is_empty() {
        return NOTHING.into();
    }
    let mut text = summary::grid(&standings).markdown();
    for ours in OURS {
        let of_group = |group| untimed(results, group, ours);
        let rows: Vec<String> = Group::ALL.into_iter().flat_map(of_group).collect();
        if !rows.is_empty() {
            let _ = write!(
                text,
                "\nIn no mean, because no sample of `{ours}` counts there: {}.\n",
                rows.join(", ")
            );
        }
    }
    text
}

/// Every row in which a rival is ahead, with its factor.
pub(super) fn behind(results: &Results) -> String {
    let standings = standings(results);
    if standings.is_empty() {
        return NOTHING.into();
    }
    let mut grid = Grid::new(&["", "", "", "", "ours to theirs"]);
    for standing in &standings {
        for row in &standing.behind {
            grid.push(vec![
                row.row.clone(),
                standing.figure.name().into(),
                standing.ours.to_string(),
                row.rival.to_string(),
                format!("{:.2}", row.ratio),
            ]);
        }
    }
    if grid.is_empty() {
        return "No rival is ahead in any row.".into();
    }
    let heads = "| row | figure | ours | best rival | ours to theirs |\n";
    let markdown = grid.markdown();
    format!(
        "{heads}{}",
        markdown.split_once('\n').map_or("", |parts| parts.1)
    )
}

/// A group's matrices; tails where loops are open, memory where it is the matter, and what else its loads tell.
pub(super) fn group(results: &Results, group: Group) -> String {
    let of_group = |row: &&Measured| row.row.workload.about().group == group;
    let rows: Vec<&Measured> = results.rows.iter().filter(of_group).collect();
    if rows.is_empty() {
        return NOTHING.into();
    }
    let mut text = String::new();
    for matrix in matrices(&rows, |figure| figure.is_told_of(group), cell) {
        let _ = write!(
            text,
            "\n{}\n\n{}",
            capital(&matrix.title),
            matrix.grid.markdown()
        );
    }
    for row in rows {
        let times = row
            .is_open_loop()
            .then(|| block::times(row, &results.machine.clock));
        let tables: Vec<Grid> = [times, block::memory(row), told::grid(row)]
            .into_iter()
            .flatten()
            .collect();
        if !tables.is_empty() {
            let _ = write!(text, "\n**{}**\n", block::title(row));
        }
        for table in tables {
            let _ = write!(text, "\n{}", table.markdown());
        }
    }
    text
}

fn cell(text: String, place: Place) -> String {
    match place {
        Place::Least => format!("**{text}**"),
        Place::Level => format!("{text} ~"),
        Place::Larger => text,
    }
}

/// A title in bold, with a capital.
fn capital(title: &str) -> String {
    let mut letters = title.chars();
    let first = letters.next().map(|one| one.to_uppercase().to_string());
    format!("**{}{}**", first.unwrap_or_default(), letters.as_str())
}
