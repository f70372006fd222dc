//! The driver of `epochs`: what reclaiming costs with us, with crossbeam-epoch and with seize.

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use super::contest::{Common, Contestant, Discipline, Pick};
use super::peers::Peers;
use super::rounds::{Measured, measure, probes};
use super::table::Table;
use super::{cell, contest, ratio, verdict};
use crate::clock::median;
use crate::cores::Distance;
use crate::epoch::row::{LIMBO_TARGET, ROWS, Row, STORM_TARGET};

/// What the command line of `epochs` says.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "epochs",
    about = "What reclaiming costs with us, with crossbeam-epoch and with seize, row by row"
)]
pub struct Options {
    /// What both drivers are told.
    #[command(flatten)]
    pub common: Common,
}

/// A peer binary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// crossbeam-epoch on mimalloc.
    Crossbeam,
    /// seize on mimalloc.
    Seize,
    /// Typed pools and our epoch, in a program that leaves everything else to the system's allocator.
    Sydra,
}

const RIVALS: [Peer; 2] = [Peer::Crossbeam, Peer::Seize];

impl Contestant for Peer {
    const ALL: &'static [Self] = &[Self::Crossbeam, Self::Seize, Self::Sydra];

    fn name(self) -> &'static str {
        match self {
            Self::Crossbeam => "crossbeam",
            Self::Seize => "seize",
            Self::Sydra => "sydra",
        }
    }

    fn binary(self) -> &'static str {
        match self {
            Self::Crossbeam => "epoch_crossbeam",
            Self::Seize => "epoch_seize",
            Self::Sydra => "epoch_sydra",
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
    contest::<Row>("epochs", common, &rows, |peers| {
        report(peers, common, &rows)
    })
}

/// Measures the rows, prints the tables, returns the number of targets missed.
fn report(peers: &Peers<Peer>, common: &Common, rows: &[Row]) -> Result<usize, Box<dyn Error>> {
    let measured = measure(peers, common, rows)?;
    let mut misses = 0;
    let tables = [
        (
            "Nanoseconds per operation. * is the best rival; ratio/target.",
            times(&measured, &mut misses),
        ),
        (
            "Memory of two threads that retire at full speed: peak resident, MiB; ratio/target.",
            storm(&measured, &mut misses),
        ),
        (
            "Bytes that an object in limbo takes besides itself; bytes/target.",
            limbo(&measured, &mut misses),
        ),
    ];
    for (title, table) in tables.iter().filter(|(_, table)| !table.is_empty()) {
        println!("{title}\n\n{table}");
    }
    for line in probes(&measured) {
        println!("{line}");
    }
    println!("\n{misses} targets missed");
    Ok(misses)
}

/// The table with ours in the last columns and its ratio to each rival.
fn table() -> Table {
    let names = Peer::ALL.iter().map(|peer| peer.name());
    let ratios = ["to crossbeam", "to seize"];
    Table::new(["row"].into_iter().chain(names).chain(ratios))
}

fn times(measured: &[Measured<Row>], misses: &mut usize) -> Table {
    let mut table = table();
    for one in measured {
        for distance in one.distances() {
            table.push(line(one, distance, misses));
        }
    }
    table
}

fn line(one: &Measured<Row>, distance: Option<Distance>, misses: &mut usize) -> Vec<String> {
    let time = |peer| one.of(peer).time(distance);
    let best = RIVALS.into_iter().filter_map(time).min_by(f64::total_cmp);
    let mut cells = vec![one.name(distance)];
    for peer in RIVALS {
        let star = match time(peer) {
            None => "",
            figure if figure == best => "*",
            _ => "",
        };
        cells.push(cell(time(peer)) + star);
    }
    let ours = time(Peer::Sydra);
    cells.push(cell(ours));
    let targets = one.row.targets();
    let enough = ours.is_some_and(|ours| targets.enough.is_some_and(|enough| ours <= enough));
    for (peer, target) in RIVALS.into_iter().zip([targets.crossbeam, targets.seize]) {
        let mut missed = 0;
        let mut text = ratio(ours, time(peer), target, &mut missed);
        if missed > 0 && enough {
            (text, missed) = (text.replace("MISS", "PASS"), 0);
        }
        *misses += missed;
        cells.push(text);
    }
    cells
}

/// One line for each row that tells of resident memory.
fn storm(measured: &[Measured<Row>], misses: &mut usize) -> Table {
    let mut table = table();
    for one in measured.iter().filter(|one| one.row == Row::Storm) {
        let mib = |peer| median(one.of(peer).rss.clone()).map(|kib| kib / 1024.0);
        let mut cells = vec![one.name(None)];
        cells.extend(Peer::ALL.iter().map(|peer| cell(mib(*peer))));
        for (peer, target) in RIVALS.into_iter().zip([Some(STORM_TARGET), None]) {
            cells.push(ratio(mib(Peer::Sydra), mib(peer), target, misses));
        }
        table.push(cells);
    }
    table
}

/// What grew in resident memory, and what we count ourselves.
fn limbo(measured: &[Measured<Row>], misses: &mut usize) -> Table {
    let names = Peer::ALL.iter().map(|peer| peer.name());
    let mut table = Table::new(["counted by"].into_iter().chain(names).chain(["target"]));
    for one in measured.iter().filter(|one| one.row == Row::Limbo) {
        for (name, key) in [("resident memory", "bytes"), ("itself", "metadata")] {
            let told = |peer: Peer| one.of(peer).told(key);
            let mut cells = vec![name.to_string()];
            cells.extend(Peer::ALL.iter().map(|peer| cell(told(*peer))));
            cells.push(told(Peer::Sydra).map_or("-".into(), |bytes| {
                let (text, met) = verdict(bytes, LIMBO_TARGET);
                *misses += usize::from(!met);
                text
            }));
            table.push(cells);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(name: &str, answers: [&str; 3]) -> Measured<Row> {
        let mut one = Measured::new(name.parse().unwrap());
        for (peer, answer) in Peer::ALL.iter().zip(answers) {
            one.add(*peer, &answer.parse().unwrap());
        }
        one
    }

    #[test]
    fn each_rival_has_its_own_target() {
        let mut misses = 0;
        let one = measured("pin", ["ns 4", "ns 2", "ns 2.1"]);
        let cells = line(&one, None, &mut misses);
        assert_eq!(cells[2], "2.00*");
        assert_eq!(cells[4..], ["0.53/0.55 PASS", "1.05/1.00 MISS"]);
        assert_eq!(misses, 1);
    }

    #[test]
    fn a_nanosecond_is_enough_for_a_nested_pin() {
        let mut misses = 0;
        let quick = measured("pin-nested", ["ns 1.5", "ns 1.5", "ns 0.9"]);
        assert_eq!(line(&quick, None, &mut misses)[4], "0.60/0.50 PASS");
        assert_eq!(misses, 0);
        let slow = measured("pin-nested", ["ns 1.5", "ns 1.5", "ns 1.1"]);
        assert_eq!(line(&slow, None, &mut misses)[4], "0.73/0.50 MISS");
        assert_eq!(misses, 1);
    }

    #[test]
    fn two_threads_are_judged_by_the_middle_of_the_samples_that_they_did_together() {
        let far = "sample far 90 340 340 1\nsample far 10 340 340 1\nsample far 100 340 340 0.9";
        let ours = "sample far 80 340 340 1\nsample far 1 340 340 0.5\nsample near 1 60 60 1";
        let one = measured("stack/threads-2", [far, far, ours]);
        let mut misses = 0;
        let cells = line(&one, Some(Distance::Far), &mut misses);
        assert_eq!(cells[4], "0.89/1.00 PASS");
        assert_eq!(one.distances().len(), 2);
    }

    #[test]
    fn memory_is_judged() {
        let mut misses = 0;
        let one = measured(
            "storm",
            ["ns 1\nrss 2048", "ns 1\nrss 1024", "ns 1\nrss 1843"],
        );
        assert!(
            storm(&[one], &mut misses)
                .to_string()
                .contains("0.90/0.80 MISS")
        );
        let one = measured("limbo", ["bytes 42", "bytes 34", "bytes 8.5\nmetadata 8"]);
        let text = limbo(&[one], &mut misses).to_string();
        assert!(
            text.contains("8.50/8.00 MISS") && text.contains("8.00/8.00 PASS"),
            "{text}"
        );
        assert_eq!(misses, 2);
    }
}
