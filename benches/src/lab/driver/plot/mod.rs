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
use latency::Latency;
use memory::MemoryOverTime;
use overview::Overview;

/// Draws all plots that the results have something for; returns how many.
///
/// # Errors
/// If a file cannot be written.
pub(super) fn draw(results: &Results, folder: &Path) -> Result<usize, Box<dyn Error>> {
    fs::create_dir_all(folder).map_err(|trouble| format!("{}: {trouble}", folder.display()))?;
    let mut drawn = 0;
    let source = Source::of(results);
    for row in &results.rows {
        let file = |what: &str| folder.join(format!("{what}-{}", file_name(&row.name())));
        if let Some(bars) = Bars::of(row, &source) {
            canvas::write(&bars, &file("time"))?;
            drawn += 1;
        }
        if let Some(latency) = Latency::of(row, &source) {
            canvas::write(&latency, &file("latency"))?;
            drawn += 1;
        }
        if let Some(memory) = MemoryOverTime::of(row, &source) {
            canvas::write(&memory, &file("memory"))?;
            drawn += 1;
        }
    }
    for group in Group::ALL {
        for pools in [false, true] {
            let overview = Overview::of(&results.rows, group, pools, &source);
            let Some(overview) = overview else { continue };
            let what = if pools { "-pools" } else { "" };
            let file = folder.join(format!("overview-{}{what}", group.name()));
            canvas::write(&overview, &file)?;
            drawn += 1;
        }
    }
    Ok(drawn)
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
    let trip = row
        .trip_ns
        .map(|ns| format!(", round trip of a cache line {ns:.0} ns"));
    format!("{}: {what}{}", row.name(), trip.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::super::fixture;
    use super::*;

    /// Set to a folder, the plots stay there to be looked at.
    const KEPT: &str = "SYDRA_PLOTS";

    #[test]
    fn every_sort_of_plot_is_drawn_as_svg_and_png() {
        let kept = env::var_os(KEPT).map(std::path::PathBuf::from);
        let folder = kept
            .clone()
            .unwrap_or_else(|| env::temp_dir().join(format!("sydra-plots-{}", std::process::id())));
        let results = fixture::results(120);
        let drawn = draw(&results, &folder).unwrap();
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
                svg.starts_with("<svg width=\"900\"") && svg.trim_end().ends_with("</svg>"),
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
            kept.is_some() || files == 2 * drawn,
            "{files} files, {drawn} plots"
        );
        if kept.is_none() {
            fs::remove_dir_all(&folder).unwrap();
        }
    }

    #[test]
    fn names_of_files_need_no_quotes() {
        assert_eq!(file_name("larson/2t near"), "larson-2t-near");
    }
}
