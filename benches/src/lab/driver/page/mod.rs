//! The page of performance: its tables are written between marks from results, what is outside of them is prose and stays.
//!
//! A page says by its marks which parts it has. `parts` makes the tables, `goals` holds the results against what this library
//! is to reach. A few plots of each group are drawn into a folder beside the page, which has the page's name in small letters.

mod goal;
mod goals;
mod parts;

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::marks::{END, exchanged};
use super::plot;
use super::results::Results;
use crate::lab::workload::Group;

/// A part that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// When, where and how.
    Run,
    /// What is to be reached, and whether it was.
    Goals,
    /// Where ours stand in each group.
    Standing,
    /// Every row in which a rival is ahead.
    Behind,
    /// The figures of a group.
    Of(Group),
}

/// How the line before each part begins.
const BEGIN: &str = "<!-- Written by `bench_alloc --page`: ";

impl Part {
    fn all() -> impl Iterator<Item = Self> {
        let first = [Self::Run, Self::Goals, Self::Standing, Self::Behind];
        first.into_iter().chain(Group::ALL.map(Self::Of))
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Goals => "goals",
            Self::Standing => "standing",
            Self::Behind => "behind",
            Self::Of(group) => group.name(),
        }
    }

    /// The line before it.
    fn begin(self) -> String {
        format!("{BEGIN}{} -->\n", self.name())
    }

    /// The plots that are worth a look, and what they show.
    const fn plots(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Of(Group::Typed) => &[
                (
                    "overview-typed",
                    "times, ratio to the best allocator of each row",
                ),
                (
                    "overview-typed-pools",
                    "times, ratio to the best other pool of each row",
                ),
                (
                    "time-types-mix",
                    "times of all four structs in a window that moves",
                ),
            ],
            Self::Of(Group::Threads) => &[(
                "overview-threads",
                "times, ratio to the best rival of each row",
            )],
            Self::Of(Group::Heap) => &[(
                "overview-heap",
                "times, ratio to the best rival of each row",
            )],
            Self::Of(Group::Clients) => &[(
                "overview-clients",
                "times, ratio to the best rival of each row",
            )],
            Self::Of(Group::Memory) => &[
                ("memory-burst", "what is resident after a burst"),
                ("memory-churn", "what is resident under churn"),
                (
                    "memory-queue-2t",
                    "what is resident while a queue swells and shrinks",
                ),
            ],
            Self::Of(Group::Epoch) => &[
                (
                    "latency-ingest-half-4t",
                    "latency of a write at half of what the slowest sustains",
                ),
                (
                    "latency-ingest-most-4t",
                    "latency of a write at four fifths of it",
                ),
                (
                    "memory-stalled-2t",
                    "what is resident while a reader sleeps",
                ),
            ],
            Self::Run | Self::Goals | Self::Standing | Self::Behind => &[],
        }
    }

    fn tables(self, results: &Results, also: &[Results]) -> String {
        match self {
            Self::Run => parts::run(results),
            Self::Goals => goals::text(results, also),
            Self::Standing => parts::standing(results),
            Self::Behind => parts::behind(results),
            Self::Of(group) => parts::group(results, group),
        }
    }
}

/// A page, read before the long work and written after it.
#[derive(Debug)]
pub(super) struct Page {
    path: PathBuf,
    text: String,
}

impl Page {
    /// Reads it.
    ///
    /// # Errors
    /// If it cannot be read, has no marks, or has one that is unknown or without an end.
    pub(super) fn read(path: &Path) -> Result<Self, Box<dyn Error>> {
        let said = |trouble: String| format!("{}: {trouble}", path.display());
        let text = fs::read_to_string(path).map_err(|trouble| said(trouble.to_string()))?;
        check(&text).map_err(said)?;
        Ok(Self {
            path: path.into(),
            text,
        })
    }

    /// Draws its plots and writes its tables; returns how many plots there are. `also` are runs of other builds, for goals.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub(super) fn write(
        &self,
        results: &Results,
        also: &[Results],
    ) -> Result<usize, Box<dyn Error>> {
        let name = self.path.file_stem().unwrap_or_default().to_string_lossy();
        let name = name.to_lowercase();
        let parts = Part::all().filter(|part| self.text.contains(&part.begin()));
        let wanted: Vec<String> = parts
            .flat_map(|part| part.plots())
            .map(|(plot, _)| format!("{plot}.svg"))
            .collect();
        let folder = self.path.with_file_name(&name);
        let is_wanted = |file: &str| wanted.iter().any(|one| one == file);
        let drawn = plot::draw(results, &folder, &is_wanted)?;
        fs::write(
            &self.path,
            filled(&self.text, (results, also), &name, &drawn),
        )
        .map_err(|trouble| format!("{}: {trouble}", self.path.display()))?;
        Ok(drawn.len())
    }
}

fn check(text: &str) -> Result<(), String> {
    let begins = text.lines().filter_map(|line| line.strip_prefix(BEGIN));
    let mut parts = 0;
    for begin in begins {
        let name = begin.trim_end_matches(" -->");
        let Some(part) = Part::all().find(|one| one.name() == name) else {
            let known: Vec<_> = Part::all().map(Part::name).collect();
            return Err(format!(
                "no part is called {name:?}; known are {}",
                known.join(", ")
            ));
        };
        let (_, after) = text.split_once(&part.begin()).ok_or(name)?;
        let inside = after.split_once(END).map(|parts| parts.0);
        if inside.is_none_or(|inside| inside.contains(BEGIN)) {
            return Err(format!("the part {name:?} has no end"));
        }
        parts += 1;
    }
    match parts {
        0 => Err(format!(
            "there is no line `{}`, so nothing to write",
            Part::Run.begin().trim_end()
        )),
        _ => Ok(()),
    }
}

/// The page with each of its parts written anew. Plots that were drawn are in `folder`, seen from the page.
fn filled(text: &str, runs: (&Results, &[Results]), folder: &str, drawn: &[String]) -> String {
    Part::all().fold(text.to_string(), |page, part| {
        let begin = part.begin();
        if !page.contains(&begin) {
            return page;
        }
        let mut between = String::from("\n");
        for (plot, shows) in part.plots() {
            let file = format!("{plot}.svg");
            if drawn.contains(&file) {
                let _ = writeln!(between, "![{shows}]({folder}/{file})\n");
            }
        }
        let _ = writeln!(between, "{}\n", part.tables(runs.0, runs.1).trim());
        exchanged(&page, &begin, &between).unwrap_or(page)
    })
}

#[cfg(test)]
mod tests;
