//! Texts from outlines, for pictures of dots.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};

use super::canvas::UNITS;
use super::pen::{At, Place, Script};

static REGULAR: LazyLock<FontRef<'_>> = LazyLock::new(|| font(dejavu::sans::regular()));
static BOLD: LazyLock<FontRef<'_>> = LazyLock::new(|| font(dejavu::sans::bold()));

fn font(bytes: &'static [u8]) -> FontRef<'static> {
    FontRef::try_from_slice(bytes).expect("the font that this program brings is one")
}

/// Height of a small letter, as a part of the size: half of it is below the place, as SVG has it.
const SMALL: f64 = 0.547;

/// The units that a text covers, and how much of each, from 0 to 1.
pub(super) fn dots(text: &str, (x, y): Place, at: At, script: Script) -> Vec<((i32, i32), f64)> {
    let font: &FontRef<'_> = if script.bold { &BOLD } else { &REGULAR };
    let size = script.size * f64::from(UNITS);
    // A scale of this crate is the height of a line, not the size of a letter.
    let line = f64::from(font.height_unscaled()) / f64::from(font.units_per_em().unwrap_or(2048.0));
    let scale = PxScale::from((size * line) as f32);
    let scaled = font.as_scaled(scale);
    let mut letters = Vec::with_capacity(text.len());
    let (mut width, mut before) = (0.0, None);
    for letter in text.chars() {
        let id = font.glyph_id(letter);
        width += before.map_or(0.0, |before| scaled.kern(before, id));
        letters.push((id, width));
        width += scaled.h_advance(id);
        before = Some(id);
    }
    let left = (x * f64::from(UNITS)) as f32
        - match at {
            At::Left => 0.0,
            At::Middle => width / 2.0,
            At::Right => width,
        };
    let base = (y * f64::from(UNITS) + size * SMALL / 2.0) as f32;
    let mut dots = Vec::new();
    for (id, from) in letters {
        let glyph = id.with_scale_and_position(scale, point(left + from, base));
        // A space has no outline.
        let Some(outline) = font.outline_glyph(glyph) else {
            continue;
        };
        let corner = outline.px_bounds().min;
        outline.draw(|right, down, cover| {
            let dot = (
                corner.x as i32 + right as i32,
                corner.y as i32 + down as i32,
            );
            if cover > 0.0 {
                dots.push((dot, f64::from(cover).min(1.0)));
            }
        });
    }
    dots
}

#[cfg(test)]
mod tests {
    use super::super::palette::INK;
    use super::*;

    /// From where to where the text goes, in units.
    fn across(text: &str, at: At, bold: bool) -> [i32; 2] {
        let script = Script {
            size: 14.0,
            bold,
            colour: INK,
        };
        let dots = dots(text, (100.0, 100.0), at, script);
        let places = || dots.iter().map(|(dot, _)| dot.0);
        [places().min().unwrap(), places().max().unwrap()]
    }

    #[test]
    fn a_text_stands_where_its_end_or_middle_was_said_to_be() {
        let here = 100 * UNITS as i32;
        let near = |place: i32| (place - here).abs() <= UNITS as i32 * 2;
        assert!(near(across("mimalloc", At::Left, false)[0]));
        assert!(near(across("mimalloc", At::Right, false)[1]));
        let [left, right] = across("mimalloc", At::Middle, false);
        assert!(near((left + right) / 2) && right - left > 40 * UNITS as i32);
    }

    #[test]
    fn bold_is_wider() {
        let width = |bold| {
            let [left, right] = across("sharded", At::Left, bold);
            right - left
        };
        assert!(width(true) > width(false));
    }
}
