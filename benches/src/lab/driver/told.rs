//! Figures that a load tells besides times, tails and memory: drift under stress, rates and limbo of the epoch loads.

use super::results::Measured;
use super::table::Grid;
use crate::lab::workload::Group;

/// A table of them for rows that have any.
pub(super) fn grid(measured: &Measured) -> Option<Grid> {
    if measured.row.workload.about().group != Group::Epoch {
        return None;
    }
    let each = measured.contestants.iter();
    let mut names: Vec<&String> = each.flat_map(|one| one.figures.keys()).collect();
    names.retain(|name| !name.starts_with("engine."));
    names.sort();
    names.dedup();
    let heads = measured.contestants.iter();
    let heads = core::iter::once("").chain(heads.map(|one| one.contestant.name()));
    let mut grid = Grid::new(&heads.collect::<Vec<_>>());
    for name in names {
        let figures = measured.contestants.iter();
        let figures = figures.map(|one| {
            let figure = one.figures.get(name);
            figure.map_or(String::new(), |figure| short(*figure))
        });
        grid.push(core::iter::once(name.clone()).chain(figures).collect());
    }
    (!grid.is_empty()).then_some(grid)
}

/// Whole numbers without a point, others with three digits that say something.
fn short(figure: f64) -> String {
    if figure.fract() == 0.0 || figure.abs() >= 1000.0 {
        format!("{figure:.0}")
    } else if figure.abs() >= 1.0 {
        format!("{figure:.2}")
    } else if figure.abs() >= 0.01 {
        format!("{figure:.3}")
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
        let said = grid(named("ingest/half/4t")).unwrap().text();
        let line = said.lines().find(|line| line.contains("limbo.objects_max"));
        let cells: Vec<&str> = line.unwrap().split_whitespace().collect();
        assert_eq!(cells, ["limbo.objects_max", "12"], "{said}");
        assert!(!said.contains("engine.hits"), "{said}");
        assert!(grid(named("json")).is_none());
    }

    #[test]
    fn figures_are_as_long_as_they_have_to_be() {
        let texts = [0.0, 12.0, 1234.5, 1.234, 0.9901, 0.000_123].map(short);
        assert_eq!(texts, ["0", "12", "1234", "1.23", "0.990", "1.23e-4"]);
    }
}
