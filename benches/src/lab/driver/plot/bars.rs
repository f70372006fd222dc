//! Nanoseconds an operation, one bar for each contestant, with its interval; the fastest first.

use plotters::backend::DrawingBackend;

use super::axes::{self, MARK, NAME, Scale, TOP};
use super::canvas::Picture;
use super::palette::{self, BACKGROUND, INK};
use super::pen::{At, Broken, Pen, Script};
use super::{Contestant, Measured, Source, title};
use crate::lab::driver::stats::Estimate;

/// A row's times.
#[derive(Debug)]
pub(super) struct Bars<'a> {
    title: String,
    source: &'a Source,
    bars: Vec<(Contestant, Estimate)>,
}

/// Height of a bar with the gap below it.
const LINE: f64 = 25.0;

/// A bar longer than this many times the median bar is cut, so that the others can be told apart.
const CUT: f64 = 4.0;

impl<'a> Bars<'a> {
    /// None if fewer than two were timed.
    pub(super) fn of(row: &'a Measured, source: &'a Source) -> Option<Self> {
        let timed = row
            .contestants
            .iter()
            .filter_map(|one| Some((one.contestant, one.ns?)));
        let mut bars: Vec<(Contestant, Estimate)> = timed.collect();
        bars.sort_by(|one, other| one.1.median.total_cmp(&other.1.median));
        (bars.len() > 1).then(|| Self {
            title: title(row, "time of an operation, closed loop"),
            source,
            bars,
        })
    }

    /// The longest bar that is drawn whole.
    fn longest(&self) -> f64 {
        let middle = self.bars[self.bars.len() / 2].1.median;
        let longest = self.bars.iter().map(|(_, ns)| ns.high).fold(0.0, f64::max);
        longest.min(middle * CUT).max(f64::MIN_POSITIVE)
    }
}

impl Picture for Bars<'_> {
    fn height(&self) -> u32 {
        (TOP + LINE * self.bars.len() as f64) as u32 + 52
    }

    fn draw<B: DrawingBackend>(&self, pen: &Pen<B>) -> Result<(), Broken<B>> {
        let note = "median and 95 % interval of the rounds; a bar that goes on is cut";
        axes::heading(pen, &self.title, [&self.source.text, note])?;
        let bottom = TOP + LINE * self.bars.len() as f64;
        let longest = self.longest();
        let x = Scale {
            of: 0.0..longest,
            to: 166.0..axes::right(150),
        };
        let marks = axes::round_marks(longest, 6).into_iter();
        let marks: Vec<_> = marks.map(|ns| (ns, axes::mark(ns))).collect();
        axes::across(pen, &x, &(bottom..TOP), &marks, "time of an operation")?;
        for (place, &(who, ns)) in self.bars.iter().enumerate() {
            let middle = TOP + LINE * (place as f64 + 0.5);
            let script = Script {
                bold: palette::is_bold(who),
                ..NAME
            };
            pen.text(who.name(), (158.0, middle), At::Right, script)?;
            let is_cut = ns.median > longest;
            let end = x.at(ns.median.min(longest));
            pen.block(
                [(x.to.start, middle - 8.0), (end, middle + 8.0)],
                palette::colour(who),
            )?;
            let mut beside = end;
            if is_cut {
                let notch = [
                    (end - 14.0, middle + 8.0),
                    (end - 6.0, middle - 8.0),
                    (end - 1.0, middle - 8.0),
                    (end - 9.0, middle + 8.0),
                ];
                pen.shape(&notch, BACKGROUND)?;
            } else {
                let [low, high] = [ns.low, ns.high].map(|ns| x.at(ns.min(longest)));
                // White under it, to be seen on a dark bar too.
                for (colour, width) in [(BACKGROUND, 3.25), (INK, 1.25)] {
                    pen.line(&[(low, middle), (high, middle)], colour, width)?;
                    for side in [low, high] {
                        let end = 4.0 + (width - 1.25) / 2.0;
                        let ends = [(side, middle - end), (side, middle + end)];
                        pen.line(&ends, colour, width)?;
                    }
                }
                beside = beside.max(high);
            }
            let text = axes::time(ns.median);
            pen.text(
                &text,
                (beside + 7.0, middle),
                At::Left,
                Script {
                    colour: INK,
                    ..MARK
                },
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn the_fastest_is_first_and_what_is_far_longer_is_cut() {
        let results = fixture::results(20);
        let source = Source::of(&results);
        let mut row = results.rows[0].clone();
        let bars = Bars::of(&row, &source).expect("all of them were timed");
        let names: Vec<Contestant> = bars.bars.iter().map(|bar| bar.0).collect();
        assert_eq!(
            names[..3],
            [Contestant::Typed, Contestant::Slab, Contestant::Sharded]
        );
        // The slowest takes 8 ns, within 8.5, and the one in the middle 3.
        assert_eq!(bars.longest(), 8.5);
        let mut slowest = row.contestants.iter_mut();
        let slowest = slowest.find(|one| one.contestant == Contestant::Buckets);
        slowest.unwrap().ns.as_mut().unwrap().high = 800.0;
        assert_eq!(Bars::of(&row, &source).unwrap().longest(), 12.0);
        row.contestants.truncate(1);
        assert!(Bars::of(&row, &source).is_none());
    }
}
