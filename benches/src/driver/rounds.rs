//! Interleaved rounds: every row by every peer, again and again, and what came out.

use std::error::Error;
use std::time::Instant;

use super::contest::{Common, Contestant, Discipline, Pick};
use super::peers::{Answer, Peers};
use super::progress;
use crate::clock::median;
use crate::cores::Distance;

/// What was measured for one row and one peer, over all rounds.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// The fastest sample of each process.
    ns: Vec<f64>,
    /// For two threads: the sample that stands for each process at each distance of the cores.
    apart: Vec<(Distance, f64)>,
    /// For two threads: the distance and the round trips of each sample.
    probes: Vec<(Distance, [f64; 2])>,
    /// Peak of resident memory of each process, in KiB.
    pub(super) rss: Vec<f64>,
    /// Other figures that a peer tells, by their key.
    told: Vec<(&'static str, f64)>,
}

/// The least part of the time that two threads have to be together, where that counts.
const TOGETHER: f64 = 0.9;

/// Keys of figures that only some rows have.
const TOLD: [&str; 2] = ["bytes", "metadata"];

impl Figures {
    pub(super) fn add(&mut self, answer: &Answer, pick: Pick) {
        self.ns.extend(answer.number::<f64>("ns", 0));
        self.rss.extend(answer.number::<f64>("rss", 0));
        for key in TOLD {
            self.told
                .extend(answer.number(key, 0).map(|figure| (key, figure)));
        }
        let samples = || {
            answer
                .samples()
                .filter(|sample| pick == Pick::Fastest || sample.together >= TOGETHER)
        };
        for wanted in [Distance::Near, Distance::Far] {
            let alike = samples().filter(|sample| sample.distance() == wanted);
            let times = alike.map(|sample| sample.ns);
            let picked = match pick {
                Pick::Fastest => times.min_by(f64::total_cmp),
                Pick::Together => median(times.collect()),
            };
            self.apart.extend(picked.map(|ns| (wanted, ns)));
        }
        self.probes
            .extend(samples().map(|sample| (sample.distance(), sample.probes_ns)));
    }

    /// The median over processes of another figure.
    pub(super) fn told(&self, key: &str) -> Option<f64> {
        let alike = self.told.iter().filter(|(known, _)| *known == key);
        median(alike.map(|(_, figure)| *figure).collect())
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

/// A row with the figures of all peers, in their order.
#[derive(Debug)]
pub(super) struct Measured<R> {
    pub(super) row: R,
    figures: Vec<Figures>,
}

impl<R: Discipline> Measured<R> {
    pub(super) fn new(row: R) -> Self {
        let figures = R::Peer::ALL.iter().map(|_| Figures::default());
        Self {
            row,
            figures: figures.collect(),
        }
    }

    /// Adds what a peer has said.
    pub(super) fn add(&mut self, peer: R::Peer, answer: &Answer) {
        self.figures[place(peer)].add(answer, R::PICK);
    }

    pub(super) fn of(&self, peer: R::Peer) -> &Figures {
        &self.figures[place(peer)]
    }

    /// The distances at which anybody was measured; none is what a row of one thread has.
    pub(super) fn distances(&self) -> Vec<Option<Distance>> {
        let at = |distance: &Option<Distance>| {
            let mut figures = self.figures.iter();
            figures.any(|figures| figures.time(*distance).is_some())
        };
        let mut distances = vec![None, Some(Distance::Near), Some(Distance::Far)];
        distances.retain(at);
        distances
    }

    /// The name of the row, with the distance if there is one.
    pub(super) fn name(&self, distance: Option<Distance>) -> String {
        match distance {
            None => self.row.to_string(),
            Some(distance) => format!("{} {distance}", self.row),
        }
    }
}

fn place<P: Contestant>(peer: P) -> usize {
    let place = P::ALL.iter().position(|one| *one == peer);
    place.expect("every peer is in the list")
}

pub(super) fn measure<R: Discipline>(
    peers: &Peers<R::Peer>,
    common: &Common,
    rows: &[R],
) -> Result<Vec<Measured<R>>, Box<dyn Error>> {
    let rounds = common
        .rounds
        .unwrap_or(if common.quick { 3 } else { 7 })
        .max(1);
    let (samples, microseconds) = if common.quick {
        ("4", "1000")
    } else {
        ("8", "2000")
    };
    let mut measured: Vec<Measured<R>> = rows.iter().copied().map(Measured::new).collect();
    let (start, load) = (Instant::now(), load_average());
    let all = R::Peer::ALL;
    for round in 0..rounds as usize {
        for one in &mut measured {
            let name = one.row.to_string();
            progress(&format!(
                "round {} of {rounds}, {name}, {} s",
                round + 1,
                start.elapsed().as_secs()
            ));
            for turn in 0..all.len() {
                // Another one begins each round, so that nobody always follows the same neighbour.
                let peer = all[(turn + round) % all.len()];
                if one.row.is_for(peer) {
                    one.add(
                        peer,
                        &peers.ask(peer, &["row", &name, samples, microseconds])?,
                    );
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

/// What the probes of the two-thread rows saw: the distance of the cores decides those rows.
pub(super) fn probes<R: Discipline>(measured: &[Measured<R>]) -> Vec<String> {
    let mut lines = Vec::new();
    let shared = |one: &&Measured<R>| one.figures.iter().any(|figures| !figures.probes.is_empty());
    for one in measured.iter().filter(shared) {
        let all = || one.figures.iter().flat_map(|figures| &figures.probes);
        let at = |wanted, place: usize| {
            let alike = all().filter(|(distance, _)| *distance == wanted);
            median(alike.map(|(_, trips)| trips[place]).collect())
                .map_or("-".into(), |ns| format!("{ns:.0}"))
        };
        let mut line = format!("{}: round trip of a cache line", one.row);
        for distance in [Distance::Near, Distance::Far] {
            line += &format!(" {distance} {}/{} ns,", at(distance, 0), at(distance, 1));
        }
        line += " samples near/far/mixed";
        for peer in R::Peer::ALL {
            let count = |wanted| {
                one.of(*peer)
                    .probes
                    .iter()
                    .filter(|(distance, _)| *distance == wanted)
                    .count()
            };
            let counts = [Distance::Near, Distance::Far, Distance::Mixed]
                .map(|distance| count(distance).to_string());
            line += &format!(" {} {}", peer.name(), counts.join("/"));
        }
        lines.push(line);
    }
    if !lines.is_empty() {
        lines.insert(
            0,
            "\nDistance of the two cores before/after each sample; mixed samples are left out.\n"
                .into(),
        );
    }
    lines
}

/// How busy the machine was in the last minute. Above 1 on two cores, do not believe rows of two threads.
fn load_average() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().next().unwrap_or("unknown").into()
}
