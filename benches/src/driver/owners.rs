//! The driver of `owners`: counting pointers and pooled futures against `std`'s on other allocators.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use super::contest::{Common, Contestant, Discipline, Pick};
use super::peers::Peers;
use super::rounds::{Measured, measure};
use super::table::Table;
use super::{cell, contest, ratio};
use crate::clock::median;
use crate::pointer::row::Row;

/// What the command line of `owners` says.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "owners",
    about = "Counting pointers and pooled futures against std's on other allocators, row by row"
)]
pub struct Options {
    /// What all drivers are told.
    #[command(flatten)]
    pub common: Common,
}

/// A peer binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    System,
    Mimalloc,
    Snmalloc,
    Jemalloc,
    /// Ours, with mimalloc for everything else.
    Sydra,
}

impl Contestant for Peer {
    const ALL: &'static [Self] = &[
        Self::System,
        Self::Mimalloc,
        Self::Snmalloc,
        Self::Jemalloc,
        Self::Sydra,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::System => "System",
            Self::Mimalloc => "mimalloc",
            Self::Snmalloc => "snmalloc",
            Self::Jemalloc => "jemalloc",
            Self::Sydra => "sydra",
        }
    }

    fn binary(self) -> &'static str {
        match self {
            Self::System => "owner_system",
            Self::Mimalloc => "owner_mimalloc",
            Self::Snmalloc => "owner_snmalloc",
            Self::Jemalloc => "owner_jemalloc",
            Self::Sydra => "owner_sydra",
        }
    }
}

impl Discipline for Row {
    type Peer = Peer;
    const PICK: Pick = Pick::Fastest;
}

/// Does what the command line says.
///
/// # Errors
/// If a peer is missing, cannot be started or answers nonsense, or if no row has the name that was asked for.
pub fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let common = &options.common;
    let rows = common.choose(Row::all(), |row| row.target().is_some());
    contest::<Row>("owners", common, &rows, |peers| {
        report(peers, common, &rows)
    })
}

/// Measures the rows, prints the tables, returns the number of targets missed.
fn report(peers: &Peers<Peer>, common: &Common, rows: &[Row]) -> Result<usize, Box<dyn Error>> {
    let measured = measure(peers, common, rows)?;
    let mut misses = 0;
    let times = table(&measured, Some(&mut misses), |one, peer| {
        one.of(peer).time(None)
    });
    println!("Nanoseconds per value, clone or future; ratio to mimalloc's/target.\n\n{times}");
    let futures = measured
        .into_iter()
        .filter(|one| matches!(one.row, Row::Tasks(_) | Row::Objects(_)));
    let futures: Vec<_> = futures.collect();
    if !futures.is_empty() {
        let mib =
            |one: &Measured<Row>, peer| median(one.of(peer).rss.clone()).map(|kib| kib / 1024.0);
        let peaks = table(&futures, None, mib);
        println!(
            "Peak of resident memory in MiB, a process for each row; ratio to mimalloc's.\n\n{peaks}"
        );
    }
    println!("{misses} targets missed");
    Ok(misses)
}

/// One line for each row. Targets are for times: a table of anything else has none to miss.
fn table(
    measured: &[Measured<Row>],
    mut misses: Option<&mut usize>,
    figure: impl Fn(&Measured<Row>, Peer) -> Option<f64>,
) -> Table {
    let names = Peer::ALL.iter().map(|peer| peer.name());
    let mut table = Table::new(["row"].into_iter().chain(names).chain(["ratio"]));
    for one in measured {
        let mut cells = vec![one.name(None)];
        cells.extend(Peer::ALL.iter().map(|peer| cell(figure(one, *peer))));
        let (ours, theirs) = (figure(one, Peer::Sydra), figure(one, Peer::Mimalloc));
        let target = one.row.target().filter(|_| misses.is_some());
        let mut unjudged = 0;
        let missed = misses.as_deref_mut().unwrap_or(&mut unjudged);
        cells.push(ratio(ours, theirs, target, missed));
        table.push(cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_is_to_mimalloc() {
        let mut one = Measured::new("arc-new/48".parse::<Row>().unwrap());
        let answers = ["ns 9", "ns 4", "ns 3", "ns 5", "ns 3"];
        for (peer, answer) in Peer::ALL.iter().zip(answers) {
            one.add(*peer, &answer.parse().unwrap());
        }
        let mut misses = 0;
        let text = table(&[one], Some(&mut misses), |one, peer| {
            one.of(peer).time(None)
        })
        .to_string();
        assert!(text.contains("0.75/0.60 MISS"), "{text}");
        assert_eq!(misses, 1);
    }
}
