//! What this library is to reach, beside what was measured.
//!
//! # Not here
//! No limits that guard against getting worse: those are files, and `gate` holds results against them.

use super::super::gate::Verdict;
use super::super::machine;
use super::super::results::{Figures, Measured, Results};
use super::super::standing::{Against, Figure, Ratio, mean, ratios};
use super::super::table::Grid;
use crate::lab::contestant::Contestant::{
    self, Buckets, Mimalloc, Sharded, Snmalloc, System, Typed,
};
use crate::lab::crew::OPERATIONS;
use crate::lab::workload::{GIVEN, Group, Workload};

/// One goal. Less is better in each.
#[derive(Debug, Clone, PartialEq)]
struct Goal {
    about: &'static str,
    what: String,
    /// The largest acceptable, and how it is written.
    most: f64,
    limit: String,
    /// What was measured, and how it is written.
    found: Option<(f64, String)>,
    /// Whether noise makes it larger.
    is_time: bool,
}

/// The table of goals.
pub(super) fn text(results: &Results) -> String {
    let noisy = !machine::noise(results).is_empty();
    let mut grid = Grid::new(&["goal", "figure", "limit", "measured", "verdict"]);
    for goal in goals(results) {
        let verdict = goal.verdict(noisy);
        let found = goal.found.map_or(String::new(), |found| found.1);
        let what = goal.what;
        grid.push(vec![goal.about.into(), what, goal.limit, found, verdict]);
    }
    // All of it is text, so all is to the left.
    grid.markdown().replacen("---:", "---", 5)
}

impl Goal {
    fn new(about: &'static str, what: impl Into<String>, most: f64) -> Self {
        Self {
            about,
            what: what.into(),
            most,
            limit: format!("≤ {most:.2}"),
            found: None,
            is_time: true,
        }
    }

    /// The geometric mean of these ratios.
    fn mean(self, ratios: &[Ratio]) -> Self {
        let rows = ratios.len();
        let found = mean(ratios).map(|mean| (mean, format!("{mean:.2} over {rows} rows")));
        Self { found, ..self }
    }

    /// The largest of these ratios.
    fn largest(self, ratios: &[Ratio]) -> Self {
        let beyond = ratios.iter().filter(|one| one.ratio > self.most).count();
        let found = farthest(ratios).map(|one| {
            let level = if one.is_level { " ~" } else { "" };
            let (ratio, row, rival) = (one.ratio, &one.row, one.rival);
            let mut said = format!("{ratio:.2}{level} in `{row}`, to {rival}");
            if beyond > 1 {
                said += &format!("; beyond in {beyond} of {} rows", ratios.len());
            }
            (ratio, said)
        });
        Self { found, ..self }
    }

    /// Rows in which ours is not ahead.
    fn ahead(self, ratios: &[Ratio]) -> Self {
        let found = farthest(ratios).map(|one| {
            let level = ratios.iter().filter(|one| one.is_level).count();
            let behind = ratios.iter().filter(|one| one.is_behind()).count();
            let said = format!(
                "ahead in {}, level in {level}, behind in {behind}; farthest {:.2} in `{}`, to {}",
                ratios.len() - level - behind,
                one.ratio,
                one.row,
                one.rival
            );
            ((level + behind) as f64, said)
        });
        let limit = "in every row".into();
        Self {
            found,
            limit,
            ..self
        }
    }

    /// The largest of a figure that `ours` has in these rows.
    fn figure<'a>(
        self,
        rows: impl Iterator<Item = &'a Measured>,
        of: impl Fn(&Figures) -> Option<f64>,
        written: impl Fn(f64) -> String,
    ) -> Self {
        let each = rows.filter_map(|row| {
            let ours = row
                .contestants
                .iter()
                .find(|one| one.contestant == Sharded)?;
            Some((of(ours)?, row.name()))
        });
        let largest = each.max_by(|one, other| one.0.total_cmp(&other.0));
        Self {
            found: largest.map(|(found, row)| (found, format!("{} in `{row}`", written(found)))),
            limit: format!("≤ {}", written(self.most)),
            is_time: false,
            ..self
        }
    }

    fn verdict(&self, noisy: bool) -> String {
        let verdict = match self.found {
            None => Verdict::Missing,
            Some((found, _)) if found <= self.most => Verdict::Pass,
            Some(_) if noisy && self.is_time => Verdict::Noisy,
            Some(_) => Verdict::Fail,
        };
        let by = match &self.found {
            Some((found, _)) if self.most > 0.0 => {
                format!(" by {:.0} %", (found / self.most - 1.0) * 100.0)
            }
            _ => String::new(),
        };
        match verdict {
            Verdict::Pass => "met".into(),
            Verdict::Fail => format!("**missed{by}**"),
            Verdict::Noisy => format!("**missed{by}**, on a machine too noisy to judge"),
            Verdict::Missing => "not measured".into(),
        }
    }
}

fn farthest(ratios: &[Ratio]) -> Option<&Ratio> {
    ratios
        .iter()
        .max_by(|one, other| one.ratio.total_cmp(&other.ratio))
}

/// The rows of the goal for threads: those in which the work of the allocator is the matter, not false sharing.
const SYNTHETIC: [Workload; 5] = [
    Workload::Larson,
    Workload::Xmalloc,
    Workload::Mstress,
    Workload::Sh6,
    Workload::Sh8,
];

/// All of them, in the order of the page.
fn goals(results: &Results) -> Vec<Goal> {
    let mut goals = typed(results);
    goals.extend(clients(results));
    goals.extend(threads(results));
    goals.extend(tails(results));
    goals.extend(memory(results));
    goals.extend(scaling(results));
    goals
}

fn rows<'a>(
    results: &'a Results,
    chosen: impl Fn(&Measured) -> bool + Clone + 'a,
) -> impl Iterator<Item = &'a Measured> + Clone {
    results.rows.iter().filter(move |row| chosen(row))
}

fn of_group(results: &Results, group: Group) -> impl Iterator<Item = &Measured> + Clone {
    rows(results, move |row| row.row.workload.about().group == group)
}

fn of(results: &Results, workload: Workload) -> impl Iterator<Item = &Measured> + Clone {
    rows(results, move |row| row.row.workload == workload)
}

fn typed(results: &Results) -> Vec<Goal> {
    let beside = [
        ("typed pools", Against::Best),
        ("typed pools, arenas left out", Against::BestButArenas),
    ];
    let each = beside.into_iter().flat_map(|(about, against)| {
        let ratios = ratios(
            of_group(results, Group::Typed),
            Figure::Time,
            Typed,
            against,
        );
        [
            Goal::new(about, "time to the best of each row, geometric mean", 0.6).mean(&ratios),
            Goal::new(about, "time, ahead of everybody", 0.0).ahead(&ratios),
        ]
    });
    each.collect()
}

fn clients(results: &Results) -> Vec<Goal> {
    let to = |against| {
        ratios(
            of_group(results, Group::Clients),
            Figure::Time,
            Sharded,
            against,
        )
    };
    // Each is about a build of its own.
    let in_profile = |profile: &str| match results.profile == profile {
        true => to(Against::One(Mimalloc)),
        false => Vec::new(),
    };
    let about = "Rust programs";
    vec![
        Goal::new(about, "time to mimalloc 3, geometric mean, fat LTO", 0.9)
            .mean(&in_profile("bench-lto")),
        Goal::new(about, "the same without LTO (profile release)", 1.0)
            .mean(&in_profile("release")),
        Goal::new(about, "time to the best of each row, largest", 1.05).largest(&to(Against::Best)),
    ]
}

fn threads(results: &Results) -> Vec<Goal> {
    let chosen = |row: &Measured| SYNTHETIC.contains(&row.row.workload);
    let to = |against| ratios(rows(results, chosen), Figure::Time, Sharded, against);
    let about = "threads (larson, xmalloc, mstress, sh6, sh8)";
    vec![
        Goal::new(about, "time to mimalloc 3, geometric mean", 0.85)
            .mean(&to(Against::One(Mimalloc))),
        Goal::new(about, "time to the best of each row, largest", 1.1).largest(&to(Against::Best)),
    ]
}

fn tails(results: &Results) -> Vec<Goal> {
    // At parts of what the slowest sustains; a rate that was given says nothing of how hard it is.
    let chosen = |row: &Measured| row.row.workload == Workload::Ingest && row.row.variant != GIVEN;
    let goal = |(figure, rival, most): (Figure, Contestant, f64)| {
        let ratios = ratios(rows(results, chosen), figure, Sharded, Against::One(rival));
        let what = format!("{} to {rival}, largest", figure.name());
        Goal::new("ingest, open loop", what, most).largest(&ratios)
    };
    let (p99, p999) = (Figure::P99, Figure::P999);
    let all = [
        (p99, Buckets, 0.7),
        (p99, System, 0.7),
        (p999, Buckets, 0.8),
        (p999, System, 0.8),
        (p99, Mimalloc, 1.0),
        (p999, Mimalloc, 1.0),
        (p99, Snmalloc, 1.0),
        (p999, Snmalloc, 1.0),
    ];
    all.map(goal).into()
}

fn memory(results: &Results) -> Vec<Goal> {
    let told = |row: &Measured| Figure::PeakRss.is_told_of(row.row.workload.about().group);
    let peaks = ratios(
        rows(results, told),
        Figure::PeakRss,
        Sharded,
        Against::One(Mimalloc),
    );
    let about = "memory";
    let peaks = Goal::new(about, "peak RSS to mimalloc 3, geometric mean", 1.0).mean(&peaks);
    vec![
        Goal {
            is_time: false,
            ..peaks
        },
        Goal::new(about, "stability of churn", 0.1).figure(
            of(results, Workload::Churn),
            |one| one.memory.stability,
            |part| format!("±{:.1} %", part * 100.0),
        ),
        Goal::new(about, "blow-up of the queue", 1.1).figure(
            of(results, Workload::Queue),
            |one| one.memory.blow_up,
            |ratio| format!("{ratio:.2}"),
        ),
    ]
}

fn scaling(results: &Results) -> Vec<Goal> {
    let goal = |(workload, most): (Workload, f64)| {
        let what = format!("read-modify-writes for 1,000 operations of {workload}");
        let per_thousand = |one: &Figures| {
            let count = one.figures.get("engine.read_modify_writes")?;
            let operations = one.figures.get(OPERATIONS).filter(|all| **all > 0.0)?;
            Some(count * 1e3 / operations)
        };
        Goal::new("scaling (`--cfg sydra_count`)", what, most).figure(
            of(results, workload),
            per_thousand,
            |count| format!("{count:.1}"),
        )
    };
    [(Workload::Larson, 20.0), (Workload::Xmalloc, 35.0)]
        .map(goal)
        .into()
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    fn goal<'a>(goals: &'a [Goal], about: &str, what: &str) -> &'a Goal {
        let named = |one: &&Goal| one.about == about && one.what.starts_with(what);
        goals.iter().find(named).unwrap()
    }

    #[test]
    fn goals_are_reckoned_from_the_results() {
        let goals = goals(&fixture::results(40));
        let of = |about: &str, what: &str| goal(&goals, about, what).found.clone().unwrap();
        // `typed` at 0.5 beside `slab` at 0.75 in both rows.
        let (mean, said) = of("typed pools", "time to the best");
        assert!((mean - 2.0 / 3.0).abs() < 1e-9, "{mean}");
        assert_eq!(said, "0.67 over 2 rows");
        assert_eq!(of("typed pools", "time, ahead").0, 0.0);
        // `sharded` at 1, mimalloc at 1.5, snmalloc, the best rival, at 1.25; json only.
        assert!((of("Rust programs", "time to mimalloc").0 - 2.0 / 3.0).abs() < 1e-9);
        assert_eq!(
            of("Rust programs", "time to the best").1,
            "0.80 in `json`, to snmalloc"
        );
        assert_eq!(
            goal(&goals, "Rust programs", "the same without").found,
            None
        );
        let (p99, _) = of("ingest, open loop", "p99 to buckets");
        assert!((p99 - 0.25).abs() < 0.01, "{p99}");
        assert_eq!(of("memory", "stability").1, "±3.1 % in `churn`");
        assert_eq!(goal(&goals, "memory", "blow-up").found, None);
    }

    #[test]
    fn what_is_missed_says_by_how_much() {
        let at = |found| Goal {
            found: Some((found, String::new())),
            ..Goal::new("a", "b", 0.8)
        };
        assert_eq!(at(0.8).verdict(true), "met");
        assert_eq!(at(1.0).verdict(false), "**missed by 25 %**");
        assert!(at(1.0).verdict(true).contains("too noisy"));
        assert_eq!(Goal::new("a", "b", 0.8).verdict(false), "not measured");
        let counted = Goal {
            is_time: false,
            ..at(1.6)
        };
        assert_eq!(counted.verdict(true), "**missed by 100 %**");
    }

    #[test]
    fn a_goal_for_threads_leaves_false_sharing_out() {
        let mut results = fixture::results(20);
        let found = |results: &Results| {
            goal(
                &goals(results),
                "threads (larson, xmalloc, mstress, sh6, sh8)",
                "time to mim",
            )
            .found
            .clone()
        };
        let before = found(&results);
        let larson = results
            .rows
            .iter()
            .find(|row| row.row.workload == Workload::Larson);
        let mut thrash = larson.unwrap().clone();
        thrash.row = "thrash/2t".parse().unwrap();
        results.rows.push(thrash);
        assert_eq!(found(&results), before);
        assert_eq!(before.unwrap().1, "0.67 over 1 rows");
    }

    #[test]
    fn counted_writes_are_of_the_worst_row() {
        let mut results = fixture::results(20);
        let larson = results
            .rows
            .iter_mut()
            .find(|row| row.row.workload == Workload::Larson);
        let larson = larson.unwrap();
        let ours = larson
            .contestants
            .iter_mut()
            .find(|one| one.contestant == Sharded);
        let figures = &mut ours.unwrap().figures;
        figures.insert("engine.read_modify_writes".into(), 50.0);
        figures.insert(OPERATIONS.into(), 2000.0);
        let mut far = larson.clone();
        far.row = "larson/4t".parse().unwrap();
        for one in &mut far.contestants {
            one.figures.insert(OPERATIONS.into(), 1000.0);
        }
        results.rows.push(far);
        let goals = goals(&results);
        let larson = goals
            .iter()
            .find(|one| one.what.ends_with("larson"))
            .unwrap();
        assert_eq!(larson.found.clone().unwrap().1, "50.0 in `larson/4t near`");
        assert_eq!(larson.verdict(false), "**missed by 150 %**");
    }
}
