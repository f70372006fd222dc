//! Figures that a load tells besides times, tails and memory: drift under stress, rates and limbo of the epoch loads.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

use super::results::Measured;
use crate::lab::workload::Group;

/// A table of them for rows that have any; otherwise nothing.
pub(super) fn text(measured: &Measured) -> String {
    if measured.row.workload.about().group != Group::Epoch {
        return String::new();
    }
    let each = measured.contestants.iter();
    let mut names: Vec<&String> = each.flat_map(|one| one.figures.keys()).collect();
    names.retain(|name| !name.starts_with("engine."));
    names.sort();
    names.dedup();
    let mut table = Table::new();
    table.load_style(NOTHING);
    let heads = measured.contestants.iter();
    table.set_header(
        core::iter::once(String::new()).chain(heads.map(|one| one.contestant.to_string())),
    );
    for name in names {
        let figures = measured.contestants.iter();
        let figures = figures.map(|one| one.figures.get(name).map_or("-".into(), |it| short(*it)));
        table.add_row(core::iter::once(name.clone()).chain(figures));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    format!("{table}\n")
}

/// Whole numbers without a point, others with three digits that say something.
fn short(figure: f64) -> String {
    if figure.fract() == 0.0 || figure.abs() >= 1000.0 {
        format!("{figure:.0}")
    } else if figure.abs() >= 1.0 {
        format!("{figure:.2}")
    } else {
        format!("{figure:.2e}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn what_an_epoch_load_tells_is_a_table_without_the_engines_own() {
        let mut results = fixture::results(20);
        for row in &mut results.rows {
            let figures = [("limbo.objects_max", 12.0), ("engine.hits", 7.0)];
            let first = &mut row.contestants[0].figures;
            first.extend(figures.map(|(name, figure)| (name.into(), figure)));
        }
        let named = |name: &str| results.rows.iter().find(|row| row.name() == name).unwrap();
        let said = text(named("ingest/half/4t"));
        let line = said.lines().find(|line| line.contains("limbo.objects_max"));
        let cells: Vec<&str> = line.unwrap().split_whitespace().collect();
        assert_eq!(cells[..3], ["limbo.objects_max", "12", "-"], "{said}");
        assert!(!said.contains("engine.hits"), "{said}");
        assert_eq!(text(named("json")), "");
    }

    #[test]
    fn figures_are_as_long_as_they_have_to_be() {
        let texts = [0.0, 12.0, 1234.5, 1.234, 0.000_123].map(short);
        assert_eq!(texts, ["0", "12", "1234", "1.23", "1.23e-4"]);
    }
}
