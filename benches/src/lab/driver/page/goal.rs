//! One goal: its limit, what was measured, and what that comes to.

use super::super::gate::Verdict;
use super::super::results::{Figures, Measured};
use super::super::standing::{Ratio, mean};
use crate::lab::contestant::Contestant::Sharded;

/// One goal. Less is better in each.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Goal {
    /// What of this library it is about.
    pub(super) about: &'static str,
    /// Which figure, and to whom.
    pub(super) what: String,
    /// The largest acceptable.
    pub(super) most: f64,
    /// How that is written.
    pub(super) limit: String,
    /// What was measured, and how it is written.
    pub(super) found: Option<(f64, String)>,
    /// Whether noise makes it larger.
    pub(super) is_time: bool,
}

impl Goal {
    /// A goal of which nothing was measured.
    pub(super) fn new(about: &'static str, what: impl Into<String>, most: f64) -> Self {
        Self {
            about,
            what: what.into(),
            most,
            limit: format!("≤ {most:.2}"),
            found: None,
            is_time: true,
        }
    }

    /// The geometric mean of these ratios.
    pub(super) fn mean(self, ratios: &[Ratio]) -> Self {
        let rows = ratios.len();
        let found = mean(ratios).map(|mean| (mean, format!("{mean:.2} over {rows} rows")));
        Self { found, ..self }
    }

    /// The largest of these ratios.
    pub(super) fn largest(self, ratios: &[Ratio]) -> Self {
        let beyond = ratios.iter().filter(|one| one.ratio > self.most).count();
        let found = farthest(ratios).map(|one| {
            let level = if one.is_level { " ~" } else { "" };
            let (ratio, row, rival) = (one.ratio, &one.row, one.rival);
            let mut said = format!("{ratio:.2}{level} in `{row}`, to {rival}");
            if beyond > 1 {
                said += &format!("; beyond in {beyond} of {} rows", ratios.len());
            }
            (ratio, said)
        });
        Self { found, ..self }
    }

    /// Rows in which ours is not ahead.
    pub(super) fn ahead(self, ratios: &[Ratio]) -> Self {
        let found = farthest(ratios).map(|one| {
            let level = ratios.iter().filter(|one| one.is_level).count();
            let behind = ratios.iter().filter(|one| one.is_behind()).count();
            let said = format!(
                "ahead in {}, level in {level}, behind in {behind}; farthest {:.2} in `{}`, to {}",
                ratios.len() - level - behind,
                one.ratio,
                one.row,
                one.rival
            );
            ((level + behind) as f64, said)
        });
        let limit = "in every row".into();
        Self {
            found,
            limit,
            ..self
        }
    }

    /// The largest of a figure that `ours` has in these rows.
    pub(super) fn figure<'a>(
        self,
        rows: impl Iterator<Item = &'a Measured>,
        of: impl Fn(&Figures) -> Option<f64>,
        written: impl Fn(f64) -> String,
    ) -> Self {
        let each = rows.filter_map(|row| {
            let ours = row
                .contestants
                .iter()
                .find(|one| one.contestant == Sharded)?;
            Some((of(ours)?, row.name()))
        });
        let largest = each.max_by(|one, other| one.0.total_cmp(&other.0));
        Self {
            found: largest.map(|(found, row)| (found, format!("{} in `{row}`", written(found)))),
            limit: format!("≤ {}", written(self.most)),
            is_time: false,
            ..self
        }
    }

    /// Whether it is met, or by how much it is missed.
    pub(super) fn verdict(&self, noisy: bool) -> String {
        let verdict = match self.found {
            None => Verdict::Missing,
            Some((found, _)) if found <= self.most => Verdict::Pass,
            Some(_) if noisy && self.is_time => Verdict::Noisy,
            Some(_) => Verdict::Fail,
        };
        let by = match &self.found {
            Some((found, _)) if self.most > 0.0 => {
                format!(" by {:.0} %", (found / self.most - 1.0) * 100.0)
            }
            _ => String::new(),
        };
        match verdict {
            Verdict::Pass => "met".into(),
            Verdict::Fail => format!("**missed{by}**"),
            Verdict::Noisy => format!("**missed{by}**, on a machine too noisy to judge"),
            Verdict::Missing => "not measured".into(),
        }
    }
}

fn farthest(ratios: &[Ratio]) -> Option<&Ratio> {
    ratios
        .iter()
        .max_by(|one, other| one.ratio.total_cmp(&other.ratio))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_says_by_how_much() {
        let at = |found| Goal {
            found: Some((found, String::new())),
            ..Goal::new("a", "b", 0.8)
        };
        assert_eq!(at(0.8).verdict(true), "met");
        assert_eq!(at(1.0).verdict(false), "**missed by 25 %**");
        assert!(at(1.0).verdict(true).contains("too noisy"));
        assert_eq!(Goal::new("a", "b", 0.8).verdict(false), "not measured");
        let counted = Goal {
            is_time: false,
            ..at(1.6)
        };
        assert_eq!(counted.verdict(true), "**missed by 100 %**");
    }
}
