//! The driver of `statics`: the fixed pool beside the fixed pools of others.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use super::contest::{Common, Contestant, Discipline, Pick};
use super::peers::Peers;
use super::rounds::{Measured, measure, probes};
use super::table::Table;
use super::{cell, contest, ratio};
use crate::cores::Distance;
use crate::fixed::row::{ROWS, Row, TARGET};

/// What the command line of `statics` says.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "statics",
    about = "Our fixed pool beside those of heapless, atomic-pool and opool, row by row"
)]
pub struct Options {
    /// What all drivers are told.
    #[command(flatten)]
    pub common: Common,
}

/// A peer binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    Heapless,
    AtomicPool,
    Opool,
    /// `StaticPool` with 64 bytes for each block.
    Lines,
    /// `StaticPool`.
    Sydra,
}

const RIVALS: [Peer; 3] = [Peer::Heapless, Peer::AtomicPool, Peer::Opool];

impl Contestant for Peer {
    const ALL: &'static [Self] = &[
        Self::Heapless,
        Self::AtomicPool,
        Self::Opool,
        Self::Lines,
        Self::Sydra,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Heapless => "heapless",
            Self::AtomicPool => "atomic-pool",
            Self::Opool => "opool",
            Self::Lines => "sydra/64",
            Self::Sydra => "sydra",
        }
    }

    fn binary(self) -> &'static str {
        match self {
            Self::Heapless => "static_heapless",
            Self::AtomicPool => "static_atomic_pool",
            Self::Opool => "static_opool",
            Self::Lines => "static_sydra_lines",
            Self::Sydra => "static_sydra",
        }
    }
}

impl Discipline for Row {
    type Peer = Peer;
    const PICK: Pick = Pick::Together;
}

/// Does what the command line says.
///
/// # Errors
/// If a peer is missing, cannot be started or answers nonsense, or if no row has the name that was asked for.
pub fn run(options: &Options) -> Result<ExitCode, Box<dyn Error>> {
    let common = &options.common;
    let rows = common.choose(ROWS, Row::has_target);
    contest::<Row>("statics", common, &rows, |peers| {
        report(peers, common, &rows)
    })
}

/// Measures the rows, prints the table, returns the number of targets missed.
fn report(peers: &Peers<Peer>, common: &Common, rows: &[Row]) -> Result<usize, Box<dyn Error>> {
    let measured = measure(peers, common, rows)?;
    let mut misses = 0;
    let names = Peer::ALL.iter().map(|peer| peer.name());
    let mut table = Table::new(["row"].into_iter().chain(names).chain(["to the best"]));
    for one in &measured {
        for distance in one.distances() {
            table.push(line(one, distance, &mut misses));
        }
    }
    println!("Nanoseconds per pair. * is the best rival; ratio/target.\n\n{table}");
    for line in probes(&measured) {
        println!("{line}");
    }
    println!("\n{misses} targets missed");
    Ok(misses)
}

fn line(one: &Measured<Row>, distance: Option<Distance>, misses: &mut usize) -> Vec<String> {
    let time = |peer| one.of(peer).time(distance);
    let best = RIVALS.into_iter().filter_map(time).min_by(f64::total_cmp);
    let mut cells = vec![one.name(distance)];
    for peer in Peer::ALL {
        let is_best = RIVALS.contains(peer) && best.is_some() && time(*peer) == best;
        cells.push(cell(time(*peer)) + if is_best { "*" } else { "" });
    }
    let target = one.row.has_target().then_some(TARGET);
    cells.push(ratio(time(Peer::Sydra), best, target, misses));
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_is_judged_by_the_best_rival() {
        let mut one = Measured::new("pair/threads-1".parse().unwrap());
        let answers = ["ns 15", "ns 5", "ns 11", "ns 3.2", "ns 3"];
        for (peer, answer) in Peer::ALL.iter().zip(answers) {
            one.add(*peer, &answer.parse().unwrap());
        }
        let mut misses = 0;
        let cells = line(&one, None, &mut misses);
        assert_eq!((cells[2].as_str(), misses), ("5.00*", 0));
        assert_eq!(cells[6], "0.60/0.70 PASS");
    }
}
