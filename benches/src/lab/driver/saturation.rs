//! The rates of open loops: parts of what the slowest contestant can sustain, so that the same is asked of all and nobody is
//! asked for more than possible.
//!
//! Before the rows, each contestant runs the workload in a closed loop, some rounds of it, interleaved. Of its rates the
//! lower quartile counts: on a busy machine some rounds showed rates that direct runs did not reach again, so a high one is none
//! to rely on. The slowest contestant's is what the rows' rates are parts of. A fault that is asked for is left out here: the rate is the healthy one.

use std::collections::BTreeMap;
use std::error::Error;

use super::options::Options;
use super::peers::Peers;
use crate::lab::contestant::Contestant;
use crate::lab::job::{Job, Report};
use crate::lab::workload::{Row, Workload};

/// What a variant asks for, as a part of the slowest contestant's rate.
fn part(row: &Row) -> Option<f64> {
    match (row.workload, row.variant) {
        (Workload::Ingest, "half") => Some(0.5),
        (Workload::Ingest, "most") => Some(0.8),
        _ => None,
    }
}

/// Rows that are told apart by their variant only are asked for parts of one rate.
type Key = (Workload, u32);

const fn key(row: &Row) -> Key {
    (row.workload, row.threads)
}

/// The least number of rounds, so that one that was disturbed is below the quartile.
const ROUNDS_LEAST: u32 = 5;

/// The least length of one, in seconds.
const SECONDS_LEAST: f64 = 0.3;

/// The lower quartile.
fn sustained(mut rates: Vec<f64>) -> Option<f64> {
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 4).copied()
}

/// Writes a second that each contestant can sustain.
#[derive(Debug, Default)]
pub(super) struct Rates(BTreeMap<Key, BTreeMap<Contestant, f64>>);

impl Rates {
    /// Measures them for the rows that need it; takes no time if none does.
    ///
    /// # Errors
    /// As [`Peers::ask`].
    pub(super) fn find(
        options: &Options,
        peers: &Peers,
        contestants: &[Contestant],
    ) -> Result<Self, Box<dyn Error>> {
        Self::found_by(options, contestants, |job| peers.ask(job))
    }

    fn found_by(
        options: &Options,
        contestants: &[Contestant],
        ask: impl Fn(&Job) -> Result<Option<Report>, Box<dyn Error>>,
    ) -> Result<Self, Box<dyn Error>> {
        let mut seen: BTreeMap<Key, BTreeMap<Contestant, Vec<f64>>> = BTreeMap::new();
        let needed = |row: &Row| part(row).is_some() && options.rate.is_none();
        for row in options.rows().into_iter().filter(needed) {
            if seen.contains_key(&key(&row)) {
                continue;
            }
            let rates = seen.entry(key(&row)).or_default();
            for _ in 0..options.rounds().max(ROUNDS_LEAST) {
                for &one in contestants.iter().filter(|one| row.workload.is_for(**one)) {
                    let job = options.job(row.clone(), one);
                    let job = Job {
                        seconds: job.seconds.max(SECONDS_LEAST),
                        rate: None,
                        inject: None,
                        tail: false,
                        ..job
                    };
                    let report = ask(&job)?;
                    let each = report.iter().flat_map(|report| &report.samples);
                    let each = each.map(|sample| 1e9 / sample.ns);
                    rates.entry(one).or_default().extend(each);
                }
            }
        }
        let quartile = |rates: BTreeMap<Contestant, Vec<f64>>| {
            let each = rates.into_iter();
            each.filter_map(|(one, rates)| Some((one, sustained(rates)?)))
                .collect()
        };
        Ok(Self(
            seen.into_iter()
                .map(|(key, rates)| (key, quartile(rates)))
                .collect(),
        ))
    }

    fn of(&self, row: &Row) -> Option<&BTreeMap<Contestant, f64>> {
        part(row).and_then(|_| self.0.get(&key(row)))
    }

    /// Sets the rate of a job that has none and needs one.
    pub(super) fn set(&self, job: &mut Job) {
        if let (None, Some(part), Some(rates)) = (job.rate, part(&job.row), self.of(&job.row)) {
            let slowest = rates.values().copied().fold(f64::INFINITY, f64::min);
            job.rate = slowest.is_finite().then_some(slowest * part);
        }
    }

    /// Adds what the contestant could sustain to its report.
    pub(super) fn tell(&self, job: &Job, report: &mut Report) {
        if let Some(rate) = self
            .of(&job.row)
            .and_then(|rates| rates.get(&job.contestant))
        {
            report.figures.insert("ingest.saturation".into(), *rate);
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::lab::job::{Inject, Sample};

    #[test]
    fn rates_are_parts_of_what_the_slowest_sustains() {
        let line = [
            "bench_alloc",
            "--workload",
            "ingest,stalled",
            "--inject",
            "leak",
            "--quick",
        ];
        let options = Options::parse_from(line);
        let asked = core::cell::Cell::new(0);
        let rates = Rates::found_by(
            &options,
            &[Contestant::Sharded, Contestant::System],
            |job| {
                assert_eq!((job.rate, job.inject), (None, None));
                assert_eq!(job.row.workload, Workload::Ingest);
                asked.set(asked.get() + 1);
                // One of five processes is disturbed, and one has luck.
                let ns = match job.contestant {
                    Contestant::Sharded => 400.0,
                    _ if asked.get() == 2 => 90_000.0,
                    _ if asked.get() == 4 => 100.0,
                    _ => 1000.0,
                };
                Ok(Some(Report {
                    samples: vec![Sample::unprobed(ns)],
                    ..Report::default()
                }))
            },
        )
        .unwrap();
        // Five rounds of two; both variants share them.
        assert_eq!(asked.get(), 10);
        for (row, rate) in [("ingest/half/4t", 5e5), ("ingest/most/4t", 8e5)] {
            let mut job = options.job(row.parse().unwrap(), Contestant::Sharded);
            rates.set(&mut job);
            assert!((job.rate.unwrap() / rate - 1.0).abs() < 1e-9);
            assert_eq!(job.inject, Some(Inject::Leak));
            let mut report = Report::default();
            rates.tell(&job, &mut report);
            assert!((report.figures["ingest.saturation"] - 2.5e6).abs() < 1.0);
        }
        let mut other = options.job("stalled/2t".parse().unwrap(), Contestant::Sharded);
        rates.set(&mut other);
        assert_eq!(other.rate, None);
    }
}
