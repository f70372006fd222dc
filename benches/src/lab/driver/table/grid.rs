//! A table of texts: columns that nobody has a figure for are left out.

use comfy_table::presets::NOTHING;
use comfy_table::{CellAlignment, Table};

/// Heads and lines of cells. An empty cell is one without a figure.
#[derive(Debug)]
pub(in super::super) struct Grid {
    heads: Vec<String>,
    lines: Vec<Vec<String>>,
}

impl Grid {
    /// A grid without lines.
    pub(in super::super) fn new(heads: &[&str]) -> Self {
        Self {
            heads: heads.iter().map(|head| (*head).to_string()).collect(),
            lines: Vec::new(),
        }
    }

    /// Adds a line.
    ///
    /// # Panics
    /// If it has not as many cells as there are heads.
    pub(in super::super) fn push(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.heads.len());
        self.lines.push(cells);
    }

    /// Whether it has no lines.
    pub(in super::super) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// Columns in which somebody has a figure.
    fn columns(&self) -> Vec<usize> {
        let has_figure = |place: &usize| self.lines.iter().any(|line| !line[*place].is_empty());
        (0..self.heads.len()).filter(has_figure).collect()
    }

    /// The same as a table of Markdown.
    pub(in super::super) fn markdown(&self) -> String {
        let columns = self.columns();
        let line = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
        // A head that a terminal breaks is whole here, for a browser breaks where it has to.
        let heads: Vec<String> = columns
            .iter()
            .map(|&place| self.heads[place].replace('\n', ""))
            .collect();
        let mut text = line(heads.iter().map(String::as_str).collect());
        let sides = heads.iter().map(|head| match head.is_empty() {
            true => "---",
            false => "---:",
        });
        text.push_str(&line(sides.collect()));
        for cells in &self.lines {
            let cells = columns.iter().map(|&place| match cells[place].as_str() {
                "" => "-",
                text => text,
            });
            text.push_str(&line(cells.collect()));
        }
        text
    }

    /// Columns under an empty head to the left, figures to the right.
    pub(in super::super) fn text(&self) -> String {
        let columns = self.columns();
        let mut table = Table::new();
        table.load_style(NOTHING);
        table.set_header(columns.iter().map(|&place| self.heads[place].as_str()));
        for line in &self.lines {
            let cell = |&place: &usize| match line[place].as_str() {
                "" => "-".to_string(),
                text => text.to_string(),
            };
            table.add_row(columns.iter().map(cell));
        }
        for (column, &place) in table.column_iter_mut().zip(&columns) {
            if !self.heads[place].is_empty() {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        table.trim_fmt() + "\n"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_without_figures_are_left_out_and_holes_are_seen() {
        let mut grid = Grid::new(&["", "ns", "none", "max"]);
        grid.push(["a", "1", "", "2"].map(String::from).into());
        grid.push(["b", "", "", "30"].map(String::from).into());
        let text = grid.text();
        assert!(!text.contains("none"), "{text}");
        let cells: Vec<Vec<&str>> = text
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        assert_eq!(
            cells,
            [vec!["ns", "max"], vec!["a", "1", "2"], vec!["b", "-", "30"]]
        );
        let markdown = "|  | ns | max |\n| --- | ---: | ---: |\n| a | 1 | 2 |\n| b | - | 30 |\n";
        assert_eq!(grid.markdown(), markdown);
    }
}
