//! The two kinds of files. Both are drawn at four units a pixel: SVG so that lines end between pixels, PNG so that the mean
//! of several units makes edges smooth, which the bitmap back end does not.

use std::error::Error;
use std::fs::{self, File};
use std::io::BufWriter;
use std::path::Path;

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::drawing::IntoDrawingArea;

use super::palette::BACKGROUND;
use super::pen::{Broken, Pen, Texts};

/// Units a pixel.
pub(super) const UNITS: u32 = 4;

/// Units that become one dot of a PNG: its dots are half a pixel, for screens that have them.
const UNITS_A_DOT: u32 = 2;

/// Width of every picture, in pixels.
pub(super) const WIDTH: u32 = 900;

/// What can be drawn.
pub(super) trait Picture {
    /// Height in pixels.
    fn height(&self) -> u32;

    /// Draws it.
    fn draw<B: DrawingBackend>(&self, pen: &Pen<B>) -> Result<(), Broken<B>>;
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Lines and texts.
    Svg,
    /// Dots.
    Png,
}

impl Kind {
    /// Both of them.
    pub(super) const BOTH: [Self; 2] = [Self::Svg, Self::Png];

    /// How the names of its files end.
    pub(super) const fn ending(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }
}

/// Writes the picture to a file of this kind.
///
/// # Errors
/// If it cannot be written.
pub(super) fn write(picture: &impl Picture, kind: Kind, file: &Path) -> Result<(), Box<dyn Error>> {
    let written = match kind {
        Kind::Svg => svg(picture).and_then(|text| Ok(fs::write(file, text)?)),
        Kind::Png => png(picture, file),
    };
    written.map_err(|trouble| format!("{}: {trouble}", file.display()).into())
}

fn size(picture: &impl Picture) -> (u32, u32) {
    (WIDTH * UNITS, picture.height() * UNITS)
}

fn svg(picture: &impl Picture) -> Result<String, Box<dyn Error>> {
    let (width, height) = size(picture);
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (width, height)).into_drawing_area();
        area.fill(&BACKGROUND)?;
        picture.draw(&Pen::new(&area, Texts::Kept))?;
        area.present()?;
    }
    // The units stay in the view box; the picture is shown in pixels.
    let units = format!("width=\"{width}\" height=\"{height}\" viewBox");
    let pixels = format!(
        "font-family=\"sans-serif\" width=\"{WIDTH}\" height=\"{}\" viewBox",
        picture.height()
    );
    let text = text.replacen(&units, &pixels, 1);
    Ok(IDLE
        .iter()
        .fold(text, |text, (idle, short)| text.replace(idle, short)))
}

/// What the back end writes into each element though it says nothing: a third of a plot of many marks.
const IDLE: [(&str, &str); 5] = [
    (" opacity=\"1\"", ""),
    (" stroke=\"none\" stroke-width=\"1\"", ""),
    (" stroke=\"none\"", ""),
    // After the last place of a line.
    (" \"/>", "\"/>"),
    // The whole picture has it.
    (" font-family=\"sans-serif\" font-size", " font-size"),
];

fn png(picture: &impl Picture, path: &Path) -> Result<(), Box<dyn Error>> {
    let (width, height) = size(picture);
    let mut units = vec![0; (width * height * 3) as usize];
    {
        let area = BitMapBackend::with_buffer(&mut units, (width, height)).into_drawing_area();
        area.fill(&BACKGROUND)?;
        picture.draw(&Pen::new(&area, Texts::Outlined))?;
        area.present()?;
    }
    let dots = reduced(&units, width as usize, UNITS_A_DOT as usize);
    let file = BufWriter::new(File::create(path)?);
    let mut encoder = png::Encoder::new(file, width / UNITS_A_DOT, height / UNITS_A_DOT);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::High);
    encoder.write_header()?.write_image_data(&dots)?;
    Ok(())
}

/// The picture with each square of `by` times `by` units as one dot of their mean colour.
fn reduced(units: &[u8], width: usize, by: usize) -> Vec<u8> {
    let stride = width * 3;
    let lines = units.chunks_exact(stride * by);
    let line = |lines: &[u8]| -> Vec<u8> {
        let mut dots = Vec::with_capacity(stride / by);
        for dot in 0..width / by {
            for colour in 0..3 {
                let places = (0..by * by).map(|at| (at / by) * stride + (dot * by + at % by) * 3);
                let sum: usize = places.map(|place| usize::from(lines[place + colour])).sum();
                dots.push((sum / (by * by)) as u8);
            }
        }
        dots
    };
    lines.flat_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_is_the_mean_of_its_units() {
        let black = [0; 3];
        let white = [200; 3];
        let units = [[black, white, black, black], [white, white, black, black]]
            .concat()
            .concat();
        assert_eq!(reduced(&units, 4, 2), [150, 150, 150, 0, 0, 0]);
    }
}
