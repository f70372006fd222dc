//! A group of rows at a glance: a line for each row, a column for each contestant.

use std::fmt::Write;

use super::super::is_rival;
use super::super::results::{Figures, Measured};
use super::super::standing::Figure;
use super::{Grid, mib, short};
use crate::lab::contestant::{Contestant, Kind};
use crate::lab::workload::Group;

/// The matrices of a group: times; tails where loops are open; peaks where memory is the matter.
pub(super) fn text(group: Group, rows: &[&Measured]) -> String {
    let wanted = |figure| {
        figure != Figure::PeakRss || matches!(group, Group::Memory | Group::Epoch | Group::Clients)
    };
    let mut text = String::new();
    for matrix in matrices(rows, wanted, console) {
        let _ = write!(
            text,
            "\n{}: {}; * the least of all\n{}",
            group.name(),
            matrix.title,
            matrix.grid.text()
        );
    }
    text
}

/// A line for each row, a column for each contestant.
#[derive(Debug)]
pub(in super::super) struct Matrix {
    /// The figure, its unit, and whose they are.
    pub(in super::super) title: String,
    /// The cells.
    pub(in super::super) grid: Grid,
}

/// How a cell compares with the least of its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Place {
    /// It is the least.
    Least,
    /// It does not differ from the least.
    Level,
    /// It is larger.
    Larger,
}

fn console(text: String, place: Place) -> String {
    match place {
        Place::Least => format!("*{text}"),
        Place::Level | Place::Larger => text,
    }
}

/// The matrices of those figures that are wanted and that somebody has; tails of open loops only. `write` says how a cell is
/// written.
pub(in super::super) fn matrices(
    rows: &[&Measured],
    wanted: impl Fn(Figure) -> bool,
    write: impl Fn(String, Place) -> String,
) -> Vec<Matrix> {
    let mut all = Vec::new();
    for figure in Figure::ALL.into_iter().filter(|one| wanted(*one)) {
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
                all.push(Matrix {
                    title: format!("{}, {unit}{what}", figure.name()),
                    grid: grid(rows, figure, &columns, &write),
                });
            }
        }
    }
    all
}

/// Those who have the figure in some row. `typed` is in both: it is what pools and allocators are held against.
fn columns(rows: &[&Measured], figure: Figure, pools: bool) -> Vec<Contestant> {
    let all = Contestant::ALL.iter().copied();
    let chosen = all.filter(|one| *one == Contestant::Typed || (one.kind() == Kind::Pool) == pools);
    let has = |who: &Contestant| rows.iter().any(|row| find(row, figure, *who).is_some());
    chosen.filter(has).collect()
}

fn find(row: &Measured, figure: Figure, who: Contestant) -> Option<(&Figures, f64)> {
    let one = row.contestants.iter().find(|one| one.contestant == who)?;
    Some((one, figure.of(one)?))
}

fn grid(
    rows: &[&Measured],
    figure: Figure,
    columns: &[Contestant],
    write: &impl Fn(String, Place) -> String,
) -> Grid {
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
        let figures = able.filter_map(|one| Some((one, figure.of(one)?)));
        let least = figures.min_by(|one, other| one.1.total_cmp(&other.1));
        let cell = |who: &Contestant| {
            let Some((one, value)) = find(row, figure, *who) else {
                return String::new();
            };
            let text = if figure == Figure::PeakRss {
                mib(value)
            } else {
                short(value)
            };
            let place = match least {
                _ if who.kind() == Kind::Loop => Place::Larger,
                Some((_, least)) if value == least => Place::Least,
                Some((best, _)) if !figure.differs(one, best) => Place::Level,
                _ => Place::Larger,
            };
            write(text, place)
        };
        let cells = columns.iter().map(cell);
        let cells: Vec<String> = [row.name()].into_iter().chain(cells).collect();
        if cells[1..].iter().any(|cell| !cell.is_empty()) {
            grid.push(cells);
        }
    }
    grid
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
