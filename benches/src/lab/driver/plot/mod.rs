//! The plots: each is drawn once for SVG and once for PNG.
//!
//! `canvas` knows the two kinds of files, `pen` draws in pixels of the finished picture (texts
//! of PNGs by `lettering`), `axes` scales and labels, `palette`
//! gives everybody one colour in all plots; the other four are the plots.

mod axes;
mod bars;
mod canvas;
mod latency;
mod lettering;
mod memory;
mod overview;
mod palette;
mod pen;

use std::error::Error;
use std::fs;
use std::path::Path;

use super::is_rival;
use super::results::{Figures, Measured, Results};
use crate::lab::contestant::{Contestant, Kind};
use crate::lab::workload::Group;
use bars::Bars;
use canvas::Picture;
use latency::Latency;
use memory::MemoryOverTime;
use overview::Overview;

/// Draws the plots that the results have something for, of those whose files' names are wanted; returns the names of the files.
/// A row's plots may be asked for without the distance of the cores, which no page knows beforehand: then they are of the one
/// at which most contestants were measured.
///
/// # Errors
/// If a file cannot be written.
pub(super) fn draw(
    results: &Results,
    folder: &Path,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<String>, Box<dyn Error>> {
    fs::create_dir_all(folder).map_err(|trouble| format!("{}: {trouble}", folder.display()))?;
    let mut sheaf = Sheaf {
        folder,
        wanted,
        drawn: Vec::new(),
    };
    let source = Source::of(results);
    for row in &results.rows {
        let mut names = vec![file_name(&row.name())];
        if row.distance.is_some() && is_fullest(results, row) {
            names.push(file_name(&row.row.to_string()));
        }
        let names = |what: &str| -> Vec<String> {
            let each = names.iter();
            each.map(|name| format!("{what}-{name}")).collect()
        };
        sheaf.add(&names("time"), Bars::of(row, &source))?;
        sheaf.add(&names("latency"), Latency::of(row, &source))?;
        sheaf.add(&names("memory"), MemoryOverTime::of(row, &source))?;
    }
    for group in Group::ALL {
        for pools in [false, true] {
            let what = if pools { "-pools" } else { "" };
            let name = format!("overview-{}{what}", group.name());
            sheaf.add(&[name], Overview::of(&results.rows, group, pools, &source))?;
        }
    }
    Ok(sheaf.drawn)
}

/// Plots that go to one folder.
struct Sheaf<'a> {
    folder: &'a Path,
    wanted: &'a dyn Fn(&str) -> bool,
    drawn: Vec<String>,
}

impl Sheaf<'_> {
    /// Draws it under the first of its names that is wanted.
    fn add(
        &mut self,
        names: &[String],
        picture: Option<impl Picture>,
    ) -> Result<(), Box<dyn Error>> {
        let Some(picture) = picture else {
            return Ok(());
        };
        for kind in canvas::Kind::BOTH {
            let mut files = names.iter().map(|name| format!("{name}.{}", kind.ending()));
            if let Some(file) = files.find(|file| (self.wanted)(file)) {
                canvas::write(&picture, kind, &self.folder.join(&file))?;
                self.drawn.push(file);
            }
        }
        Ok(())
    }
}

/// Whether at no other distance more contestants were measured in the same row; of two with as many, the first is it.
fn is_fullest(results: &Results, row: &Measured) -> bool {
    let measured = |row: &Measured| {
        let able = |one: &&Figures| one.ns.is_some() || one.tail.is_some();
        row.contestants.iter().filter(able).count()
    };
    let same = results.rows.iter().filter(|one| one.row == row.row);
    let fullest = same.rev().max_by_key(|one| measured(one));
    fullest.is_some_and(|one| one.distance == row.distance)
}

/// A row's name without what a path or a link would have to quote.
fn file_name(row: &str) -> String {
    row.replace(['/', ' '], "-")
}

/// What stands under each title: where and when.
#[derive(Debug)]
struct Source {
    text: String,
    floor_ns: f64,
}

impl Source {
    fn of(results: &Results) -> Self {
        let machine = &results.machine;
        Self {
            text: format!(
                "{}, {} cores, {}; {}; {} rounds, profile {}",
                machine.processor,
                machine.cores,
                machine.system,
                results.date(),
                results.rounds,
                results.profile
            ),
            floor_ns: machine.clock.floor_ns(),
        }
    }
}

/// The title of a row's plot: the row, what is shown, and how far apart the cores were.
fn title(row: &Measured, what: &str) -> String {
    let trip = row.trip_ns.map(|ns| format!(", round trip {ns:.0} ns"));
    format!("{}: {what}{}", row.name(), trip.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::super::fixture;
    use super::*;
    use crate::lab::workload::{Row, Workload};

    /// Set to a folder, the plots stay there to be looked at.
    const KEPT: &str = "SYDRA_PLOTS";

    #[test]
    fn every_sort_of_plot_is_drawn_as_svg_and_png() {
        let kept = env::var_os(KEPT).map(std::path::PathBuf::from);
        let folder = kept
            .clone()
            .unwrap_or_else(|| env::temp_dir().join(format!("sydra-plots-{}", std::process::id())));
        let results = fixture::results(120);
        let drawn = draw(&results, &folder, &|_| true).unwrap();
        let read = |name: &str| {
            fs::read(folder.join(name)).unwrap_or_else(|_| panic!("{name} is missing"))
        };
        for name in [
            "time-pair-node",
            "time-larson-2t-near",
            "latency-ingest-half-4t",
            "latency-json",
            "memory-churn",
            "overview-typed",
            "overview-typed-pools",
        ] {
            let svg = String::from_utf8(read(&format!("{name}.svg"))).unwrap();
            assert!(
                svg.starts_with("<svg font-family=\"sans-serif\" width=\"900\"")
                    && svg.trim_end().ends_with("</svg>"),
                "{name}"
            );
            for part in ["Example CPU", "2026-05-28", "sharded"] {
                assert!(
                    name == "overview-typed-pools" || svg.contains(part),
                    "{name} has no {part}"
                );
            }
            let png = read(&format!("{name}.png"));
            assert_eq!(png[..4], *b"\x89PNG", "{name}");
            // Text in it, not an empty picture.
            assert!(png.len() > 8_000, "{name}: {} bytes", png.len());
        }
        let svg = String::from_utf8(read("latency-ingest-half-4t.svg")).unwrap();
        assert!(svg.contains("open loop"));
        let svg = String::from_utf8(read("latency-json.svg")).unwrap();
        assert!(svg.contains("closed loop"));
        let files = fs::read_dir(&folder).unwrap().count();
        assert!(
            kept.is_some() || files == drawn.len(),
            "{files} files, {drawn:?}"
        );
        if kept.is_none() {
            fs::remove_dir_all(&folder).unwrap();
        }
    }

    #[test]
    fn only_what_is_wanted_is_drawn() {
        let folder = env::temp_dir().join(format!("sydra-one-plot-{}", std::process::id()));
        let wanted = |name: &str| name == "time-json.svg" || name == "time-nothing.svg";
        let drawn = draw(&fixture::results(20), &folder, &wanted).unwrap();
        assert_eq!(drawn, ["time-json.svg"]);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_row_without_a_distance_is_the_one_that_most_took_part_in() {
        let mut results = fixture::results(20);
        let near = results
            .rows
            .iter()
            .find(|row| row.distance.is_some())
            .unwrap();
        let mut far = near.clone();
        far.distance = Some(crate::cores::Distance::Far);
        let folder = env::temp_dir().join(format!("sydra-far-plot-{}", std::process::id()));
        let drawn = |results: &Results| {
            draw(results, &folder, &|name| name == "time-larson-2t.svg").unwrap();
            fs::read_to_string(folder.join("time-larson-2t.svg")).unwrap()
        };
        results.rows.push(far);
        assert!(drawn(&results).contains("larson/2t near"));
        results.rows[2].contestants.pop();
        assert!(drawn(&results).contains("larson/2t far"));
        fs::remove_dir_all(&folder).unwrap();
    }

    /// A title has no second line: so many letters of its size are as wide as a picture.
    #[test]
    fn titles_are_as_wide_as_the_picture_at_most() {
        let rows = Workload::ALL.iter().flat_map(|one| Row::of(*one, &[]));
        for row in rows {
            let row = Measured {
                distance: (row.threads > 1).then_some(crate::cores::Distance::Near),
                trip_ns: (row.threads > 1).then_some(300.0),
                ..fixture::row(&row.to_string(), [])
            };
            for what in [
                "time of an operation, closed loop",
                "resident memory over time",
            ] {
                let title = title(&row, what);
                assert!(title.len() <= 84, "{}: {title}", title.len());
            }
        }
    }

    #[test]
    fn ours_beyond_the_edge_has_its_ratio_beside_it_and_nobody_else() {
        let folder = env::temp_dir().join(format!("sydra-edge-plot-{}", std::process::id()));
        let mut results = fixture::results(20);
        let drawn = |results: &Results| {
            draw(results, &folder, &|name| name == "overview-typed.svg").unwrap();
            fs::read_to_string(folder.join("overview-typed.svg")).unwrap()
        };
        assert!(!drawn(&results).contains("0.80"));
        let typed = &mut results.rows[0].contestants[0];
        let ns = typed.ns.as_mut().unwrap();
        (ns.low, ns.median, ns.high) = (0.1, 0.1, 0.1);
        // To snmalloc, the best rival allocator of the row, at 2.5.
        let text = drawn(&results);
        assert!(
            text.contains("\n0.04\n") && !text.contains("0.80"),
            "{text}"
        );
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn names_of_files_need_no_quotes() {
        assert_eq!(file_name("larson/2t near"), "larson-2t-near");
    }
}
