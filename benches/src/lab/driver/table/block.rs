//! One row: its contestants, the fastest first.

use std::fmt::Write;

use super::super::is_rival;
use super::super::results::{Figures, Measured, Memory, Tails, enough};
use super::{Grid, cell, long, mib, short};
use crate::lab::time::Calibration;
use crate::lab::workload::Group;

/// The row's title and its table, or two if memory is what it is about.
pub(super) fn text(measured: &Measured, clock: &Calibration) -> String {
    let mut text = title(measured);
    text.push('\n');
    text.push_str(&times(measured, clock).text());
    if let Some(memory) = memory(measured) {
        text.push_str(&memory.text());
    }
    text
}

/// The contestants in the order of their places.
fn order(measured: &Measured) -> Vec<&Figures> {
    let mut order: Vec<&Figures> = measured.contestants.iter().collect();
    order.sort_by(|one, other| key(one).total_cmp(&key(other)));
    order
}

/// Where a contestant has its place: by the time of its body, by its p99 where only tails were timed, by its peak.
fn key(one: &Figures) -> f64 {
    let ns = one.ns.map(|ns| ns.median);
    let tail = || one.tail.as_ref().and_then(|tail| tail.p99.or(tail.max));
    let figure = ns.or_else(tail).or(one.memory.peak_rss_kib);
    figure.unwrap_or(f64::INFINITY)
}

/// The row's name, how far apart the cores were, and from when single operations were timed.
pub(in super::super) fn title(measured: &Measured) -> String {
    let mut title = measured.name();
    if let Some(trip) = measured.trip_ns {
        let _ = write!(title, " (a cache line's round trip: {trip:.0} ns)");
    }
    let mut tails = measured
        .contestants
        .iter()
        .filter_map(|one| one.tail.as_ref());
    match tails.next() {
        Some(_) if measured.is_open_loop() => {
            title.push_str("; tail of an open loop: from when an operation was due");
        }
        Some(_) => title.push_str("; tail of a closed loop: from when an operation began"),
        None => {}
    }
    title
}

/// Times of the body and of single operations.
pub(in super::super) fn times(measured: &Measured, clock: &Calibration) -> Grid {
    let order = order(measured);
    let mut grid = Grid::new(&[
        "",
        "ns/op",
        "95 % interval",
        "to best rival",
        "timed",
        "p50",
        "p95",
        "p99",
        "p999",
        "max",
        "faults/M",
        "switches/M",
        "reached/s",
        "of",
        "instructions",
        "peak MiB",
    ]);
    let rivals = order.iter().filter(|one| is_rival(one.contestant));
    let times = rivals.filter_map(|one| one.ns);
    let best = times.min_by(|one, other| one.median.total_cmp(&other.median));
    let floor = clock.floor_ns();
    for one in order {
        let ns = one.ns;
        let ratio = ns.zip(best).map(|(ns, best)| {
            let apart = if ns.differs(&best) { "" } else { " ~" };
            format!("{:.2}{apart}", ns.median / best.median)
        });
        let tail = one.tail.as_ref();
        let at = |share: f64, of: fn(&Tails) -> Option<f64>| {
            tail.map_or(String::new(), |tail| {
                quantile(tail.count, share, of(tail), floor)
            })
        };
        let rate = |place: usize| {
            cell(
                tail.and_then(|tail| tail.rates).map(|rates| rates[place]),
                |rate| format!("{rate:.0}"),
            )
        };
        grid.push(vec![
            one.contestant.to_string(),
            cell(ns.map(|ns| ns.median), short),
            ns.map_or(String::new(), |ns| {
                format!("{}..{}", short(ns.low), short(ns.high))
            }),
            ratio.unwrap_or_default(),
            cell(tail.map(|tail| tail.count as f64), count),
            at(0.5, |tail| tail.p50),
            at(0.95, |tail| tail.p95),
            at(0.99, |tail| tail.p99),
            at(0.999, |tail| tail.p999),
            tail.map_or(String::new(), |tail| told(tail.max, floor)),
            cell(tail.map(|tail| tail.faults_per_million), rare),
            cell(tail.map(|tail| tail.switches_per_million), rare),
            rate(0),
            rate(1),
            cell(one.figures.get("instructions").copied(), |count| {
                format!("{count:.1}")
            }),
            cell(one.memory.peak_rss_kib, mib),
        ]);
    }
    grid
}

/// A quantile, or why there is none.
fn quantile(operations: u64, share: f64, ns: Option<f64>, floor_ns: f64) -> String {
    if ns.is_none() && !enough(operations, share) {
        return "few".into();
    }
    told(ns, floor_ns)
}

/// A time, or that it is too short for the clock.
fn told(ns: Option<f64>, floor_ns: f64) -> String {
    ns.map_or_else(|| format!("<{floor_ns:.0}"), long)
}

/// How many, to two or three digits.
fn count(operations: f64) -> String {
    match operations {
        many if many >= 9.995e5 => format!("{:.1}M", many / 1e6),
        some if some >= 1e3 => format!("{:.0}k", some / 1e3),
        few => format!("{few:.0}"),
    }
}

/// How often in a million: a tenth is something, less is nothing.
fn rare(times: f64) -> String {
    match times {
        times if times >= 10.0 => format!("{times:.0}"),
        times if times >= 0.05 => format!("{times:.1}"),
        _ => "0".into(),
    }
}

/// Memory over time; none where it is not the matter or was not looked at.
pub(in super::super) fn memory(measured: &Measured) -> Option<Grid> {
    let group = measured.row.workload.about().group;
    if !matches!(group, Group::Memory | Group::Epoch) {
        return None;
    }
    let mut grid = Grid::new(&[
        "",
        "peak MiB",
        "live MiB",
        "blow-up",
        "end MiB",
        "slope KiB/s",
        "stability",
        "fragmentation",
    ]);
    for one in order(measured) {
        let memory: &Memory = &one.memory;
        let cells = vec![
            one.contestant.to_string(),
            cell(memory.peak_rss_kib, mib),
            cell(memory.peak_live_kib, mib),
            cell(memory.blow_up, |ratio| format!("{ratio:.2}")),
            cell(memory.end_rss_kib, mib),
            cell(memory.slope_kib_s, |slope| format!("{slope:+.1}")),
            cell(memory.stability, |part| format!("±{:.1} %", part * 100.0)),
            cell(memory.fragmentation, |ratio| format!("{ratio:.2}")),
        ];
        // A line of its peak alone says what the table above has said.
        if cells[2..].iter().any(|cell| !cell.is_empty()) {
            grid.push(cells);
        }
    }
    (!grid.is_empty()).then_some(grid)
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::lab::contestant::Contestant;

    fn block(name: &str) -> String {
        let results = fixture::results(20);
        let row = results.rows.iter().find(|row| row.name() == name).unwrap();
        text(row, &results.machine.clock)
    }

    fn names(block: &str) -> Vec<&str> {
        let lines = block.lines().skip(2);
        lines
            .filter_map(|line| line.split_whitespace().next())
            .collect()
    }

    #[test]
    fn the_fastest_is_first_and_an_overlap_is_marked() {
        let pair = block("pair/node");
        assert_eq!(names(&pair)[..3], ["typed", "slab", "sharded"], "{pair}");
        assert!(pair.contains("0.67 \n") || pair.contains("0.67"), "{pair}");
        // slab is the best rival, so level with itself.
        assert!(pair.contains("1.00 ~"), "{pair}");
        assert!(!pair.contains("p99") && !pair.contains("blow-up"), "{pair}");
    }

    #[test]
    fn loops_and_distances_are_said() {
        assert!(block("ingest/half/4t").contains("open loop"));
        assert!(block("ingest/half/4t").contains("99980"));
        assert!(block("json").contains("closed loop"));
        assert!(block("larson/2t near").contains("round trip: 62 ns"));
    }

    #[test]
    fn where_only_tails_were_timed_the_order_is_theirs() {
        let mut results = fixture::results(20);
        let mut rows = results.rows.iter_mut();
        let row = rows.find(|row| row.name() == "ingest/half/4t").unwrap();
        let buckets = row.contestants.iter_mut();
        let mut buckets = buckets.filter(|one| one.contestant == Contestant::Buckets);
        buckets.next().unwrap().memory.peak_rss_kib = Some(1.0);
        let said = text(row, &results.machine.clock);
        assert_eq!(names(&said)[..2], ["sharded", "snmalloc"], "{said}");
    }

    #[test]
    fn a_hole_says_why_it_is_one() {
        assert_eq!(quantile(900, 0.99, None, 60.0), "few");
        assert_eq!(quantile(900_000, 0.99, None, 60.0), "<60");
        assert_eq!(quantile(900_000, 0.99, Some(310.0), 60.0), "310");
        assert_eq!(told(None, 77.0), "<77");
    }

    #[test]
    fn counts_have_the_digits_that_say_something() {
        let counts = [0.0, 950.0, 1000.0, 999_400.0, 999_600.0, 2.5e7].map(count);
        assert_eq!(counts, ["0", "950", "1k", "999k", "1.0M", "25.0M"]);
        assert_eq!(
            [0.04, 0.06, 9.94, 12.4].map(rare),
            ["0", "0.1", "9.9", "12"]
        );
    }

    #[test]
    fn memory_has_a_table_of_its_own_only_where_it_is_the_matter() {
        let churn = block("churn");
        for head in [
            "blow-up",
            "slope KiB/s",
            "stability",
            "fragmentation",
            "±3.1 %",
            "+1.5",
        ] {
            assert!(churn.contains(head), "{head}:\n{churn}");
        }
        assert!(!block("json").contains("blow-up"));
    }
}
