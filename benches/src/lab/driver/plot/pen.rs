//! Lines, areas and texts, in pixels of the finished picture.
//!
//! An SVG has its texts as texts. In a PNG they are drawn from outlines that this program brings along: a machine that
//! measures often has no fonts.

use plotters::backend::DrawingBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontStyle, RGBColor, ShapeStyle, TextStyle};

use super::canvas::UNITS;
use super::lettering;

/// What can go wrong while drawing.
pub(super) type Broken<B> = DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>;

/// A place in pixels, from the left and from the top.
pub(super) type Place = (f64, f64);

/// What of a text is at its place, beside the middle of its height.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    /// Its left end.
    Left,
    /// Its middle.
    Middle,
    /// Its right end.
    Right,
}

/// How a text is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Script {
    /// Size of the letters, in pixels: of the square that one of them is drawn in.
    pub(super) size: f64,
    /// Whether it is bold.
    pub(super) bold: bool,
    /// Its colour.
    pub(super) colour: RGBColor,
}

/// Draws on a canvas.
pub(super) struct Pen<'a, B: DrawingBackend> {
    area: &'a DrawingArea<B, Shift>,
    texts: Texts,
}

/// What becomes of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// It is left to the back end.
    Kept,
    /// It is drawn from outlines.
    Outlined,
}

impl<'a, B: DrawingBackend> Pen<'a, B> {
    /// For an area that is measured in units.
    pub(super) fn new(area: &'a DrawingArea<B, Shift>, texts: Texts) -> Self {
        Self { area, texts }
    }

    /// A line through all these places.
    pub(super) fn line(
        &self,
        places: &[Place],
        colour: RGBColor,
        width: f64,
    ) -> Result<(), Broken<B>> {
        let style = stroke(colour, width);
        self.area.draw(&PathElement::new(units(places), style))
    }

    /// The same in dashes, each as long as the gaps between.
    pub(super) fn dashes(
        &self,
        places: &[Place],
        colour: RGBColor,
        width: f64,
        length: f64,
    ) -> Result<(), Broken<B>> {
        for dash in split(places, length).iter().step_by(2) {
            self.line(dash, colour, width)?;
        }
        Ok(())
    }

    /// A filled rectangle with these two corners.
    pub(super) fn block(&self, corners: [Place; 2], colour: RGBColor) -> Result<(), Broken<B>> {
        self.area
            .draw(&Rectangle::new(corners.map(unit), colour.filled()))
    }

    /// A filled disc.
    pub(super) fn disc(
        &self,
        centre: Place,
        radius: f64,
        colour: RGBColor,
    ) -> Result<(), Broken<B>> {
        let radius = (radius * f64::from(UNITS)).round() as u32;
        self.area
            .draw(&Circle::new(unit(centre), radius, colour.filled()))
    }

    /// A filled shape with these corners.
    pub(super) fn shape(&self, corners: &[Place], colour: RGBColor) -> Result<(), Broken<B>> {
        self.area.draw(&Polygon::new(units(corners), colour))
    }

    /// A text on one line.
    pub(super) fn text(
        &self,
        text: &str,
        place: Place,
        at: At,
        script: Script,
    ) -> Result<(), Broken<B>> {
        if self.texts == Texts::Outlined {
            for (dot, cover) in lettering::dots(text, place, at, script) {
                self.area.draw_pixel(dot, &script.colour.mix(cover))?;
            }
            return Ok(());
        }
        let side = match at {
            At::Left => HPos::Left,
            At::Middle => HPos::Center,
            At::Right => HPos::Right,
        };
        let style = match script.bold {
            true => FontStyle::Bold,
            false => FontStyle::Normal,
        };
        // The back end takes what it is told for the height of a line and writes a letter's.
        let size = script.size * f64::from(UNITS) * 1.24;
        let style = TextStyle::from(FontDesc::new(FontFamily::SansSerif, size, style))
            .pos(Pos::new(side, VPos::Center))
            .color(&script.colour);
        self.area.draw_text(text, &style, unit(place))
    }
}

fn stroke(colour: RGBColor, width: f64) -> ShapeStyle {
    colour.stroke_width(((width * f64::from(UNITS)).round() as u32).max(1))
}

fn unit((x, y): Place) -> (i32, i32) {
    let units = |pixels: f64| (pixels * f64::from(UNITS)).round() as i32;
    (units(x), units(y))
}

fn units(places: &[Place]) -> Vec<(i32, i32)> {
    let mut all: Vec<(i32, i32)> = places.iter().copied().map(unit).collect();
    // The bitmap's wide lines cannot turn on the spot.
    all.dedup();
    all
}

/// The way along these places, cut into pieces of the same length.
fn split(places: &[Place], length: f64) -> Vec<Vec<Place>> {
    let Some(&first) = places.first() else {
        return Vec::new();
    };
    let mut pieces = vec![vec![first]];
    let mut left = length;
    let mut from = first;
    for &to in &places[1..] {
        loop {
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let way = dx.hypot(dy);
            if way < left {
                left -= way;
                break;
            }
            // Ends: each turn goes on by a whole length.
            let part = left / way;
            from = (from.0 + dx * part, from.1 + dy * part);
            pieces.last_mut().expect("it begins with one").push(from);
            pieces.push(vec![from]);
            left = length;
        }
        from = to;
        pieces.last_mut().expect("it begins with one").push(to);
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_are_as_long_round_a_corner() {
        let pieces = split(&[(0.0, 0.0), (3.0, 0.0), (3.0, 4.0)], 2.0);
        let corner = vec![(2.0, 0.0), (3.0, 0.0), (3.0, 1.0)];
        assert_eq!(pieces[1], corner);
        assert_eq!(pieces.len(), 4);
        assert!(split(&[], 2.0).is_empty());
    }
}
