//! Latency by percentile: across the number of nines, upright the logarithm of the time.

use core::ops::Range;

use plotters::backend::DrawingBackend;

use super::axes::{self, Named, Scale, TOP};
use super::canvas::Picture;
use super::palette::{self, SHADE};
use super::pen::{At, Broken, Pen, Place};
use super::{Figures, Kind, Measured, Source, title};
use crate::lab::driver::results::enough;

/// A row's tails.
#[derive(Debug)]
pub(super) struct Latency<'a> {
    title: String,
    source: &'a Source,
    note: String,
    curves: Vec<Curve<'a>>,
}

/// One contestant's.
#[derive(Debug)]
struct Curve<'a> {
    figures: &'a Figures,
    /// Nines and nanoseconds.
    points: Vec<Place>,
}

/// So many nines are past a share of the operations.
fn nines(share: f64) -> f64 {
    -(1.0 - share).log10()
}

impl<'a> Latency<'a> {
    /// None if fewer than two curves rise above what the clock can tell.
    pub(super) fn of(row: &'a Measured, source: &'a Source) -> Option<Self> {
        let curves: Vec<Curve<'_>> = row.contestants.iter().filter_map(Curve::of).collect();
        let told = curves.iter().filter(|curve| {
            let mut times = curve.points.iter().map(|point| point.1);
            times.any(|ns| ns >= source.floor_ns)
        });
        if told.count() < 2 {
            return None;
        }
        let tails = || row.contestants.iter().filter_map(|one| one.tail.as_ref());
        let least = tails().map(|tail| tail.count).min().unwrap_or(0) as f64;
        let open = row.is_open_loop();
        let asked = tails().find_map(|tail| Some(tail.rates?[1]));
        let asked = asked.map_or(String::new(), |rate| {
            format!("{rate:.0} a second are due; ")
        });
        let (kind, from) = if open {
            ("open", "when it was due")
        } else {
            ("closed", "when it began")
        };
        Some(Self {
            title: title(row, &format!("latency, {kind} loop")),
            source,
            note: format!(
                "{asked}from {from} to its end; at least {:.2} million operations each; curves end where 100 operations are beyond",
                least / 1e6
            ),
            curves,
        })
    }

    fn ranges(&self) -> (f64, Range<f64>) {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let most = points().map(|point| point.0).fold(1.0, f64::max);
        let highest = points().map(|point| point.1).fold(1.0, f64::max);
        let lowest = points().map(|point| point.1).fold(highest, f64::min);
        // Nothing below what the clock tells is worth its place, but a strip of it shows that it is there.
        let lowest = lowest.max(self.source.floor_ns * 0.7);
        (most, lowest * 0.9..(highest * 1.15).max(lowest * 4.0))
    }
}

impl<'a> Curve<'a> {
    fn of(figures: &'a Figures) -> Option<Self> {
        let tail = figures.tail.as_ref()?;
        let known = tail
            .curve
            .iter()
            .filter(|(_, share)| *share < 1.0 && enough(tail.count, *share));
        let points: Vec<Place> = known.map(|&(ns, share)| (nines(share), ns)).collect();
        let is_curve = points.len() > 1 && figures.contestant.kind() != Kind::Loop;
        is_curve.then_some(Self { figures, points })
    }
}

impl Picture for Latency<'_> {
    fn height(&self) -> u32 {
        520
    }

    fn draw<B: DrawingBackend>(&self, pen: &Pen<B>) -> Result<(), Broken<B>> {
        axes::heading(pen, &self.title, [&self.source.text, &self.note])?;
        let (most, times) = self.ranges();
        let bottom = f64::from(self.height()) - 52.0;
        let x = Scale {
            of: 0.0..most,
            to: 76.0..axes::right(190),
        };
        let y = Scale {
            of: times.start.log10()..times.end.log10(),
            to: bottom..TOP,
        };
        let floor = y.at(self.source.floor_ns.log10());
        if floor < bottom {
            pen.block([(x.to.start, floor), (x.to.end, bottom)], SHADE)?;
            if bottom - floor > 14.0 {
                let place = (x.to.start + 6.0, (floor + bottom) / 2.0);
                pen.text("not told apart by the clock", place, At::Left, axes::MARK)?;
            }
        }
        let marks = axes::log_marks(&times)
            .into_iter()
            .map(|ns| (ns.log10(), axes::mark(ns)));
        axes::upright(pen, &y, &x.to, &marks.collect::<Vec<_>>())?;
        let shares = [0.0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.999_99, 0.999_999];
        let names = ["0", "50", "90", "99", "99.9", "99.99", "99.999", "99.9999"];
        let marks = shares.into_iter().map(nines).zip(names.map(String::from));
        let marks: Vec<_> = marks.filter(|(nines, _)| *nines <= most + 1e-9).collect();
        axes::across(pen, &x, &y.to, &marks, "percentile")?;
        let mut named = Vec::new();
        // Ours last, over the others.
        let mut order: Vec<&Curve<'_>> = self.curves.iter().collect();
        order.sort_by_key(|curve| palette::is_bold(curve.figures.contestant));
        for curve in order {
            let who = curve.figures.contestant;
            let place = |point: &Place| (x.at(point.0), y.at(point.1.log10()).min(bottom));
            let places: Vec<Place> = curve.points.iter().map(place).collect();
            pen.line(&places, palette::colour(who), palette::width(who))?;
            named.extend(places.last().map(|&end| Named::of(who, end)));
        }
        axes::names(pen, x.to.end, TOP..bottom, named)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;
    use crate::lab::contestant::Contestant;

    #[test]
    fn a_curve_ends_where_100_operations_are_beyond() {
        let results = fixture::results(120);
        let (source, row) = (Source::of(&results), &results.rows[3]);
        let latency = Latency::of(row, &source).expect("it is an open loop with tails");
        assert_eq!(latency.curves.len(), row.contestants.len());
        for curve in &latency.curves {
            // Of two million operations 100 are beyond 99.995 %.
            let most = curve.points.last().unwrap().0;
            assert!(most > 4.2 && most <= nines(0.99995) + 1e-9, "{most}");
        }
        assert!((nines(0.999) - 3.0).abs() < 1e-9);
        assert!(
            latency.title.ends_with("latency, open loop"),
            "{}",
            latency.title
        );
        assert!(
            latency.note.contains("100000 a second are due"),
            "{}",
            latency.note
        );
    }

    #[test]
    fn what_the_clock_does_not_tell_is_no_plot() {
        let results = fixture::results(120);
        let (source, mut row) = (Source::of(&results), results.rows[3].clone());
        for one in &mut row.contestants[1..] {
            let curve = &mut one.tail.as_mut().unwrap().curve;
            curve
                .iter_mut()
                .for_each(|point| point.0 = source.floor_ns - 1.0);
        }
        assert!(Latency::of(&row, &source).is_none());
        let other = row.contestants[1].tail.as_mut().unwrap();
        other.curve[0].0 = source.floor_ns;
        assert!(Latency::of(&row, &source).is_some());
        row.contestants[0].contestant = Contestant::Loop;
        assert!(
            Latency::of(&row, &source).is_none(),
            "the loop has no curve"
        );
    }
}
