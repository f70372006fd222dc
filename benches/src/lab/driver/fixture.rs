//! Results that were never measured, for tests of what is made of results. The figures are round and the same each time.

use std::collections::BTreeMap;

use super::results::{Figures, Machine, Measured, Memory, Results, SCHEMA, Tails};
use super::stats::Estimate;
use crate::cores::Distance;
use crate::lab::contestant::{Contestant, Kind};
use crate::lab::time::Calibration;

/// A run with a row of each sort: closed loops on one thread and on two, an open loop, memory over time. Curves and series
/// have so many points.
pub(super) fn results(points: usize) -> Results {
    Results {
        schema: SCHEMA,
        unix_seconds: 1_780_000_000,
        command: vec!["--allocator".into(), "all".into()],
        profile: "bench-lto".into(),
        rounds: 7,
        machine: Machine {
            processor: "Example CPU @ 3.00GHz".into(),
            cores: 2,
            system: "linux 6.1".into(),
            clock: Calibration {
                step_ns: 10.0,
                reading_ns: 20.0,
            },
            load: [0.25, 1.5],
            stolen: 0.004,
        },
        rows: vec![
            row("pair/node", timed(2.0)),
            row("types/mix", timed(3.0)),
            Measured {
                distance: Some(Distance::Near),
                trip_ns: Some(62.0),
                ..row("larson/2t", timed(20.0))
            },
            row("ingest/half/4t", tailed(points, true)),
            row("json", tailed(points, false)),
            row("churn", remembered(points)),
        ],
    }
}

/// A row on one thread or at no known distance.
pub(super) fn row(name: &str, contestants: impl IntoIterator<Item = Figures>) -> Measured {
    Measured {
        row: name.parse().expect("a row's name"),
        distance: None,
        trip_ns: None,
        contestants: contestants.into_iter().collect(),
    }
}

/// A contestant of whom nothing is known.
pub(super) fn figures(contestant: Contestant) -> Figures {
    Figures {
        contestant,
        allocator: format!("{contestant} 1.0"),
        ns: None,
        ns_rounds: Vec::new(),
        tail: None,
        memory: Memory::default(),
        figures: BTreeMap::new(),
    }
}

/// Allocators, and where each has its place: ours first, but for `buckets`.
const ALLOCATORS: [(Contestant, f64); 6] = [
    (Contestant::Sharded, 1.0),
    (Contestant::Buckets, 4.0),
    (Contestant::System, 3.0),
    (Contestant::Mimalloc, 1.5),
    (Contestant::Snmalloc, 1.25),
    (Contestant::Jemalloc, 2.0),
];

fn estimate(median: f64) -> Estimate {
    Estimate {
        median,
        low: median * 0.9375,
        high: median * 1.0625,
    }
}

/// Everybody at a multiple of `unit` nanoseconds.
fn timed(unit: f64) -> impl Iterator<Item = Figures> {
    let pools = [(Contestant::Typed, 0.5), (Contestant::Slab, 0.75)];
    pools
        .into_iter()
        .chain(ALLOCATORS)
        .map(move |(who, factor)| {
            let ns = unit * factor;
            Figures {
                ns: Some(estimate(ns)),
                ns_rounds: vec![ns * 0.9375, ns, ns * 1.0625],
                memory: Memory {
                    peak_rss_kib: Some(2048.0 * factor),
                    ..Memory::default()
                },
                ..figures(who)
            }
        })
}

/// The same with tails.
fn tailed(points: usize, open_loop: bool) -> impl Iterator<Item = Figures> {
    timed(400.0)
        .filter(|one| one.contestant.kind() == Kind::Allocator)
        .map(move |mut one| {
            let ns = one.ns.take().expect("it was timed").median;
            // A knee at 99 %, as a lock or a refill makes it.
            let at = |quantile: f64| {
                let nines = -(1.0 - quantile).log10();
                (ns * (1.0 + nines + 4.0 * (nines - 2.0).max(0.0).powi(2))).round()
            };
            let share = |place: usize| {
                let left = 10_f64.powf(-5.0 * place as f64 / (points - 1) as f64);
                (1e7 - (left * 1e7).round()) / 1e7
            };
            one.tail = Some(Tails {
                count: 2_000_000,
                p50: Some(at(0.5)),
                p95: Some(at(0.95)),
                p99: Some(at(0.99)),
                p999: Some(at(0.999)),
                max: Some(at(0.999_999)),
                p99_rounds: Some(estimate(at(0.99))),
                p999_rounds: Some(estimate(at(0.999))),
                open_loop,
                rates: open_loop.then_some([99_980.0, 100_000.0]),
                faults_per_million: 12.5,
                switches_per_million: 0.5,
                curve: (0..points)
                    .map(|place| (at(share(place)), share(place)))
                    .collect(),
            });
            one.ns = (!open_loop).then(|| estimate(ns));
            one
        })
}

/// The same with memory over ten seconds: it swells, then settles at a multiple of what lives.
fn remembered(points: usize) -> impl Iterator<Item = Figures> {
    timed(30.0)
        .filter(|one| one.contestant.kind() == Kind::Allocator)
        .map(move |mut one| {
            let factor = one.memory.peak_rss_kib.expect("it was remembered") / 2048.0;
            let held = 1.0 + factor / 8.0;
            let series = (0..points).map(|place| {
                let part = place as f64 / (points - 1) as f64;
                let live = 65_536.0 * (part * 4.0).min(1.0);
                let wave = 1.0 + 0.03125 * (part * 40.0).sin().round();
                (
                    (part * 10_000.0).round(),
                    (2048.0 + live * held * wave).round(),
                    live.round(),
                )
            });
            one.memory = Memory {
                peak_rss_kib: Some(2048.0 + 67_584.0 * held),
                peak_live_kib: Some(65_536.0),
                blow_up: Some(held),
                end_rss_kib: Some(2048.0 + 65_536.0 * held),
                slope_kib_s: Some(1.5),
                stability: Some(0.03125),
                fragmentation: (one.contestant == Contestant::Sharded).then_some(1.125),
                series: series.collect(),
            };
            one.figures.insert("engine.lock_acquisitions".into(), 128.0);
            one
        })
}
