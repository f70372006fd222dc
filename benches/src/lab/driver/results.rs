//! What all rounds together say: the figures of each row and contestant. This is what is printed, drawn, judged and written
//! to a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::stats::Estimate;
use crate::clock::median;
use crate::cores::{Distance, distance};
use crate::lab::contestant::Contestant;
use crate::lab::job::{Moment, Report, Sample, Tail};
use crate::lab::time::{Calibration, ENOUGH};
use crate::lab::workload::Row;

/// Number of the form in which results are written. It changes when a reader of the old form would misread the new one.
pub const SCHEMA: u32 = 1;

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// [`SCHEMA`].
    pub schema: u32,
    /// When the run began, in seconds since 1970.
    pub unix_seconds: u64,
    /// The command line.
    pub command: Vec<String>,
    /// The cargo profile of all that was measured.
    pub profile: String,
    /// Rounds.
    pub rounds: u32,
    /// Where it ran.
    pub machine: Machine,
    /// What was measured.
    pub rows: Vec<Measured>,
}

impl Results {
    /// When the run began, to the minute.
    pub fn date(&self) -> String {
        let second = i64::try_from(self.unix_seconds).unwrap_or(i64::MAX);
        match jiff::Timestamp::from_second(second) {
            Ok(moment) => moment.strftime("%Y-%m-%d %H:%M UTC").to_string(),
            Err(_) => "an unknown date".into(),
        }
    }
}

/// The machine, and how busy it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    pub processor: String,
    /// Cores that a process may use.
    pub cores: usize,
    /// The system's name.
    pub system: String,
    /// The clock.
    pub clock: Calibration,
    /// The load of the last minute, before and after.
    pub load: [f64; 2],
    /// The part of the time that the host gave to others meanwhile, 0 to 1.
    pub stolen: f64,
}

/// A row, at one distance of the cores if it has several threads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// What was done.
    pub row: Row,
    /// How far apart the two cores were, where that was probed.
    pub distance: Option<Distance>,
    /// Median round trip of a cache line in these samples, in nanoseconds.
    pub trip_ns: Option<f64>,
    /// Those who did it, in the order of the tables.
    pub contestants: Vec<Figures>,
}

impl Measured {
    /// The row's name, with the distance of the cores if it has one: what tells two of these apart.
    pub fn name(&self) -> String {
        match self.distance {
            Some(distance) => format!("{} {distance}", self.row),
            None => self.row.to_string(),
        }
    }

    /// Whether operations of its tails started when they were due.
    pub fn is_open_loop(&self) -> bool {
        let mut tails = self.contestants.iter().filter_map(|one| one.tail.as_ref());
        tails.any(|tail| tail.open_loop)
    }
}

/// What one contestant needed for a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    /// Who.
    pub contestant: Contestant,
    /// Its allocator by its own word.
    pub allocator: String,
    /// Nanoseconds an operation.
    pub ns: Option<Estimate>,
    /// The same in each round.
    pub ns_rounds: Vec<f64>,
    /// Single operations.
    pub tail: Option<Tails>,
    /// Memory.
    pub memory: Memory,
    /// Other figures: the median over the rounds.
    pub figures: BTreeMap<String, f64>,
}

/// Single operations, in nanoseconds. A figure that the clock cannot tell from nothing, or for which there are too few
/// operations, is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tails {
    /// Operations.
    pub count: u64,
    /// Half of them took no longer.
    pub p50: Option<f64>,
    /// The same for 95 %.
    pub p95: Option<f64>,
    /// The same for 99 %.
    pub p99: Option<f64>,
    /// The same for 99.9 %.
    pub p999: Option<f64>,
    /// The longest.
    pub max: Option<f64>,
    /// p99 of each round.
    pub p99_rounds: Option<Estimate>,
    /// p999 of each round.
    pub p999_rounds: Option<Estimate>,
    /// Whether operations started when they were due.
    pub open_loop: bool,
    /// For open loops: operations a second that were reached, and asked for; medians.
    pub rates: Option<[f64; 2]>,
    /// Page faults without a disk, for each million operations.
    pub faults_per_million: f64,
    /// Times a thread lost its core, for each million operations.
    pub switches_per_million: f64,
    /// The share of the operations at or below each time: what plots are drawn from.
    pub curve: Vec<(f64, f64)>,
}

/// Memory of one process over its time; medians over the rounds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// The most that was resident, in KiB.
    pub peak_rss_kib: Option<f64>,
    /// The most that was alive.
    pub peak_live_kib: Option<f64>,
    /// Peak resident over peak alive.
    pub blow_up: Option<f64>,
    /// What was resident at the end.
    pub end_rss_kib: Option<f64>,
    /// Growth over the last half, in KiB a second.
    pub slope_kib_s: Option<f64>,
    /// The largest distance from the mean over the last half, as a part of the mean.
    pub stability: Option<f64>,
    /// Committed over alive, mean of the last half; only ours says what is committed.
    pub fragmentation: Option<f64>,
    /// The first round's look at it: milliseconds, resident and alive in KiB.
    pub series: Vec<(f64, f64, f64)>,
}

/// The least part of the time that two threads have to be together for a sample to count.
const TOGETHER: f64 = 0.9;

/// All reports of a row.
#[derive(Debug, Clone)]
pub struct Collected {
    /// The row.
    pub row: Row,
    /// The reports of each contestant, one a round.
    pub reports: BTreeMap<Contestant, Vec<Report>>,
}

impl Collected {
    /// A row of which nothing is known.
    pub fn new(row: Row) -> Self {
        Self {
            row,
            reports: BTreeMap::new(),
        }
    }

    /// The figures: one entry for a row that was not probed, otherwise one for each distance that was seen.
    pub fn measured(&self, clock: &Calibration) -> Vec<Measured> {
        let samples = || {
            self.reports
                .values()
                .flatten()
                .flat_map(|report| &report.samples)
        };
        let probed = samples().any(|sample| sample.trips_ns.is_some());
        let distances = match probed {
            false => vec![None],
            true => [Distance::Near, Distance::Far].map(Some).into(),
        };
        let each = distances.into_iter().map(|wanted| Measured {
            row: self.row.clone(),
            distance: wanted,
            trip_ns: wanted.and_then(|_| {
                let alike = samples().filter(|sample| distance_of(sample) == wanted);
                median(
                    alike
                        .filter_map(|sample| sample.trips_ns)
                        .flatten()
                        .collect(),
                )
            }),
            contestants: self
                .reports
                .iter()
                .filter_map(|(&one, reports)| figures(&self.row, one, reports, wanted, clock))
                .collect(),
        });
        each.filter(|measured| !measured.contestants.is_empty())
            .collect()
    }
}

/// Where the cores were; none for a sample without probes.
fn distance_of(sample: &Sample) -> Option<Distance> {
    sample.trips_ns.map(distance)
}

/// One figure for a process: on one thread the fastest sample, for what disturbs makes it slower; on several the median of
/// those in which the first two had their cores, for a sample in which they did not meet is fast.
fn ns_of(row: &Row, report: &Report, wanted: Option<Distance>) -> Option<f64> {
    let alike = report
        .samples
        .iter()
        .filter(|sample| distance_of(sample) == wanted);
    let two = row.threads == 2;
    let alike = alike.filter(|sample| !two || sample.together.is_none_or(|part| part >= TOGETHER));
    let times = alike.map(|sample| sample.ns);
    if row.threads == 1 {
        times.min_by(f64::total_cmp)
    } else {
        median(times.collect())
    }
}

fn figures(
    row: &Row,
    contestant: Contestant,
    reports: &[Report],
    wanted: Option<Distance>,
    clock: &Calibration,
) -> Option<Figures> {
    let ns_rounds: Vec<f64> = reports
        .iter()
        .filter_map(|report| ns_of(row, report, wanted))
        .collect();
    // A tail or a series belongs to the distance at which all samples of its process were.
    let here = |report: &&Report| report.samples.iter().all(|one| distance_of(one) == wanted);
    let alike: Vec<&Report> = reports.iter().filter(here).collect();
    if ns_rounds.is_empty() && alike.is_empty() {
        return None;
    }
    // Memory and counts hardly depend on it: better from a process whose cores moved than from none.
    let touched = |report: &&Report| report.samples.iter().any(|one| distance_of(one) == wanted);
    let told: Vec<&Report> = match alike.is_empty() {
        true => reports.iter().filter(touched).collect(),
        false => alike.clone(),
    };
    let mut named: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (name, figure) in told.iter().flat_map(|report| &report.figures) {
        named.entry(name).or_default().push(*figure);
    }
    let named = named.into_iter();
    Some(Figures {
        contestant,
        allocator: reports.first()?.allocator.clone(),
        ns: Estimate::of(&ns_rounds),
        ns_rounds,
        tail: tails(&alike, clock),
        memory: memory(&told),
        figures: named
            .filter_map(|(name, all)| Some((name.to_string(), median(all)?)))
            .collect(),
    })
}

fn tails(reports: &[&Report], clock: &Calibration) -> Option<Tails> {
    let tails: Vec<&Tail> = reports
        .iter()
        .filter_map(|report| report.tail.as_ref())
        .collect();
    let all = Tail::histogram(tails.iter().copied());
    if all.is_empty() {
        return None;
    }
    let floor = clock.floor_ns();
    let told = |ns: f64| (ns >= floor).then_some(ns);
    let at = |times: &hdrhistogram::Histogram<u64>, quantile: f64| {
        enough(times.len(), quantile)
            .then(|| times.value_at_quantile(quantile) as f64)
            .and_then(told)
    };
    let each = |quantile| {
        let of_round = |tail: &&Tail| at(&Tail::histogram([*tail]), quantile);
        Estimate::of(&tails.iter().filter_map(of_round).collect::<Vec<_>>())
    };
    let per_million = |of: fn(&Tail) -> u64| {
        tails.iter().map(|tail| of(tail)).sum::<u64>() as f64 * 1e6 / all.len() as f64
    };
    let rate = |place: usize| {
        let rates = tails.iter().filter_map(|tail| tail.rates);
        median(rates.map(|rates| rates[place]).collect())
    };
    let mut curve: Vec<(f64, f64)> = Vec::new();
    for point in all.iter_quantiles(8) {
        let share = point.quantile_iterated_to();
        let ns = point.value_iterated_to() as f64;
        if curve.last().is_none_or(|last| last.1 < share) {
            curve.push((ns, share));
        }
    }
    Some(Tails {
        count: all.len(),
        p50: at(&all, 0.5),
        p95: at(&all, 0.95),
        p99: at(&all, 0.99),
        p999: at(&all, 0.999),
        max: told(all.max() as f64),
        p99_rounds: each(0.99),
        p999_rounds: each(0.999),
        open_loop: tails.iter().any(|tail| tail.open_loop),
        rates: rate(0)
            .zip(rate(1))
            .map(|(reached, asked)| [reached, asked]),
        faults_per_million: per_million(|tail| tail.minor_faults),
        switches_per_million: per_million(|tail| tail.involuntary_switches),
        curve,
    })
}

/// Whether a quantile can be read from so many operations: as many must lie beyond it as beyond a p999 of [`ENOUGH`].
pub(super) fn enough(operations: u64, quantile: f64) -> bool {
    (operations as f64 * (1.0 - quantile)).round() >= ENOUGH as f64 * 0.001
}

fn memory(reports: &[&Report]) -> Memory {
    let middle = |of: &dyn Fn(&Report) -> Option<f64>| {
        median(reports.iter().filter_map(|report| of(report)).collect())
    };
    let peak = |report: &Report| report.peak_rss_kib.map(|kib| kib as f64);
    let live = |report: &Report| report.peak_live_kib.map(|kib| kib as f64);
    Memory {
        peak_rss_kib: middle(&peak),
        peak_live_kib: middle(&live),
        blow_up: middle(&|report| Some(peak(report)? / live(report)?.max(1.0))),
        end_rss_kib: middle(&|report| Some(report.moments.last()?.rss_kib as f64)),
        slope_kib_s: middle(&|report| slope(last_half(report))),
        stability: middle(&|report| stability(last_half(report))),
        fragmentation: middle(&|report| fragmentation(last_half(report))),
        series: reports.first().map_or(Vec::new(), |report| {
            let moments = report.moments.iter();
            moments
                .map(|one| (one.ms, one.rss_kib as f64, one.live_kib as f64))
                .collect()
        }),
    }
}

fn last_half(report: &Report) -> &[Moment] {
    &report.moments[report.moments.len() / 2..]
}

/// Growth by least squares, in KiB a second.
fn slope(moments: &[Moment]) -> Option<f64> {
    if moments.len() < 3 {
        return None;
    }
    let count = moments.len() as f64;
    let mean_s = moments.iter().map(|one| one.ms / 1000.0).sum::<f64>() / count;
    let mean_kib = moments.iter().map(|one| one.rss_kib as f64).sum::<f64>() / count;
    let (mut across, mut along) = (0.0, 0.0);
    for one in moments {
        let from_mean = one.ms / 1000.0 - mean_s;
        across += from_mean * (one.rss_kib as f64 - mean_kib);
        along += from_mean * from_mean;
    }
    (along > 0.0).then(|| across / along)
}

/// The largest distance from the mean, as a part of the mean.
fn stability(moments: &[Moment]) -> Option<f64> {
    if moments.len() < 3 {
        return None;
    }
    let all = || moments.iter().map(|one| one.rss_kib as f64);
    let mean = all().sum::<f64>() / moments.len() as f64;
    let farthest = all().map(|kib| (kib - mean).abs()).fold(0.0, f64::max);
    (mean > 0.0).then(|| farthest / mean)
}

/// Of the sums: a moment at which little is alive weighs little.
fn fragmentation(moments: &[Moment]) -> Option<f64> {
    let told = moments
        .iter()
        .filter_map(|one| Some((one.committed_kib?, one.live_kib)));
    let (committed, live) = told.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    (live > 0).then(|| committed as f64 / live as f64)
}

#[cfg(test)]
mod tests;
