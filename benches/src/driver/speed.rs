//! The table of times: medians over rounds, ratios to the best rival, peaks of resident memory.

use std::error::Error;

use super::contest::{Common, Contestant, Discipline, Pick};
use super::peers::{Peer, Peers, RIVALS};
use super::rounds::{Measured, measure, probes};
use super::table::Table;
use super::{cell, ratio};
use crate::clock::median;
use crate::cores::Distance;
use crate::row::{MEMORY_TARGET, Row, SIZES, Shape, Touch};

impl Discipline for Row {
    type Peer = Peer;
    const PICK: Pick = Pick::Fastest;

    /// A document is parsed by the global allocator only; maps need an allocator.
    fn is_for(self, peer: Peer) -> bool {
        match self.shape {
            Shape::Json => !matches!(peer, Peer::None | Peer::Typed),
            Shape::Maps(_) => peer != Peer::None,
            _ => true,
        }
    }
}

/// Measures the rows, prints the tables, returns the number of targets missed.
pub(super) fn report(
    peers: &Peers<Peer>,
    common: &Common,
    rows: &[Row],
) -> Result<usize, Box<dyn Error>> {
    let measured = measure(peers, common, rows)?;
    let mut misses = 0;
    println!(
        "Nanoseconds per allocation and free (json: per kilobyte; maps: per step). * is the best rival; ratio/target.\n"
    );
    print!("{}", times(&measured, &mut misses));
    let alone = alone(&measured);
    if !alone.is_empty() {
        println!("\nThe loop that only writes the value, without any allocator, in nanoseconds.\n");
        print!("{alone}");
    }
    println!(
        "\nPeak of resident memory in MiB, a process for each row; ratio to mimalloc's/target.\n"
    );
    print!("{}", peaks(&measured, &mut misses));
    for line in probes(&measured) {
        println!("{line}");
    }
    println!("\n{misses} targets missed");
    Ok(misses)
}

/// A table of the rivals and of our two doors.
fn empty() -> Table {
    let rivals = RIVALS.map(Peer::name);
    let headings = ["row"]
        .iter()
        .chain(&rivals)
        .chain(&["typed", "ratio", "global", "ratio"]);
    Table::new(headings.copied())
}

fn times(measured: &[Measured<Row>], misses: &mut usize) -> Table {
    let mut table = empty();
    for one in measured {
        for distance in one.distances() {
            table.push(line(one, distance, misses));
        }
    }
    table
}

fn line(one: &Measured<Row>, distance: Option<Distance>, misses: &mut usize) -> Vec<String> {
    let rivals = RIVALS.map(|peer| one.of(peer).time(distance));
    let best = rivals.iter().flatten().copied().min_by(f64::total_cmp);
    let mut cells = vec![one.name(distance)];
    for time in rivals {
        cells.push(
            cell(time)
                + if time.is_some() && time == best {
                    "*"
                } else {
                    ""
                },
        );
    }
    let targets = one.row.targets();
    for (peer, target) in [(Peer::Typed, targets.typed), (Peer::Global, targets.global)] {
        let time = one.of(peer).time(distance);
        cells.push(cell(time));
        cells.push(ratio(time, best, target, misses));
    }
    cells
}

/// One row for each shape and touch, a column for each size.
fn alone(measured: &[Measured<Row>]) -> Table {
    let sizes = SIZES.map(|bytes| format!("{bytes} bytes"));
    let mut table = Table::new(["loop".to_string()].into_iter().chain(sizes));
    let mut done: Vec<(Shape, Touch)> = Vec::new();
    for one in measured {
        let key = (one.row.shape, one.row.touch);
        if done.contains(&key) || !one.row.is_for(Peer::None) {
            continue;
        }
        done.push(key);
        let mut cells = vec![format!("{}, {:?}", key.0, key.1).to_lowercase()];
        for bytes in SIZES {
            let same = |other: &&Measured<Row>| {
                (other.row.shape, other.row.touch, other.row.bytes) == (key.0, key.1, bytes)
            };
            let found = measured.iter().find(same).map(|one| one.of(Peer::None));
            let time = found.and_then(|figures| {
                figures
                    .time(None)
                    .or(figures.time(Some(Distance::Near)))
                    .or(figures.time(Some(Distance::Far)))
            });
            cells.push(cell(time));
        }
        table.push(cells);
    }
    table
}

fn peaks(measured: &[Measured<Row>], misses: &mut usize) -> Table {
    let mut table = empty();
    for one in measured {
        let mib = |peer| median(one.of(peer).rss.clone()).map(|kib| kib / 1024.0);
        let mut cells = vec![one.row.to_string()];
        cells.extend(RIVALS.map(|peer| cell(mib(peer))));
        for peer in [Peer::Typed, Peer::Global] {
            cells.push(cell(mib(peer)));
            cells.push(ratio(
                mib(peer),
                mib(Peer::Mimalloc),
                Some(MEMORY_TARGET),
                misses,
            ));
        }
        table.push(cells);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(name: &str, times: [&str; Peer::ALL.len()]) -> Measured<Row> {
        let mut one = Measured::new(name.parse().unwrap());
        for (peer, text) in Peer::ALL.iter().zip(times) {
            one.add(*peer, &text.parse().unwrap());
        }
        one
    }

    #[test]
    fn the_ratio_is_to_the_best_rival() {
        let times = ["ns 1", "ns 8", "ns 4", "ns 3", "ns 5", "ns 1.5", "ns 2.4"];
        let mut misses = 0;
        let cells = line(&measured("pair/48/word", times), None, &mut misses);
        assert_eq!(cells[3], "3.00*");
        assert_eq!(cells[6], "0.50/0.55 PASS");
        assert_eq!(cells[8], "0.80/0.65 MISS");
        assert_eq!(misses, 1);
    }

    #[test]
    fn samples_are_compared_with_samples_of_the_same_distance() {
        let near = "sample near 6 60 60 1";
        let both = "sample near 7 60 60 1\nsample near 6 60 60 1\nsample far 30 340 340 1\nsample mixed 1 60 340 1";
        let mut misses = 0;
        let one = measured(
            "handoff/48/word",
            [near, both, both, both, both, both, near],
        );
        assert_eq!(
            line(&one, Some(Distance::Near), &mut misses)[6],
            "1.00/1.05 PASS"
        );
        assert_eq!(line(&one, Some(Distance::Far), &mut misses)[8], "-");
        assert_eq!(misses, 0);
    }
}
