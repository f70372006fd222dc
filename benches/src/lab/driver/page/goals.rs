//! What this library is to reach, beside what was measured.
//!
//! # Not here
//! No limits that guard against getting worse: those are files, and `gate` holds results against them.

use std::fmt::Write;

use super::super::machine;
use super::super::results::{Figures, Measured, Results};
use super::super::standing::{Against, Figure, ratios};
use super::super::table::Grid;
use super::goal::Goal;
use crate::lab::contestant::Contestant::{
    self, Buckets, Mimalloc, Sharded, Snmalloc, System, Typed,
};
use crate::lab::workload::{GIVEN, Group, Workload};

/// The table of goals. `also` are runs of other builds, which some goals are about.
pub(super) fn text(results: &Results, also: &[Results]) -> String {
    let noisy = !machine::noise(results).is_empty();
    let mut grid = Grid::new(&["goal", "figure", "limit", "measured", "verdict"]);
    for goal in goals(results, also) {
        let verdict = goal.verdict(noisy);
        let found = goal.found.map_or(String::new(), |found| found.1);
        let what = goal.what;
        grid.push(vec![goal.about.into(), what, goal.limit, found, verdict]);
    }
    // All of it is text, so all is to the left.
    let mut text = grid.markdown().replacen("---:", "---", 5);
    for run in also {
        let (profile, date, command) = (&run.profile, run.date(), run.command.join(" "));
        let _ = write!(
            text,
            "\nBeside the run above, one in profile `{profile}` ({date}): `bench_alloc {command}`\n"
        );
    }
    text
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
fn goals(results: &Results, also: &[Results]) -> Vec<Goal> {
    let mut goals = typed(results);
    goals.extend(clients(results, also));
    goals.extend(threads(results));
    goals.extend(tails(results));
    goals.extend(memory(results));
    goals.extend(scaling(results, also));
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

fn clients(results: &Results, also: &[Results]) -> Vec<Goal> {
    let to = |run, against| {
        ratios(
            of_group(run, Group::Clients),
            Figure::Time,
            Sharded,
            against,
        )
    };
    // Each is about a build of its own.
    let in_profile = |profile: &str| {
        let mut runs = core::iter::once(results).chain(also);
        let run = runs.find(|run| run.profile == profile);
        run.map_or(Vec::new(), |run| to(run, Against::One(Mimalloc)))
    };
    let about = "Rust programs";
    vec![
        Goal::new(about, "time to mimalloc 3, geometric mean, fat LTO", 0.9)
            .mean(&in_profile("bench-lto")),
        Goal::new(about, "the same without LTO (profile release)", 1.0)
            .mean(&in_profile("release")),
        Goal::new(about, "time to the best of each row, largest", 1.05)
            .largest(&to(results, Against::Best)),
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

fn scaling(results: &Results, also: &[Results]) -> Vec<Goal> {
    let goal = |(workload, most): (Workload, f64)| {
        let what = format!("shared read-modify-writes for 1,000 operations of {workload}");
        let per_thousand = |one: &Figures| one.figures.get("rmw.shared").copied();
        Goal::new("scaling (`--cfg sydra_count`)", what, most).figure(
            core::iter::once(results)
                .chain(also)
                .flat_map(|run| of(run, workload)),
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
        let goals = goals(&fixture::results(40), &[]);
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
    fn a_goal_about_another_build_is_held_against_its_run() {
        let mut without_lto = fixture::results(40);
        without_lto.profile = "release".into();
        let json = without_lto.rows.iter_mut().find(|row| row.name() == "json");
        json.unwrap().contestants[0].ns.as_mut().unwrap().median *= 3.0;
        let also = [without_lto];
        let all = goals(&fixture::results(40), &also);
        let of = |what: &str| goal(&all, "Rust programs", what).found.clone().unwrap().0;
        assert!((of("time to mimalloc") - 2.0 / 3.0).abs() < 1e-9);
        assert!((of("the same without") - 2.0).abs() < 1e-9);
        let said = text(&fixture::results(40), &also);
        assert!(
            said.contains("one in profile `release` (2026-05-28"),
            "{said}"
        );
    }

    #[test]
    fn a_goal_for_threads_leaves_false_sharing_out() {
        let mut results = fixture::results(20);
        let found = |results: &Results| {
            goal(
                &goals(results, &[]),
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
        figures.insert("rmw.shared".into(), 25.0);
        let mut far = larson.clone();
        far.row = "larson/4t".parse().unwrap();
        for one in &mut far.contestants {
            one.figures.insert("rmw.shared".into(), 50.0);
        }
        results.rows.push(far);
        let goals = goals(&fixture::results(20), &[results]);
        let larson = goals
            .iter()
            .find(|one| one.what.ends_with("larson"))
            .unwrap();
        assert_eq!(larson.found.clone().unwrap().1, "50.0 in `larson/4t near`");
        assert_eq!(larson.verdict(false), "**missed by 150 %**");
    }
}
