//! Resident memory over time, beside what was alive.

use plotters::backend::DrawingBackend;

use super::axes::{self, Named, Scale, TOP};
use super::canvas::Picture;
use super::palette::{self, INK};
use super::pen::{Broken, Pen, Place};
use super::{Figures, Group, Kind, Measured, Source, title};

/// A row's memory.
#[derive(Debug)]
pub(super) struct MemoryOverTime<'a> {
    title: String,
    source: &'a Source,
    contestants: Vec<&'a Figures>,
}

/// What is at one moment, as `Memory::series` has it.
type Moment = (f64, f64, f64);

/// Loads whose live memory differs by less than this part of the most are the same.
const ALIKE: f64 = 0.1;

impl<'a> MemoryOverTime<'a> {
    /// None where memory is not the matter or was not looked at.
    pub(super) fn of(row: &'a Measured, source: &'a Source) -> Option<Self> {
        let group = row.row.workload.about().group;
        if !matches!(group, Group::Memory | Group::Epoch) {
            return None;
        }
        let looked_at =
            |one: &&Figures| one.memory.series.len() > 2 && one.contestant.kind() != Kind::Loop;
        let contestants: Vec<&Figures> = row.contestants.iter().filter(looked_at).collect();
        (!contestants.is_empty()).then(|| Self {
            title: title(row, "resident memory over time"),
            source,
            contestants,
        })
    }

    fn moments(&self) -> impl Iterator<Item = &Moment> {
        self.contestants.iter().flat_map(|one| &one.memory.series)
    }

    /// Whether all loads have about the same alive. A load that is paced by the clock has it at slightly other moments each
    /// time, so what is compared is its height and its mean.
    fn is_live_alike(&self) -> bool {
        let figures = |one: &&Figures| {
            let live = || one.memory.series.iter().map(|moment| moment.2);
            let mean = live().sum::<f64>() / one.memory.series.len() as f64;
            [live().fold(0.0, f64::max), mean]
        };
        let all: Vec<[f64; 2]> = self.contestants.iter().map(figures).collect();
        let are_alike = |at: usize| {
            let least = all.iter().map(|one| one[at]).fold(f64::INFINITY, f64::min);
            let most = all.iter().map(|one| one[at]).fold(0.0, f64::max);
            most - least <= ALIKE * most
        };
        are_alike(0) && are_alike(1)
    }
}

impl Picture for MemoryOverTime<'_> {
    fn height(&self) -> u32 {
        480
    }

    fn draw<B: DrawingBackend>(&self, pen: &Pen<B>) -> Result<(), Broken<B>> {
        let note = "first round of each; dashed: alive, as the load counts it";
        axes::heading(pen, &self.title, [&self.source.text, note])?;
        let bottom = f64::from(self.height()) - 52.0;
        let seconds = self.moments().map(|one| one.0).fold(1.0, f64::max) / 1e3;
        let mib = |kib: f64| kib / 1024.0;
        let highest = self
            .moments()
            .map(|one| mib(one.1.max(one.2)))
            .fold(1.0, f64::max);
        let x = Scale {
            of: 0.0..seconds,
            to: 76.0..axes::right(190),
        };
        let y = Scale {
            of: 0.0..highest * 1.04,
            to: bottom..TOP,
        };
        let marks = |highest: f64, most, unit: &str| -> Vec<(f64, String)> {
            let marks = axes::round_marks(highest, most).into_iter();
            marks
                .map(|mark| (mark, format!("{}{unit}", (mark * 1e6).round() / 1e6)))
                .collect()
        };
        axes::upright(pen, &y, &x.to, &marks(highest, 6, " MiB"))?;
        axes::across(pen, &x, &y.to, &marks(seconds, 8, ""), "seconds")?;
        let line = |series: &[Moment], of: fn(&Moment) -> f64| -> Vec<Place> {
            let places = series
                .iter()
                .map(|one| (x.at(one.0 / 1e3), y.at(mib(of(one)))));
            places.collect()
        };
        let mut named = Vec::new();
        let mut order = self.contestants.clone();
        order.sort_by_key(|one| palette::is_bold(one.contestant));
        for one in &order {
            let who = one.contestant;
            let places = line(&one.memory.series, |moment| moment.1);
            pen.line(&places, palette::colour(who), palette::width(who))?;
            named.extend(places.last().map(|&end| Named::of(who, end)));
        }
        let alike = self.is_live_alike();
        for one in &order[..if alike { 1 } else { order.len() }] {
            let who = one.contestant;
            let places = line(&one.memory.series, |moment| moment.2);
            let colour = if alike { INK } else { palette::colour(who) };
            pen.dashes(&places, colour, 1.5, 5.0)?;
            if let (true, Some(&end)) = (alike, places.last()) {
                let (name, bold) = ("alive".into(), false);
                named.push(Named {
                    name,
                    end,
                    colour,
                    bold,
                });
            }
        }
        axes::names(pen, x.to.end, TOP..bottom, named)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn loads_that_swell_to_the_same_height_have_one_line_of_what_is_alive() {
        let results = fixture::results(20);
        let churn = results.rows.iter().find(|row| row.name() == "churn");
        let mut churn = churn.unwrap().clone();
        let source = Source::of(&results);
        let is_alike = |row: &Measured| MemoryOverTime::of(row, &source).unwrap().is_live_alike();
        assert!(is_alike(&churn));
        // The same a little later is the same; twice as much is not.
        let series = &mut churn.contestants[0].memory.series;
        series.iter_mut().for_each(|moment| moment.0 += 50.0);
        assert!(is_alike(&churn));
        let series = &mut churn.contestants[0].memory.series;
        series.iter_mut().for_each(|moment| moment.2 *= 2.0);
        assert!(!is_alike(&churn));
    }
}
