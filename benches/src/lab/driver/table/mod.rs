//! The tables that a person reads: a block for each row, or for many rows a matrix for each group; then where ours stand.

pub(super) mod block;
mod grid;
pub(super) mod matrix;
pub(super) mod summary;

use std::collections::BTreeMap;
use std::fmt::Write;

pub(super) use grid::Grid;

use super::results::{Measured, Results};
use super::{machine, told};
use crate::lab::contestant::Contestant;
use crate::lab::workload::Group;

/// With more rows than this a block for each is longer than anybody reads.
pub(super) const MANY_ROWS: usize = 8;

/// Everything that is printed about a run; with `full`, a block for each row however many there are.
pub(super) fn text(results: &Results, full: bool) -> String {
    let mut text = head(results);
    let clock = &results.machine.clock;
    if full || results.rows.len() <= MANY_ROWS {
        for row in &results.rows {
            text.push('\n');
            text.push_str(&block::text(row, clock));
            if let Some(told) = told::grid(row) {
                let _ = writeln!(text, "{}", told.text());
            }
        }
    }
    for group in Group::ALL {
        let of_group = |row: &&Measured| row.row.workload.about().group == group;
        let rows: Vec<&Measured> = results.rows.iter().filter(of_group).collect();
        if rows.len() > 1 {
            text.push_str(&matrix::text(group, &rows));
        }
    }
    text.push_str(&summary::text(results));
    text
}

/// When, where, how and with which allocators it was measured, and what speaks against it.
pub(super) fn head(results: &Results) -> String {
    let machine = &results.machine;
    let clock = &machine.clock;
    let mut text = format!(
        "{}, {}, {} cores, {}; profile {}, {} rounds\n",
        results.date(),
        machine.processor,
        machine.cores,
        machine.system,
        results.profile,
        results.rounds,
    );
    let _ = writeln!(
        text,
        "the clock steps by {:.0} ns, a reading costs {:.0} ns: single operations below {:.0} ns are not told apart",
        clock.step_ns,
        clock.reading_ns,
        clock.floor_ns(),
    );
    let _ = writeln!(
        text,
        "load {:.2} before, {:.2} after; {:.1} % stolen by the host",
        machine.load[0],
        machine.load[1],
        machine.stolen * 100.0,
    );
    if !results.command.is_empty() {
        let _ = writeln!(text, "bench_alloc {}", results.command.join(" "));
    }
    let mut allocators: BTreeMap<&str, Vec<Contestant>> = BTreeMap::new();
    for one in results.rows.iter().flat_map(|row| &row.contestants) {
        let who = allocators.entry(&one.allocator).or_default();
        if !who.contains(&one.contestant) {
            who.push(one.contestant);
        }
    }
    for (allocator, who) in allocators {
        let who: Vec<String> = who.iter().map(Contestant::to_string).collect();
        let _ = writeln!(text, "  {allocator}: {}", who.join(", "));
    }
    for reason in machine::noise(results) {
        let _ = writeln!(text, "WARNING: too noisy to judge times: {reason}");
    }
    text
}

/// A time of the body, with as many digits as an interval can bear.
fn short(ns: f64) -> String {
    match ns {
        ns if ns < 10.0 => format!("{ns:.2}"),
        ns if ns < 100.0 => format!("{ns:.1}"),
        ns => long(ns),
    }
}

/// A time of single operations, in nanoseconds or in a unit that is said.
fn long(ns: f64) -> String {
    match ns {
        ns if ns < 1e5 => format!("{ns:.0}"),
        ns if ns < 1e7 => format!("{:.0} µs", ns / 1e3),
        ns if ns < 1e10 => format!("{:.0} ms", ns / 1e6),
        ns => format!("{:.0} s", ns / 1e9),
    }
}

/// KiB as MiB.
fn mib(kib: f64) -> String {
    let mib = kib / 1024.0;
    match mib {
        mib if mib < 100.0 => format!("{mib:.1}"),
        mib => format!("{mib:.0}"),
    }
}

/// A figure's text; nothing without a figure.
fn cell(figure: Option<f64>, text: impl Fn(f64) -> String) -> String {
    figure.map_or(String::new(), text)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn few_rows_are_blocks_and_many_are_a_matrix() {
        let few = fixture::results(20);
        let text_of_few = text(&few, false);
        for row in &few.rows {
            assert!(
                text_of_few.contains(&format!("\n{}", row.name())),
                "{text_of_few}"
            );
        }
        let rows = few.rows.iter().cycle().take(2 * few.rows.len()).cloned();
        let many = Results {
            rows: rows.collect(),
            ..few
        };
        assert!(!text(&many, false).contains("95 % interval"));
        assert!(text(&many, true).contains("95 % interval"));
    }

    #[test]
    fn the_head_says_when_where_and_who() {
        let head = head(&fixture::results(20));
        for part in [
            "2026-05-28 20:26 UTC",
            "Example CPU",
            "7 rounds",
            "below 60 ns",
            "mimalloc 1.0: mimalloc",
        ] {
            assert!(head.contains(part), "{part}:\n{head}");
        }
    }

    #[test]
    fn units_are_said_where_they_are_not_nanoseconds() {
        assert_eq!(
            [1.0, 99.94, 1e5 - 1.0].map(short),
            ["1.00", "99.9", "99999"]
        );
        assert_eq!([1.6e5, 2e7, 3e10].map(long), ["160 µs", "20 ms", "30 s"]);
    }
}
