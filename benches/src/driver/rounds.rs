//! Interleaved rounds: every row by every peer, again and again, and what came out.

use std::error::Error;
use std::time::Instant;

use super::peers::{ALL, Answer, Peer, Peers};
use super::{Options, progress};
use crate::clock::median;
use crate::handoff::Distance;
use crate::row::{Row, Shape};

/// What was measured for one row and one peer, over all rounds.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// The fastest sample of each process.
    ns: Vec<f64>,
    /// For two threads: the fastest sample of each process at each distance of the cores.
    apart: Vec<(Distance, f64)>,
    /// For two threads: the distance and the round trips of each sample.
    pub(super) probes: Vec<(Distance, [f64; 2])>,
    /// Peak of resident memory of each process, in KiB.
    pub(super) rss: Vec<f64>,
}

impl Figures {
    pub(super) fn add(&mut self, answer: &Answer) {
        self.ns.extend(answer.number::<f64>("ns", 0));
        self.rss.extend(answer.number::<f64>("rss", 0));
        for wanted in [Distance::Near, Distance::Far] {
            let alike = answer
                .samples()
                .filter(|(distance, ..)| *distance == wanted);
            self.apart.extend(
                alike
                    .min_by(|one, other| one.1.total_cmp(&other.1))
                    .map(|(_, ns, _)| (wanted, ns)),
            );
        }
        self.probes.extend(
            answer
                .samples()
                .map(|(distance, _, probes)| (distance, probes)),
        );
    }

    /// The median time over processes; with a distance, of the samples taken at that distance.
    pub(super) fn time(&self, distance: Option<Distance>) -> Option<f64> {
        match distance {
            None => median(self.ns.clone()),
            Some(wanted) => {
                let alike = self
                    .apart
                    .iter()
                    .filter(|(distance, _)| *distance == wanted);
                median(alike.map(|(_, ns)| *ns).collect())
            }
        }
    }
}

/// A row with the figures of all peers, in the order of [`ALL`].
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) row: Row,
    pub(super) figures: [Figures; ALL.len()],
}

impl Measured {
    pub(super) fn of(&self, peer: Peer) -> &Figures {
        let place = ALL.iter().position(|one| *one == peer);
        &self.figures[place.expect("every peer is in the list")]
    }
}

pub(super) fn measure(
    peers: &Peers,
    options: &Options,
    rows: &[Row],
) -> Result<Vec<Measured>, Box<dyn Error>> {
    let rounds = options
        .rounds
        .unwrap_or(if options.quick { 3 } else { 7 })
        .max(1);
    let (samples, microseconds) = if options.quick {
        ("4", "1000")
    } else {
        ("8", "2000")
    };
    let blank = |row: &Row| Measured {
        row: *row,
        figures: Default::default(),
    };
    let mut measured: Vec<Measured> = rows.iter().map(blank).collect();
    let (start, load) = (Instant::now(), load_average());
    for round in 0..rounds as usize {
        for Measured { row, figures } in &mut measured {
            let name = row.to_string();
            progress(&format!(
                "round {} of {rounds}, {name}, {} s",
                round + 1,
                start.elapsed().as_secs()
            ));
            for turn in 0..ALL.len() {
                // Another one begins each round, so that nobody always follows the same neighbour.
                let place = (turn + round) % ALL.len();
                if applies(ALL[place], *row) {
                    figures[place]
                        .add(&peers.ask(ALL[place], &["row", &name, samples, microseconds])?);
                }
            }
        }
    }
    progress("");
    let seconds = start.elapsed().as_secs();
    println!(
        "{rounds} rounds, {samples} samples a process, {seconds} s; load {load} before, {} after\n",
        load_average()
    );
    Ok(measured)
}

/// How busy the machine was in the last minute. Above 1 on two cores, do not believe rows of two threads.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").into()
}

/// A document is parsed by the global allocator only.
pub(super) fn applies(peer: Peer, row: Row) -> bool {
    row.shape != Shape::Json || !matches!(peer, Peer::None | Peer::Typed)
}
