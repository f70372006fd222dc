//! A group of rows at a glance: a line for each row, a column for each contestant.

use super::super::is_rival;
use super::super::results::{Figures, Measured};
use super::super::standing::Figure;
use super::{Grid, mib, short};
use crate::lab::contestant::{Contestant, Kind};
use crate::lab::workload::Group;

/// The matrices of a group: times; tails where loops are open; peaks where memory is the matter.
pub(super) fn text(group: Group, rows: &[&Measured]) -> String {
    let mut text = String::new();
    for figure in Figure::ALL {
        let wanted = match figure {
            Figure::Time => true,
            Figure::P99 | Figure::P999 => rows.iter().any(|row| row.is_open_loop()),
            Figure::PeakRss => matches!(group, Group::Memory | Group::Epoch | Group::Clients),
        };
        if !wanted {
            continue;
        }
        let unit = if figure == Figure::PeakRss {
            "MiB"
        } else {
            "ns"
        };
        // Pools have a matrix of their own: with them one line would be wider than a screen.
        for pools in [false, true] {
            let columns = columns(rows, figure, pools);
            if columns.iter().any(|one| is_rival(*one) || !pools) {
                let what = if pools { ", pools" } else { "" };
                text.push_str(&format!(
                    "\n{}: {}, {unit}{what}; * the least of all\n",
                    group.name(),
                    figure.name()
                ));
                text.push_str(&matrix(rows, figure, &columns));
            }
        }
    }
    text
}

/// Those who have the figure in some row. `typed` is in both: it is what pools and allocators are held against.
fn columns(rows: &[&Measured], figure: Figure, pools: bool) -> Vec<Contestant> {
    let all = Contestant::ALL.iter().copied();
    let chosen = all.filter(|one| *one == Contestant::Typed || (one.kind() == Kind::Pool) == pools);
    let has = |who: &Contestant| rows.iter().any(|row| find(row, figure, *who).is_some());
    chosen.filter(has).collect()
}

fn find(row: &Measured, figure: Figure, who: Contestant) -> Option<f64> {
    let figures: Option<&Figures> = row.contestants.iter().find(|one| one.contestant == who);
    figures.and_then(|figures| figure.of(figures))
}

fn matrix(rows: &[&Measured], figure: Figure, columns: &[Contestant]) -> String {
    let heads: Vec<String> = columns
        .iter()
        .map(|one| one.name().replace('-', "-\n"))
        .collect();
    let heads: Vec<&str> = [""]
        .into_iter()
        .chain(heads.iter().map(String::as_str))
        .collect();
    let mut grid = Grid::new(&heads);
    for row in rows {
        let able = row
            .contestants
            .iter()
            .filter(|one| one.contestant.kind() != Kind::Loop);
        let least = able.filter_map(|one| figure.of(one)).min_by(f64::total_cmp);
        let cell = |who: &Contestant| {
            let Some(value) = find(row, figure, *who) else {
                return String::new();
            };
            let text = if figure == Figure::PeakRss {
                mib(value)
            } else {
                short(value)
            };
            let is_least = Some(value) == least && who.kind() != Kind::Loop;
            if is_least { format!("*{text}") } else { text }
        };
        let cells = columns.iter().map(cell);
        let cells: Vec<String> = [row.name()].into_iter().chain(cells).collect();
        if cells[1..].iter().any(|cell| !cell.is_empty()) {
            grid.push(cells);
        }
    }
    grid.text()
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::super::super::results::Results;
    use super::*;

    fn rows(results: &Results, group: Group) -> Vec<&Measured> {
        let of_group = |row: &&Measured| row.row.workload.about().group == group;
        results.rows.iter().filter(of_group).collect()
    }

    #[test]
    fn typed_stands_beside_allocators_and_beside_pools() {
        let results = fixture::results(20);
        let text = text(Group::Typed, &rows(&results, Group::Typed));
        let heads: Vec<&str> = text
            .lines()
            .filter(|line| line.contains("typed "))
            .collect();
        assert_eq!(heads.len(), 2, "{text}");
        assert!(
            heads[0].contains("mimalloc") && !heads[0].contains("slab"),
            "{text}"
        );
        assert!(
            heads[1].contains("slab") && !heads[1].contains("mimalloc"),
            "{text}"
        );
        assert_eq!(text.matches("*1.00").count(), 2, "{text}");
    }

    #[test]
    fn tails_and_peaks_are_shown_where_they_are_the_matter() {
        let results = fixture::results(20);
        let epoch = text(Group::Epoch, &rows(&results, Group::Epoch));
        assert!(epoch.contains("p999, ns"), "{epoch}");
        let memory = text(Group::Memory, &rows(&results, Group::Memory));
        assert!(
            memory.contains("peak RSS, MiB") && !memory.contains("p99"),
            "{memory}"
        );
    }
}
