//! One colour for each contestant, in all plots.
//!
//! Ours are warm and the doors that are offered drawn wide, rivals cool or grey and drawn narrow, so the two sides are told
//! apart without hue. The
//! allocators' colours are those of Okabe and Ito, which stay apart for the colour-blind; the pools, which never meet in one
//! plot with them, have those of Paul Tol's muted scheme. A plot names each line or mark beside it: no colour has to be
//! recognised.

use plotters::style::RGBColor;

use crate::lab::contestant::Contestant;
use crate::lab::driver::standing::OURS;

/// Behind everything.
pub(super) const BACKGROUND: RGBColor = RGBColor(255, 255, 255);
/// Titles and names.
pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
/// What stands under a title or at an axis.
pub(super) const FAINT: RGBColor = RGBColor(102, 102, 102);
/// Lines of the grid.
pub(super) const GRID: RGBColor = RGBColor(226, 226, 226);
/// Areas in which nothing is known.
pub(super) const SHADE: RGBColor = RGBColor(243, 243, 243);

/// The contestant's colour.
pub(super) fn colour(contestant: Contestant) -> RGBColor {
    match contestant {
        Contestant::Typed => RGBColor(178, 24, 43),
        Contestant::Sharded => RGBColor(213, 94, 0),
        Contestant::Buckets => RGBColor(230, 159, 0),
        Contestant::Loop => RGBColor(187, 187, 187),
        Contestant::System => RGBColor(90, 90, 90),
        Contestant::Mimalloc => RGBColor(0, 114, 178),
        Contestant::Mimalloc2 => RGBColor(86, 180, 233),
        Contestant::Snmalloc => RGBColor(0, 158, 115),
        Contestant::Jemalloc => RGBColor(204, 121, 167),
        Contestant::Rpmalloc => RGBColor(117, 90, 160),
        Contestant::Slab => RGBColor(51, 34, 136),
        Contestant::Slotmap => RGBColor(136, 204, 238),
        Contestant::ShardedSlab => RGBColor(68, 170, 153),
        Contestant::TypedArena => RGBColor(17, 119, 51),
        Contestant::Bumpalo => RGBColor(153, 153, 51),
        Contestant::ObjectPool => RGBColor(170, 153, 90),
        Contestant::LockfreeObjectPool => RGBColor(120, 110, 70),
        Contestant::Opool => RGBColor(170, 68, 153),
        Contestant::Plurality => RGBColor(100, 130, 200),
        Contestant::InfinityPool => RGBColor(120, 60, 120),
        Contestant::Heapless => RGBColor(140, 140, 140),
        Contestant::CrossbeamEpoch => RGBColor(30, 80, 130),
        Contestant::ShardedCrossbeam => RGBColor(150, 75, 0),
        Contestant::Seize => RGBColor(90, 150, 140),
    }
}

/// Whether it is what a plot is about: the doors that are offered, not `buckets`, which they are held against.
pub(super) fn is_bold(contestant: Contestant) -> bool {
    OURS.contains(&contestant)
}

/// How wide its lines are, in pixels.
pub(super) fn width(contestant: Contestant) -> f64 {
    if is_bold(contestant) { 3.0 } else { 1.5 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance, as the guidelines for accessible pages reckon it.
    fn luminance(RGBColor(red, green, blue): RGBColor) -> f64 {
        let linear = |part: u8| match f64::from(part) / 255.0 {
            part if part <= 0.040_45 => part / 12.92,
            part => ((part + 0.055) / 1.055).powf(2.4),
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    #[test]
    fn everybody_has_a_colour_of_their_own_that_is_seen_on_white() {
        let mut colours: Vec<RGBColor> = Contestant::ALL.iter().map(|one| colour(*one)).collect();
        for (one, colour) in Contestant::ALL.iter().zip(&colours) {
            let contrast = 1.05 / (luminance(*colour) + 0.05);
            assert!(contrast > 1.7, "{one}: {contrast}");
        }
        colours.sort_by_key(|colour| (colour.0, colour.1, colour.2));
        let all = colours.len();
        colours.dedup();
        assert_eq!(colours.len(), all);
    }

    #[test]
    fn ours_are_redder_and_the_doors_wider() {
        for &one in Contestant::ALL {
            let RGBColor(red, _, blue) = colour(one);
            let is_warm = i32::from(red) - i32::from(blue) > 120;
            assert_eq!(one.is_ours(), is_warm, "{one}");
            assert_eq!(is_bold(one), width(one) > 2.0, "{one}");
        }
    }
}
