//! Limits on results: read from a TOML file, held against what was measured.
//!
//! A limit that nothing was measured for fails: a gate must not pass by looking at nothing.

use std::error::Error;
use std::fmt;
use std::path::Path;

use serde::Deserialize;

use super::machine;
use super::results::{Figures, Measured, Results};
use crate::lab::contestant::Contestant;
use crate::lab::workload::{Row, Workload};

/// A file of limits.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gate {
    /// The limits.
    limit: Vec<Limit>,
}

/// One limit. Exactly one of `most` and `least` is given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Limit {
    /// What it is for, in the table of verdicts.
    name: String,
    /// A row, or a workload for all its rows.
    row: String,
    /// Who is held to it.
    contestant: Contestant,
    /// The figure: `ns`, `p50`, `p95`, `p99`, `p999`, `max`, one of `Memory`, or one of the report's by its name.
    figure: String,
    /// The figure is taken for each million of this one, usually `operations`.
    per_million: Option<String>,
    /// The figure is taken as a ratio to this contestant's.
    to: Option<Contestant>,
    /// The figure is taken as a ratio to the same one in the baseline.
    #[serde(default)]
    to_baseline: bool,
    /// The largest acceptable.
    most: Option<f64>,
    /// The smallest acceptable.
    least: Option<f64>,
}

/// What is said of a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was kept.
    Pass,
    /// It was not.
    Fail,
    /// It was not, but it is a time, and the machine was too noisy to judge times.
    Noisy,
    /// Nothing was measured that it is about.
    Missing,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Noisy => "too noisy",
            Self::Missing => "FAIL (nothing measured)",
        })
    }
}

/// A limit with what was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    /// The limit's name, and the row if it is about several.
    pub(super) name: String,
    /// What was measured.
    pub(super) found: Option<f64>,
    /// The limit, as it is printed.
    pub(super) limit: String,
    /// The verdict.
    pub(super) verdict: Verdict,
}

impl Gate {
    /// Reads a file of limits.
    ///
    /// # Errors
    /// If it cannot be read, is no such file, or has a limit that cannot be.
    pub(super) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let text = std::fs::read_to_string(path)
            .map_err(|trouble| format!("{}: {trouble}", path.display()))?;
        Self::parse(&text).map_err(|trouble| format!("{}: {trouble}", path.display()).into())
    }

    fn parse(text: &str) -> Result<Self, Box<dyn Error>> {
        let gate: Self = toml::from_str(text)?;
        for limit in &gate.limit {
            let name = &limit.name;
            if limit.most.is_some() == limit.least.is_some() {
                return Err(format!("limit {name:?}: either `most` or `least`").into());
            }
            let is_workload = Workload::ALL.iter().any(|one| one.name() == limit.row);
            if !is_workload && limit.row.parse::<Row>().is_err() {
                return Err(format!(
                    "limit {name:?}: no row or workload is called {:?}",
                    limit.row
                )
                .into());
            }
            if limit.to.is_some() && limit.to_baseline {
                return Err(format!("limit {name:?}: either `to` or `to-baseline`").into());
            }
        }
        Ok(gate)
    }

    /// Whether a limit needs a baseline.
    pub(super) fn needs_baseline(&self) -> bool {
        self.limit.iter().any(|limit| limit.to_baseline)
    }

    /// Holds the results against all limits.
    pub(super) fn judge(&self, results: &Results, baseline: Option<&Results>) -> Vec<Judged> {
        let noisy = !machine::noise(results).is_empty();
        let each = self.limit.iter();
        each.flat_map(|limit| limit.judge(results, baseline, noisy))
            .collect()
    }
}

impl Limit {
    fn is_about(&self, measured: &Measured) -> bool {
        let row = measured.row.to_string();
        row == self.row || measured.row.workload.name() == self.row
    }

    fn judge(&self, results: &Results, baseline: Option<&Results>, noisy: bool) -> Vec<Judged> {
        let rows = results
            .rows
            .iter()
            .filter(|measured| self.is_about(measured));
        let judged: Vec<Judged> = rows
            .filter_map(|measured| {
                let found = self.find(measured, baseline)?;
                let mut name = format!("{}: {}", self.name, measured.row);
                if let Some(distance) = measured.distance {
                    name += &format!(" {distance}");
                }
                name += &format!(", {}", self.contestant);
                Some(self.judged(name, Some(found), noisy))
            })
            .collect();
        if judged.is_empty() {
            return vec![self.judged(format!("{}: {}", self.name, self.row), None, noisy)];
        }
        judged
    }

    fn judged(&self, name: String, found: Option<f64>, noisy: bool) -> Judged {
        let (kept, limit) = match (self.most, self.least) {
            (Some(most), _) => (found.map(|found| found <= most), format!("<= {most}")),
            (_, Some(least)) => (found.map(|found| found >= least), format!(">= {least}")),
            (None, None) => unreachable!("`parse` refuses it"),
        };
        let verdict = match kept {
            None => Verdict::Missing,
            Some(true) => Verdict::Pass,
            Some(false) if noisy && is_time(&self.figure) => Verdict::Noisy,
            Some(false) => Verdict::Fail,
        };
        Judged {
            name,
            found,
            limit,
            verdict,
        }
    }

    /// The figure that the limit is about; `None` if it was not measured.
    fn find(&self, measured: &Measured, baseline: Option<&Results>) -> Option<f64> {
        let own = self.figure_of(of(measured, self.contestant)?)?;
        let other = match (self.to, self.to_baseline) {
            (Some(other), _) => self.figure_of(of(measured, other)?)?,
            (None, true) => {
                let same =
                    |old: &&Measured| old.row == measured.row && old.distance == measured.distance;
                let old = baseline?.rows.iter().find(same)?;
                self.figure_of(of(old, self.contestant)?)?
            }
            (None, false) => return Some(own),
        };
        (other != 0.0).then(|| own / other)
    }

    fn figure_of(&self, figures: &Figures) -> Option<f64> {
        let figure = figure(figures, &self.figure)?;
        match &self.per_million {
            None => Some(figure),
            Some(of) => {
                let of = self::figure(figures, of).filter(|of| *of > 0.0)?;
                Some(figure * 1e6 / of)
            }
        }
    }
}

fn of(measured: &Measured, contestant: Contestant) -> Option<&Figures> {
    measured
        .contestants
        .iter()
        .find(|one| one.contestant == contestant)
}

/// Names of figures that noise makes larger.
const TIMES: [&str; 6] = ["ns", "p50", "p95", "p99", "p999", "max"];

fn is_time(figure: &str) -> bool {
    TIMES.contains(&figure)
}

/// A figure by its name.
fn figure(figures: &Figures, name: &str) -> Option<f64> {
    let tail = figures.tail.as_ref();
    let memory = &figures.memory;
    match name {
        "ns" => figures.ns.map(|ns| ns.median),
        "p50" => tail?.p50,
        "p95" => tail?.p95,
        "p99" => tail?.p99,
        "p999" => tail?.p999,
        "max" => tail?.max,
        "faults_per_million" => Some(tail?.faults_per_million),
        "switches_per_million" => Some(tail?.switches_per_million),
        "peak_rss_kib" => memory.peak_rss_kib,
        "peak_live_kib" => memory.peak_live_kib,
        "end_rss_kib" => memory.end_rss_kib,
        "blow_up" => memory.blow_up,
        "slope_kib_s" => memory.slope_kib_s,
        "stability" => memory.stability,
        "fragmentation" => memory.fragmentation,
        other => figures.figures.get(other).copied(),
    }
}

/// The table of verdicts, a line each.
pub(super) fn text(judged: &[Judged]) -> String {
    let width = judged.iter().map(|one| one.name.len()).max().unwrap_or(0);
    let line = |one: &Judged| {
        let found = one.found.map_or("-".into(), |found| format!("{found:.3}"));
        format!(
            "{:width$}  {found:>14}  {:>14}  {}\n",
            one.name, one.limit, one.verdict
        )
    };
    judged.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::driver::results::{Machine, Memory, SCHEMA};
    use crate::lab::driver::stats::Estimate;
    use crate::lab::time::Calibration;

    fn results(load: f64, ns: f64, contentions: f64) -> Results {
        let of = |contestant, ns: f64| Figures {
            contestant,
            allocator: String::new(),
            ns: Estimate::of(&[ns]),
            ns_rounds: vec![ns],
            tail: None,
            memory: Memory::default(),
            figures: [
                ("operations".into(), 2e6),
                ("engine.lock_contentions".into(), contentions),
            ]
            .into(),
        };
        Results {
            schema: SCHEMA,
            unix_seconds: 0,
            command: vec![],
            profile: String::new(),
            rounds: 1,
            machine: Machine {
                processor: String::new(),
                cores: 2,
                system: String::new(),
                clock: Calibration {
                    step_ns: 10.0,
                    reading_ns: 20.0,
                },
                load: [load; 2],
                stolen: 0.0,
            },
            rows: vec![Measured {
                row: "larson/2t".parse().unwrap(),
                distance: None,
                trip_ns: None,
                contestants: vec![of(Contestant::Sharded, ns), of(Contestant::Mimalloc, 10.0)],
            }],
        }
    }

    fn verdicts(limit: &str, results: &Results) -> Vec<Verdict> {
        let text =
            format!("[[limit]]\nname = \"x\"\nrow = \"larson\"\ncontestant = \"sharded\"\n{limit}");
        let gate = Gate::parse(&text).unwrap();
        let judged = gate.judge(results, Some(&self::results(0.0, 10.0, 0.0)));
        judged.iter().map(|one| one.verdict).collect()
    }

    #[test]
    fn limits_are_kept_or_not() {
        let quiet = results(0.1, 9.0, 30.0);
        assert_eq!(
            verdicts("figure = \"ns\"\nmost = 9.0", &quiet),
            [Verdict::Pass]
        );
        assert_eq!(
            verdicts("figure = \"ns\"\nmost = 8.9", &quiet),
            [Verdict::Fail]
        );
        assert_eq!(
            verdicts("figure = \"ns\"\nleast = 9.1", &quiet),
            [Verdict::Fail]
        );
        assert_eq!(
            verdicts("figure = \"ns\"\nto = \"mimalloc\"\nmost = 0.9", &quiet),
            [Verdict::Pass]
        );
        assert_eq!(
            verdicts("figure = \"ns\"\nto-baseline = true\nmost = 0.89", &quiet),
            [Verdict::Fail]
        );
        let contention =
            "figure = \"engine.lock_contentions\"\nper-million = \"operations\"\nmost = ";
        assert_eq!(
            verdicts(&format!("{contention}15.0"), &quiet),
            [Verdict::Pass]
        );
        assert_eq!(
            verdicts(&format!("{contention}14.9"), &quiet),
            [Verdict::Fail]
        );
    }

    #[test]
    fn a_busy_machine_excuses_times_and_nothing_else() {
        let busy = results(3.0, 9.0, 30.0);
        assert_eq!(
            verdicts("figure = \"ns\"\nmost = 8.9", &busy),
            [Verdict::Noisy]
        );
        assert_eq!(
            verdicts("figure = \"ns\"\nmost = 9.1", &busy),
            [Verdict::Pass]
        );
        assert_eq!(
            verdicts("figure = \"engine.lock_contentions\"\nmost = 1", &busy),
            [Verdict::Fail]
        );
    }

    #[test]
    fn a_limit_on_nothing_fails() {
        let quiet = results(0.1, 9.0, 0.0);
        for limit in [
            "figure = \"p999\"\nmost = 1e9",
            "figure = \"engine.luck\"\nmost = 1e9",
            "figure = \"ns\"\nto = \"snmalloc\"\nmost = 1e9",
            // There was none to be 3 times as many as.
            "figure = \"engine.lock_contentions\"\nto = \"mimalloc\"\nmost = 3",
        ] {
            assert_eq!(verdicts(limit, &quiet), [Verdict::Missing], "{limit}");
        }
    }

    #[test]
    fn files_that_make_no_sense_are_refused() {
        let refused = |rest: &str| {
            let text = format!(
                "[[limit]]\nname = \"x\"\nrow = \"larson\"\ncontestant = \"sharded\"\nfigure = \"ns\"\n{rest}"
            );
            Gate::parse(&text).unwrap_err().to_string()
        };
        assert!(refused("").contains("either `most` or `least`"));
        assert!(refused("most = 1\nleast = 1").contains("either `most` or `least`"));
        assert!(refused("most = 1\nto = \"system\"\nto-baseline = true").contains("either `to`"));
        assert!(refused("mots = 1").contains("unknown field `mots`"));
        assert!(Gate::parse("").is_err());
        let elsewhere = "[[limit]]\nname = \"x\"\nrow = \"lars\"\ncontestant = \"sharded\"\nfigure = \"ns\"\nmost = 1";
        let refused = Gate::parse(elsewhere).unwrap_err().to_string();
        assert!(
            refused.contains("no row or workload is called \"lars\""),
            "{refused}"
        );
    }
}
