//! Where ours stand over all rows, and the rows in which a rival is ahead, by name.

use std::fmt::Write;

use super::super::results::Results;
use super::super::standing::{Standing, standings};
use super::{Grid, cell};

/// Geometric means and rivals ahead; nothing if ours had no rival.
pub(super) fn text(results: &Results) -> String {
    let standings = standings(results);
    if standings.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\nours: geometric means over the rows, below 1 is better; `typed` beside all rivals, `sharded` beside allocators\n",
    );
    text.push_str(&grid(&standings).text());
    text.push_str(&behind(&standings));
    text
}

/// A line for each group, figure and one of ours.
pub(in super::super) fn grid(standings: &[Standing]) -> Grid {
    let mut grid = Grid::new(&[
        "",
        "",
        "",
        "rows",
        "to the best of each row",
        "to mimalloc",
        "ahead",
        "level",
        "behind",
    ]);
    for one in standings {
        let ratio = |ratio: f64| format!("{ratio:.2}");
        let [ahead, level, behind] = one.outcomes.map(|count| count.to_string());
        grid.push(vec![
            one.group.name().into(),
            one.figure.name().into(),
            one.ours.to_string(),
            one.rows.to_string(),
            cell(one.to_best, ratio),
            cell(one.to_mimalloc, ratio),
            ahead,
            level,
            behind,
        ]);
    }
    grid
}

fn behind(standings: &[Standing]) -> String {
    let mut text = String::new();
    for one in standings {
        for row in &one.behind {
            let (ours, figure) = (one.ours, one.figure.name());
            let _ = writeln!(
                text,
                "  {}: {figure} of {ours} is {:.2} times that of {}",
                row.row, row.ratio, row.rival
            );
        }
    }
    if text.is_empty() {
        return "no rival is ahead in any of these rows\n".into();
    }
    format!("a rival is ahead:\n{text}")
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn rivals_that_are_ahead_are_named() {
        let mut results = fixture::results(20);
        assert!(
            text(&results).contains("no rival is ahead"),
            "{}",
            text(&results)
        );
        let json = results
            .rows
            .iter_mut()
            .find(|row| row.name() == "json")
            .unwrap();
        let sharded = &mut json.contestants[0];
        sharded.ns = sharded.ns.map(|mut ns| {
            ns.median *= 2.5;
            ns.low *= 2.5;
            ns.high *= 2.5;
            ns
        });
        let said = text(&results);
        assert!(
            said.contains("json: time of sharded is 2.00 times that of snmalloc"),
            "{said}"
        );
    }

    #[test]
    fn nothing_is_said_of_rivals_alone() {
        let mut results = fixture::results(20);
        for row in &mut results.rows {
            row.contestants.retain(|one| !one.contestant.is_ours());
        }
        assert_eq!(text(&results), "");
    }
}
