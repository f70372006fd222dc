//! This run beside an earlier one, contestant by contestant. A change is called only where the intervals are apart.

use std::fmt::Write;

use super::results::{Figures, Machine, Measured, Results};
use super::stats::Estimate;
use super::table::{Grid, MANY_ROWS};

/// What became of a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The new interval lies below the old one.
    Faster,
    /// The intervals overlap.
    Same,
    /// The new interval lies above the old one.
    Slower,
}

/// New over old.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Change {
    /// Of the medians.
    pub(super) ratio: f64,
    /// From the new low over the old high to the new high over the old low: 1 is outside just when the intervals are apart.
    pub(super) interval: [f64; 2],
}

impl Change {
    /// None if the old figure is not above 0.
    pub(super) fn of(new: Option<Estimate>, old: Option<Estimate>) -> Option<Self> {
        let (new, old) = new.zip(old.filter(|old| old.low > 0.0))?;
        Some(Self {
            ratio: new.median / old.median,
            interval: [new.low / old.high, new.high / old.low],
        })
    }

    /// What it comes to.
    pub(super) fn verdict(&self) -> Verdict {
        match self.interval {
            [_, high] if high < 1.0 => Verdict::Faster,
            [low, _] if low > 1.0 => Verdict::Slower,
            _ => Verdict::Same,
        }
    }
}

/// A contestant in a row of both runs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pair {
    /// The row's name, with the distance of the cores.
    pub(super) row: String,
    /// Who.
    pub(super) contestant: String,
    /// Time of the body, p99, p999: where both runs have them.
    pub(super) changes: [Option<Change>; 3],
    /// Peak of resident memory, new over old; it has no interval.
    pub(super) peak_rss: Option<f64>,
}

impl Pair {
    fn of(row: &Measured, new: &Figures, old: &Figures) -> Self {
        let p99 = |one: &Figures| one.tail.as_ref().and_then(|tail| tail.p99_rounds);
        let p999 = |one: &Figures| one.tail.as_ref().and_then(|tail| tail.p999_rounds);
        let peak = new.memory.peak_rss_kib.zip(old.memory.peak_rss_kib);
        Self {
            row: row.name(),
            contestant: new.contestant.to_string(),
            changes: [
                Change::of(new.ns, old.ns),
                Change::of(p99(new), p99(old)),
                Change::of(p999(new), p999(old)),
            ],
            peak_rss: peak.map(|(new, old)| new / old.max(1.0)),
        }
    }

    fn is_same(&self) -> bool {
        let mut changes = self.changes.iter().flatten();
        changes.all(|change| change.verdict() == Verdict::Same)
    }
}

/// Everybody who is in the same row, at the same distance, in both.
pub(super) fn pairs(new: &Results, old: &Results) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for row in &new.rows {
        let alike = |one: &&Measured| one.row == row.row && one.distance == row.distance;
        let Some(before) = old.rows.iter().find(alike) else {
            continue;
        };
        for figures in &row.contestants {
            let same = |one: &&Figures| one.contestant == figures.contestant;
            if let Some(then) = before.contestants.iter().find(same) {
                pairs.push(Pair::of(row, figures, then));
            }
        }
    }
    pairs
}

/// The comparison as a person reads it.
pub(super) fn text(new: &Results, old: &Results, full: bool) -> String {
    let pairs = pairs(new, old);
    let mut text = format!("\ncompared with the run of {}\n", old.date());
    for warning in unlike(new, old) {
        let _ = writeln!(text, "WARNING: {warning}");
    }
    let brief = !full && new.rows.len() > MANY_ROWS;
    let mut grid = Grid::new(&["", "", "ns/op", "p99", "p999", "peak RSS"]);
    let shown = pairs.iter().filter(|pair| !brief || !pair.is_same());
    for pair in shown {
        let mut cells = vec![pair.row.clone(), pair.contestant.clone()];
        cells.extend(
            pair.changes
                .iter()
                .map(|one| one.as_ref().map_or(String::new(), cell)),
        );
        cells.push(
            pair.peak_rss
                .map_or(String::new(), |ratio| format!("{ratio:.2}")),
        );
        grid.push(cells);
    }
    if !grid.is_empty() {
        let _ = writeln!(text, "new over old, with the interval\n{}", grid.text());
    }
    let count = |verdict| {
        let changes = pairs.iter().flat_map(|pair| pair.changes.iter().flatten());
        changes.filter(|change| change.verdict() == verdict).count()
    };
    let counts = [Verdict::Faster, Verdict::Same, Verdict::Slower].map(count);
    let [faster, same, slower] = counts;
    let _ = writeln!(text, "{faster} faster, {same} the same, {slower} slower");
    if brief && pairs.iter().any(Pair::is_same) {
        text.push_str("(contestants with nothing but the same are left out: --full prints them)\n");
    }
    let alone = new
        .rows
        .iter()
        .map(|row| row.contestants.len())
        .sum::<usize>()
        - pairs.len();
    if alone > 0 {
        let _ = writeln!(
            text,
            "{alone} contestants of rows have nothing to be compared with"
        );
    }
    text
}

fn cell(change: &Change) -> String {
    let [low, high] = change.interval;
    let word = match change.verdict() {
        Verdict::Faster => "faster",
        Verdict::Same => "same",
        Verdict::Slower => "SLOWER",
    };
    format!("{word} {:.2} ({low:.2}..{high:.2})", change.ratio)
}

/// What makes the two runs hard to compare.
fn unlike(new: &Results, old: &Results) -> Vec<String> {
    let (here, there) = (&new.machine, &old.machine);
    let cores = |machine: &Machine| format!("{} cores", machine.cores);
    let facts = [
        ("processor", here.processor.clone(), there.processor.clone()),
        ("machine", cores(here), cores(there)),
        ("system", here.system.clone(), there.system.clone()),
        ("profile", new.profile.clone(), old.profile.clone()),
    ];
    let differing = facts.into_iter().filter(|(_, new, old)| new != old);
    differing
        .map(|(what, new, old)| format!("another {what}: {new} here, {old} there"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    fn estimate(low: f64, median: f64, high: f64) -> Option<Estimate> {
        Some(Estimate { median, low, high })
    }

    #[test]
    fn a_change_is_called_only_when_the_intervals_are_apart() {
        let old = estimate(9.0, 10.0, 11.0);
        let verdict = |new| Change::of(new, old).unwrap().verdict();
        assert_eq!(verdict(estimate(11.5, 12.0, 12.5)), Verdict::Slower);
        assert_eq!(verdict(estimate(10.5, 12.0, 12.5)), Verdict::Same);
        assert_eq!(verdict(estimate(8.0, 8.5, 8.9)), Verdict::Faster);
        assert_eq!(Change::of(None, old), None);
        assert_eq!(Change::of(old, estimate(0.0, 0.0, 0.0)), None);
    }

    #[test]
    fn a_run_is_the_same_as_itself() {
        let results = fixture::results(20);
        let pairs = pairs(&results, &results);
        let all = results
            .rows
            .iter()
            .map(|row| row.contestants.len())
            .sum::<usize>();
        assert_eq!(pairs.len(), all);
        assert!(
            pairs
                .iter()
                .all(|pair| pair.is_same() && pair.peak_rss == Some(1.0))
        );
        assert!(text(&results, &results, true).contains("0 faster"));
    }

    #[test]
    fn a_slower_tail_is_seen_though_the_body_is_the_same() {
        let old = fixture::results(20);
        let mut new = old.clone();
        let json = new
            .rows
            .iter_mut()
            .find(|row| row.name() == "json")
            .unwrap();
        let tail = json.contestants[0].tail.as_mut().unwrap();
        tail.p999_rounds = tail.p999_rounds.map(|one| Estimate {
            median: one.median * 2.0,
            low: one.low * 2.0,
            high: one.high * 2.0,
        });
        let said = text(&new, &old, false);
        assert!(said.contains("1 slower") && said.contains("2.00"), "{said}");
    }

    #[test]
    fn distances_are_not_mixed_and_another_machine_is_said() {
        let old = fixture::results(20);
        let mut new = old.clone();
        let larson = new
            .rows
            .iter_mut()
            .find(|row| row.distance.is_some())
            .unwrap();
        larson.distance = Some(crate::cores::Distance::Far);
        new.profile = "release".into();
        assert!(
            pairs(&new, &old)
                .iter()
                .all(|pair| !pair.row.starts_with("larson"))
        );
        let said = text(&new, &old, true);
        assert!(
            said.contains("another profile: release here, bench-lto there"),
            "{said}"
        );
        assert!(said.contains("have nothing to be compared with"), "{said}");
    }
}
