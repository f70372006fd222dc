//! Several runs put together: a long measurement in parts, or a group measured again.

use super::results::{Measured, Results};
use crate::lab::workload::{Row, Workload};

/// Stands between the command lines.
const BETWEEN: &str = ";";

/// One run of several. Of a row that several have, the last counts, at all its distances.
///
/// # Errors
/// If they cannot be compared: other machines or profiles.
pub(super) fn merged(runs: Vec<Results>) -> Result<Results, String> {
    let mut runs = runs.into_iter();
    let mut whole = runs.next().ok_or("there is no run")?;
    for run in runs {
        add(&mut whole, run)?;
    }
    Ok(whole)
}

fn add(whole: &mut Results, run: Results) -> Result<(), String> {
    let (machine, other) = (&mut whole.machine, &run.machine);
    let alike = [
        ("profiles", whole.profile == run.profile),
        ("processors", machine.processor == other.processor),
        ("numbers of cores", machine.cores == other.cores),
        ("systems", machine.system == other.system),
    ];
    if let Some((what, _)) = alike.iter().find(|(_, alike)| !alike) {
        return Err(format!(
            "these runs are of other {what}, so they are not put together"
        ));
    }
    // What is said of the whole is the worst of its parts.
    machine.load = [0, 1].map(|at| machine.load[at].max(other.load[at]));
    machine.stolen = machine.stolen.max(other.stolen);
    if other.clock.floor_ns() > machine.clock.floor_ns() {
        machine.clock = other.clock;
    }
    whole.rounds = whole.rounds.min(run.rounds);
    whole.unix_seconds = whole.unix_seconds.min(run.unix_seconds);
    whole.command.push(BETWEEN.into());
    whole.command.extend(run.command);
    let again = |old: &Measured| run.rows.iter().any(|new| new.row == old.row);
    whole.rows.retain(|old| !again(old));
    whole.rows.extend(run.rows);
    whole
        .rows
        .sort_by_key(|one| (place(&one.row), one.distance));
    Ok(())
}

/// Where a row stands in the tables.
fn place(row: &Row) -> (Workload, Option<usize>, u32) {
    let variants = row.workload.about().variants.iter();
    let variant = variants.clone().position(|one| *one == row.variant);
    (row.workload, variant, row.threads)
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn the_last_counts_and_the_order_is_that_of_the_tables() {
        let mut first = fixture::results(20);
        let mut second = first.clone();
        second
            .rows
            .retain(|row| matches!(row.name().as_str(), "types/mix" | "json"));
        second.rows[0].contestants.truncate(1);
        second.machine.load = [0.5, 0.5];
        let names = |results: &Results| -> Vec<String> {
            results.rows.iter().map(Measured::name).collect()
        };
        let before = names(&first);
        first.rows.reverse();
        let whole = merged(vec![first, second]).unwrap();
        let mut expected = before.clone();
        // The threads' row stands before clients, memory and epoch, whatever the fixture's order.
        expected.sort_by_key(|name| {
            let order = [
                "pair/node",
                "types/mix",
                "larson/2t near",
                "json",
                "churn",
                "ingest/half/4t",
            ];
            order.iter().position(|one| one == name)
        });
        assert_eq!(names(&whole), expected);
        let mix = whole.rows.iter().find(|row| row.name() == "types/mix");
        assert_eq!(mix.unwrap().contestants.len(), 1);
        assert_eq!(whole.machine.load, [0.5, 1.5]);
        assert_eq!(whole.command.join(" "), "--allocator all ; --allocator all");
    }

    #[test]
    fn runs_of_two_machines_or_profiles_are_kept_apart() {
        let first = fixture::results(3);
        let mut second = first.clone();
        second.profile = "release".into();
        let said = merged(vec![first.clone(), second]).unwrap_err();
        assert!(said.contains("profiles"), "{said}");
        let mut second = first.clone();
        second.machine.processor = "Another CPU".into();
        assert!(merged(vec![first, second]).is_err());
        assert!(merged(Vec::new()).is_err());
    }
}
