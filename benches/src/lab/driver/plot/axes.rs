//! Scales, their marks, and the frame that every plot has: a title, where it comes from, axes, names beside the data.

use std::ops::Range;

use plotters::backend::DrawingBackend;
use plotters::style::RGBColor;

use super::canvas::WIDTH;
use super::palette::{self, FAINT, GRID, INK};
use super::pen::{At, Broken, Pen, Place, Script};
use crate::lab::contestant::Contestant;

/// A title.
pub(super) const TITLE: Script = Script {
    size: 16.0,
    bold: true,
    colour: INK,
};
/// A name in a plot.
pub(super) const NAME: Script = Script {
    size: 12.0,
    bold: false,
    colour: INK,
};
/// A mark at an axis.
pub(super) const MARK: Script = Script {
    size: 11.0,
    bold: false,
    colour: FAINT,
};

/// Where the data begin, from the top.
pub(super) const TOP: f64 = 74.0;

/// From numbers to pixels.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    /// Numbers.
    pub(super) of: Range<f64>,
    /// Pixels; the end is above the start on an upright scale.
    pub(super) to: Range<f64>,
}

impl Scale {
    /// Where a number is.
    pub(super) fn at(&self, number: f64) -> f64 {
        let part = (number - self.of.start) / (self.of.end - self.of.start);
        self.to.start + part * (self.to.end - self.to.start)
    }
}

/// Something at the right end of a line that is to be named.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// The name.
    pub(super) name: String,
    /// Where its line ends.
    pub(super) end: Place,
    /// Its colour.
    pub(super) colour: RGBColor,
    /// Whether the name is bold.
    pub(super) bold: bool,
}

impl Named {
    /// A contestant, whose line ends there.
    pub(super) fn of(who: Contestant, end: Place) -> Self {
        Self {
            name: who.to_string(),
            end,
            colour: palette::colour(who),
            bold: palette::is_bold(who),
        }
    }
}

/// The title and what stands under it.
pub(super) fn heading<B: DrawingBackend>(
    pen: &Pen<B>,
    title: &str,
    notes: [&str; 2],
) -> Result<(), Broken<B>> {
    pen.text(title, (16.0, 18.0), At::Left, TITLE)?;
    pen.text(notes[0], (16.0, 39.0), At::Left, MARK)?;
    pen.text(notes[1], (16.0, 56.0), At::Left, MARK)
}

/// Marks and lines of the grid at these heights.
pub(super) fn upright<B: DrawingBackend>(
    pen: &Pen<B>,
    scale: &Scale,
    across: &Range<f64>,
    marks: &[(f64, String)],
) -> Result<(), Broken<B>> {
    for (number, text) in marks {
        let y = scale.at(*number);
        pen.line(&[(across.start, y), (across.end, y)], GRID, 1.0)?;
        pen.text(text, (across.start - 7.0, y), At::Right, MARK)?;
    }
    Ok(())
}

/// The same across, with what the axis means under it.
pub(super) fn across<B: DrawingBackend>(
    pen: &Pen<B>,
    scale: &Scale,
    upright: &Range<f64>,
    marks: &[(f64, String)],
    meaning: &str,
) -> Result<(), Broken<B>> {
    let bottom = upright.start;
    for (number, text) in marks {
        let x = scale.at(*number);
        pen.line(&[(x, bottom), (x, upright.end)], GRID, 1.0)?;
        pen.text(text, (x, bottom + 12.0), At::Middle, MARK)?;
    }
    pen.line(
        &[(scale.to.start, bottom), (scale.to.end, bottom)],
        FAINT,
        1.0,
    )?;
    let middle = (scale.to.start + scale.to.end) / 2.0;
    pen.text(meaning, (middle, bottom + 32.0), At::Middle, MARK)
}

/// The least distance between two names.
const NAME_APART: f64 = 16.0;

/// Names to the right of `from`, each near the end of its line, none over another.
pub(super) fn names<B: DrawingBackend>(
    pen: &Pen<B>,
    from: f64,
    within: Range<f64>,
    mut named: Vec<Named>,
) -> Result<(), Broken<B>> {
    named.sort_by(|one, other| one.end.1.total_cmp(&other.end.1));
    let ends: Vec<f64> = named.iter().map(|one| one.end.1).collect();
    for (one, y) in named.iter().zip(apart(&ends, NAME_APART, within)) {
        let script = Script {
            bold: one.bold,
            ..NAME
        };
        // Dotted: it leads to the name and says nothing of the data.
        let way = [one.end, (from, one.end.1), (from + 14.0, y)];
        pen.dashes(&way, one.colour, 1.0, 2.0)?;
        pen.block([(from + 14.0, y - 4.5), (from + 23.0, y + 4.5)], one.colour)?;
        pen.text(&one.name, (from + 28.0, y), At::Left, script)?;
    }
    Ok(())
}

/// Ascending places moved as little as needed to be `least` from one another and, if there is room, within the range.
fn apart(places: &[f64], least: f64, within: Range<f64>) -> Vec<f64> {
    let mut moved: Vec<f64> = places.to_vec();
    for place in 1..moved.len() {
        moved[place] = moved[place].max(moved[place - 1] + least);
    }
    // What was pushed beyond the end comes back and pushes the others.
    let mut limit = within.end;
    for place in moved.iter_mut().rev() {
        *place = place.min(limit);
        limit = *place - least;
    }
    let beyond = within.start - moved.first().copied().unwrap_or(within.start);
    if beyond > 0.0 {
        moved.iter_mut().for_each(|place| *place += beyond);
    }
    moved
}

/// Round numbers from 0 on, at most `most` of them besides.
pub(super) fn round_marks(highest: f64, most: usize) -> Vec<f64> {
    let rough = (highest / most as f64).max(f64::MIN_POSITIVE);
    let ten = 10_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * ten);
    let step = steps
        .into_iter()
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(ten * 10.0);
    let count = (highest / step * 1.000_001).floor() as usize;
    (0..=count).map(|place| place as f64 * step).collect()
}

/// Powers of ten, with twice and five times them if those are few, within a range of numbers.
pub(super) fn log_marks(range: &Range<f64>) -> Vec<f64> {
    let decades = range.end.log10() - range.start.log10();
    let steps: &[f64] = if decades < 4.0 {
        &[1.0, 2.0, 5.0]
    } else {
        &[1.0]
    };
    let tens = range.start.log10().floor() as i32..=range.end.log10().ceil() as i32;
    let all = tens.flat_map(|ten| steps.iter().map(move |step| step * 10_f64.powi(ten)));
    let within = |mark: &f64| *mark >= range.start * 0.999_999 && *mark <= range.end * 1.000_001;
    all.filter(within).collect()
}

/// A time of three digits with its unit.
pub(super) fn time(ns: f64) -> String {
    let (number, unit) = match ns {
        ns if ns < 1e3 => (ns, "ns"),
        ns if ns < 1e6 => (ns / 1e3, "µs"),
        ns if ns < 1e9 => (ns / 1e6, "ms"),
        ns => (ns / 1e9, "s"),
    };
    match number {
        number if number < 10.0 => format!("{number:.2} {unit}"),
        number if number < 100.0 => format!("{number:.1} {unit}"),
        number => format!("{number:.0} {unit}"),
    }
}

/// The same at an axis, where numbers are round.
pub(super) fn mark(ns: f64) -> String {
    let text = time(ns);
    match text.split_once(' ') {
        Some((number, unit)) if number.contains('.') => {
            let bare = number.trim_end_matches('0').trim_end_matches('.');
            format!("{bare} {unit}")
        }
        _ => text,
    }
}

/// Where the data end on the right if names stand beside them.
pub(super) const fn right(names: u32) -> f64 {
    (WIDTH - names) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_distance_and_stay_inside() {
        assert_eq!(apart(&[10.0, 50.0], 16.0, 0.0..100.0), [10.0, 50.0]);
        assert_eq!(
            apart(&[10.0, 12.0, 13.0], 16.0, 0.0..100.0),
            [10.0, 26.0, 42.0]
        );
        assert_eq!(
            apart(&[90.0, 95.0, 99.0], 16.0, 0.0..100.0),
            [68.0, 84.0, 100.0]
        );
        assert_eq!(apart(&[-5.0, 0.0], 16.0, 0.0..100.0), [0.0, 16.0]);
    }

    #[test]
    fn marks_are_round_and_few() {
        assert_eq!(round_marks(87.0, 5), [0.0, 20.0, 40.0, 60.0, 80.0]);
        assert_eq!(round_marks(100.0, 5).last(), Some(&100.0));
        assert_eq!(log_marks(&(80.0..1200.0)), [100.0, 200.0, 500.0, 1000.0]);
        assert_eq!(log_marks(&(10.0..2e6)).len(), 6);
        for highest in [0.003, 1.0, 7.0, 1e9] {
            assert!(
                (3..=6).contains(&round_marks(highest, 5).len()),
                "{highest}"
            );
        }
    }

    #[test]
    fn times_have_three_digits_and_a_unit() {
        let texts = [3.1449, 20.0, 999.4, 1500.0, 2e6, 1e10].map(time);
        assert_eq!(
            texts,
            [
                "3.14 ns", "20.0 ns", "999 ns", "1.50 µs", "2.00 ms", "10.0 s"
            ]
        );
        let marks = [0.5, 20.0, 100.0, 1500.0].map(mark);
        assert_eq!(marks, ["0.5 ns", "20 ns", "100 ns", "1.5 µs"]);
    }

    #[test]
    fn a_scale_may_go_down() {
        let scale = Scale {
            of: 0.0..10.0,
            to: 100.0..0.0,
        };
        assert_eq!(
            [0.0, 5.0, 10.0].map(|number| scale.at(number)),
            [100.0, 50.0, 0.0]
        );
    }
}
