//! A group of rows at a glance: for each row a line, on it a mark for each contestant at its ratio to the best rival.

use std::fmt::Write;

use plotters::backend::DrawingBackend;

use super::axes::{self, MARK, NAME, Scale, TOP};
use super::canvas::Picture;
use super::palette::{self, FAINT, GRID, INK};
use super::pen::{At, Broken, Pen, Place, Script};
use super::{Contestant, Figures, Group, Kind, Measured, Source, is_rival};

/// The rows of a group.
#[derive(Debug)]
pub(super) struct Overview<'a> {
    title: String,
    source: &'a Source,
    rows: Vec<Line>,
    contestants: Vec<Contestant>,
}

/// One row: ratios to its best rival, with their intervals.
#[derive(Debug)]
struct Line {
    name: String,
    marks: Vec<(Contestant, [f64; 3])>,
}

/// Height of a row.
const LINE: f64 = 22.0;

/// The least and the largest ratio that has a place of its own; others stand at the edge.
const RATIOS: [f64; 2] = [0.2, 5.0];

impl<'a> Overview<'a> {
    /// Of allocators or of pools, with ours; none of fewer than two rows.
    pub(super) fn of(
        rows: &[Measured],
        group: Group,
        pools: bool,
        source: &'a Source,
    ) -> Option<Self> {
        let of_group = rows
            .iter()
            .filter(|row| row.row.workload.about().group == group);
        let rows: Vec<Line> = of_group.filter_map(|row| Line::of(row, pools)).collect();
        let has = |who: &Contestant| {
            rows.iter()
                .any(|row| row.marks.iter().any(|mark| mark.0 == *who))
        };
        let contestants: Vec<Contestant> = Contestant::ALL.iter().copied().filter(has).collect();
        if rows.len() < 2 || contestants.len() < 2 {
            return None;
        }
        let mut title = format!("{}: time of an operation", group.name());
        let against = if pools { "pool" } else { "allocator" };
        let _ = write!(title, ", ratio to the best rival {against} of each row");
        Some(Self {
            title,
            source,
            rows,
            contestants,
        })
    }
}

impl Line {
    fn of(row: &Measured, pools: bool) -> Option<Self> {
        let is_shown = |one: &&Figures| {
            let who = one.contestant;
            who == Contestant::Typed
                || (who.kind() == Kind::Pool) == pools && who.kind() != Kind::Loop
        };
        let shown: Vec<&Figures> = row.contestants.iter().filter(is_shown).collect();
        let rivals = shown.iter().filter(|one| is_rival(one.contestant));
        let best = rivals
            .filter_map(|one| one.ns)
            .min_by(|one, other| one.median.total_cmp(&other.median))?;
        let marks = shown.iter().filter_map(|one| {
            let ns = one.ns?;
            Some((
                one.contestant,
                [ns.low, ns.median, ns.high].map(|ns| ns / best.median),
            ))
        });
        Some(Self {
            name: row.name(),
            marks: marks.collect(),
        })
    }
}

/// How far a contestant's mark goes from its middle: ours are larger.
fn radius(who: Contestant) -> f64 {
    if palette::is_bold(who) { 6.0 } else { 4.0 }
}

/// The mark of a contestant: pools are diamonds, all others discs.
fn mark<B: DrawingBackend>(pen: &Pen<B>, who: Contestant, (x, y): Place) -> Result<(), Broken<B>> {
    let radius = radius(who);
    if who.kind() == Kind::Pool {
        let far = radius * 1.25;
        let corners = [(x - far, y), (x, y - far), (x + far, y), (x, y + far)];
        pen.shape(&corners, palette::colour(who))
    } else {
        pen.disc((x, y), radius, palette::colour(who))
    }
}

impl Picture for Overview<'_> {
    fn height(&self) -> u32 {
        let lines = self.rows.len().max(self.contestants.len()) as f64;
        (TOP + LINE * lines) as u32 + 52
    }

    fn draw<B: DrawingBackend>(&self, pen: &Pen<B>) -> Result<(), Broken<B>> {
        let note =
            "left of 1 is faster; lines are 95 % intervals; what is farther stands at the edge";
        axes::heading(pen, &self.title, [&self.source.text, note])?;
        let bottom = f64::from(self.height()) - 52.0;
        // `buckets` is slow on purpose: it does not decide how much room the others have.
        let ratios = || {
            let marks = self.rows.iter().flat_map(|row| &row.marks);
            let others = marks.filter(|mark| mark.0 != Contestant::Buckets);
            others.map(|mark| mark.1[1])
        };
        let least = ratios().fold(0.8, f64::min).max(RATIOS[0]) * 0.9;
        let most = ratios().fold(1.25, f64::max).min(RATIOS[1]) * 1.1;
        let x = Scale {
            of: least.ln()..most.ln(),
            to: 200.0..axes::right(190),
        };
        let at = |ratio: f64| x.at(ratio.clamp(least, most).ln());
        let marks = [0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0].into_iter();
        let marks = marks.filter(|ratio| (least..=most).contains(ratio));
        let marks: Vec<_> = marks
            .map(|ratio| (f64::ln(ratio), ratio.to_string()))
            .collect();
        axes::across(
            pen,
            &x,
            &(bottom..TOP),
            &marks,
            "ratio to the best rival, logarithmic",
        )?;
        pen.line(&[(x.at(0.0), TOP), (x.at(0.0), bottom)], FAINT, 1.5)?;
        for (place, row) in self.rows.iter().enumerate() {
            let y = TOP + LINE * (place as f64 + 0.5);
            pen.line(&[(x.to.start, y), (x.to.end, y)], GRID, 1.0)?;
            pen.text(
                &row.name,
                (x.to.start - 14.0, y),
                At::Right,
                Script {
                    colour: INK,
                    ..MARK
                },
            )?;
            let mut order: Vec<_> = row.marks.iter().collect();
            order.sort_by_key(|one| palette::is_bold(one.0));
            for &(who, [low, ratio, high]) in order {
                // Most intervals are hidden by their mark.
                let (left, right) = (at(ratio) - radius(who), at(ratio) + radius(who));
                if at(low) < left || at(high) > right {
                    pen.line(&[(at(low), y), (at(high), y)], palette::colour(who), 1.5)?;
                }
                mark(pen, who, (at(ratio), y))?;
                // Where ours stands at the edge, the place says too little.
                let beside = 12.0;
                let (end, side) = match ratio {
                    ratio if ratio < least => (at(ratio) + beside, At::Left),
                    ratio if ratio > most => (at(ratio) - beside, At::Right),
                    _ => continue,
                };
                if palette::is_bold(who) {
                    pen.text(&format!("{ratio:.2}"), (end, y), side, MARK)?;
                }
            }
        }
        for (place, &who) in self.contestants.iter().enumerate() {
            let y = TOP + LINE * (place as f64 + 0.5);
            mark(pen, who, (x.to.end + 22.0, y))?;
            let script = Script {
                bold: palette::is_bold(who),
                ..NAME
            };
            pen.text(who.name(), (x.to.end + 36.0, y), At::Left, script)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fixture;
    use super::*;

    #[test]
    fn marks_are_ratios_to_the_best_rival_of_their_kind() {
        let results = fixture::results(20);
        let ratio = |pools, who| {
            let line = Line::of(&results.rows[0], pools).expect("rivals were timed");
            let mark = line.marks.iter().find(|mark| mark.0 == who);
            mark.map(|mark| mark.1[1])
        };
        // snmalloc takes 2.5 ns, slab 1.5.
        assert_eq!(ratio(false, Contestant::Sharded), Some(0.8));
        assert_eq!(ratio(false, Contestant::Typed), Some(0.4));
        assert_eq!(ratio(false, Contestant::Slab), None);
        assert_eq!(ratio(true, Contestant::Typed), Some(2.0 / 3.0));
        assert_eq!(ratio(true, Contestant::Sharded), None);
    }

    #[test]
    fn one_row_or_ours_alone_is_no_overview() {
        let mut results = fixture::results(20);
        let source = Source::of(&results);
        let drawn = |rows: &[Measured]| Overview::of(rows, Group::Typed, false, &source).is_some();
        assert!(drawn(&results.rows[..2]));
        assert!(!drawn(&results.rows[1..]));
        for row in &mut results.rows {
            row.contestants.retain(|one| one.contestant.is_ours());
        }
        assert!(!drawn(&results.rows[..2]));
    }
}
