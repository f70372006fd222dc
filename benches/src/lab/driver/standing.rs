//! Where ours stand: ratios over the rows of a group, and the rows in which a rival is ahead.
//!
//! A pool is held against everybody, an allocator against allocators: a pool of one type need not find a size class, so
//! `sharded` is not called slower for what it does besides.
//!
//! # Not here
//! No judgement: limits are `gate`'s.

use super::is_rival;
use super::results::{Figures, Measured, Results};
use super::stats::geometric_mean;
use crate::lab::contestant::{Contestant, Kind};
use crate::lab::workload::Group;

/// Those of ours whose standing is of interest: the doors that are offered.
pub(super) const OURS: [Contestant; 2] = [Contestant::Typed, Contestant::Sharded];

/// What is compared. Less is better in each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Figure {
    /// Nanoseconds an operation.
    Time,
    /// Nanoseconds of an open loop's operation that is slower than 99 % of them.
    P99,
    /// The same for 99.9 %.
    P999,
    /// Peak of resident memory.
    PeakRss,
}

impl Figure {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Time, Self::P99, Self::P999, Self::PeakRss];

    /// Its name in tables.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::P99 => "p99",
            Self::P999 => "p999",
            Self::PeakRss => "peak RSS",
        }
    }

    /// Whether anything is said of it in a group's rows. Processes of the typed rows hold next to nothing: their peak is the
    /// program itself.
    pub(super) fn is_told_of(self, group: Group) -> bool {
        (group, self) != (Group::Typed, Self::PeakRss)
    }

    /// Its value, where there is one.
    pub(super) fn of(self, figures: &Figures) -> Option<f64> {
        let open = figures.tail.as_ref().filter(|tail| tail.open_loop);
        match self {
            Self::Time => figures.ns.map(|ns| ns.median),
            Self::P99 => open.and_then(|tail| tail.p99),
            Self::P999 => open.and_then(|tail| tail.p999),
            Self::PeakRss => figures.memory.peak_rss_kib,
        }
    }

    /// Whether two values differ by more than their intervals; what has no interval differs by 2 %.
    pub(super) fn differs(self, one: &Figures, other: &Figures) -> bool {
        let rounds = |figures: &Figures| {
            let tail = figures.tail.as_ref();
            match self {
                Self::Time => figures.ns,
                Self::P99 => tail.and_then(|tail| tail.p99_rounds),
                Self::P999 => tail.and_then(|tail| tail.p999_rounds),
                Self::PeakRss => None,
            }
        };
        match (rounds(one), rounds(other)) {
            (Some(one), Some(other)) => one.differs(&other),
            _ => {
                let ratio = self
                    .of(one)
                    .zip(self.of(other))
                    .map(|(one, other)| one / other);
                ratio.is_some_and(|ratio| !(0.98..=1.02).contains(&ratio))
            }
        }
    }
}

/// One of ours over the rows of a group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Standing {
    /// Which rows.
    pub(super) group: Group,
    /// Who.
    pub(super) ours: Contestant,
    /// In what.
    pub(super) figure: Figure,
    /// Rows with it and at least one rival.
    pub(super) rows: usize,
    /// Geometric mean of the ratios to the best rival of each row.
    pub(super) to_best: Option<f64>,
    /// Geometric mean of the ratios to mimalloc, over the rows that it has.
    pub(super) to_mimalloc: Option<f64>,
    /// Rows in which ours is ahead, level (the intervals overlap) and behind.
    pub(super) outcomes: [usize; 3],
    /// Rows in which a rival is ahead, the farthest first.
    pub(super) behind: Vec<Ratio>,
}

/// One of ours beside a rival in a row.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ratio {
    /// The row's name, with the distance of the cores.
    pub(super) row: String,
    /// The rival.
    pub(super) rival: Contestant,
    /// Ours divided by the rival's.
    pub(super) ratio: f64,
    /// Whether the two do not differ.
    pub(super) is_level: bool,
}

impl Ratio {
    /// Whether the rival is ahead.
    pub(super) fn is_behind(&self) -> bool {
        !self.is_level && self.ratio > 1.0
    }
}

/// Whom ours is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Against {
    /// The best rival of each row.
    Best,
    /// The best of those that free single values: arenas, which free all at once only, are left out.
    BestButArenas,
    /// This one.
    One(Contestant),
}

/// What ours is to the rival, for each row that has the figure of both.
pub(super) fn ratios<'a>(
    rows: impl Iterator<Item = &'a Measured>,
    figure: Figure,
    ours: Contestant,
    against: Against,
) -> Vec<Ratio> {
    let each = rows.filter_map(|row| {
        let find = |who| row.contestants.iter().find(|one| one.contestant == who);
        let me = find(ours)?;
        let mine = figure.of(me)?;
        let (rival, theirs) = match against {
            Against::Best => best_rival(row, ours, figure, |_| true)?,
            Against::BestButArenas => best_rival(row, ours, figure, |one| !one.is_arena())?,
            Against::One(who) => {
                let rival = find(who)?;
                (rival, figure.of(rival)?)
            }
        };
        Some(Ratio {
            row: row.name(),
            rival: rival.contestant,
            ratio: mine / theirs,
            is_level: !figure.differs(me, rival),
        })
    });
    each.collect()
}

/// The geometric mean of some ratios.
pub(super) fn mean(ratios: &[Ratio]) -> Option<f64> {
    geometric_mean(&ratios.iter().map(|one| one.ratio).collect::<Vec<_>>())
}

/// Where ours stand in each group and figure of which there is anything to say.
pub(super) fn standings(results: &Results) -> Vec<Standing> {
    let mut all = Vec::new();
    for group in Group::ALL {
        let rows = || {
            results
                .rows
                .iter()
                .filter(move |one| group == one.row.workload.about().group)
        };
        for figure in Figure::ALL.into_iter().filter(|one| one.is_told_of(group)) {
            for ours in OURS {
                all.extend(standing(rows(), group, figure, ours));
            }
        }
    }
    all
}

fn standing<'a>(
    rows: impl Iterator<Item = &'a Measured> + Clone,
    group: Group,
    figure: Figure,
    ours: Contestant,
) -> Option<Standing> {
    let to = |against| ratios(rows.clone(), figure, ours, against);
    let to_best = to(Against::Best);
    let count = |of: &dyn Fn(&Ratio) -> bool| to_best.iter().filter(|one| of(one)).count();
    let level = count(&|one| one.is_level);
    let behind = count(&Ratio::is_behind);
    (!to_best.is_empty()).then(|| Standing {
        group,
        ours,
        figure,
        rows: to_best.len(),
        to_best: mean(&to_best),
        to_mimalloc: mean(&to(Against::One(Contestant::Mimalloc))),
        outcomes: [to_best.len() - level - behind, level, behind],
        behind: {
            let mut behind = to_best;
            behind.retain(Ratio::is_behind);
            behind.sort_by(|one, other| other.ratio.total_cmp(&one.ratio));
            behind
        },
    })
}

/// The rival with the least of `figure` among those that `ours` is held against and `counts` says count.
fn best_rival(
    row: &Measured,
    ours: Contestant,
    figure: Figure,
    counts: impl Fn(Contestant) -> bool,
) -> Option<(&Figures, f64)> {
    let rivals = row.contestants.iter().filter(|one| {
        let rival = one.contestant;
        is_rival(rival)
            && counts(rival)
            && (ours.kind() != Kind::Allocator || rival.kind() == Kind::Allocator)
    });
    let figures = rivals.filter_map(|one| Some((one, figure.of(one)?)));
    figures.min_by(|one, other| one.1.total_cmp(&other.1))
}

/// Rows of a group in which a rival was timed and this one of ours, which can do them, was not: they are in no mean.
pub(super) fn untimed(results: &Results, group: Group, ours: Contestant) -> Vec<String> {
    let timed = |one: &Figures| one.ns.is_some() || one.tail.is_some();
    let rows = results.rows.iter().filter(|row| {
        let workload = row.row.workload;
        let mine = row.contestants.iter().find(|one| one.contestant == ours);
        let is_able = workload.about().group == group && workload.is_for(ours);
        let rivals = || {
            row.contestants
                .iter()
                .any(|one| is_rival(one.contestant) && timed(one))
        };
        is_able && !mine.is_some_and(timed) && rivals()
    });
    rows.map(Measured::name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::super::stats::Estimate;
    use super::*;

    fn row(name: &str, ns: &[(Contestant, f64)]) -> Measured {
        fixture::row(
            name,
            ns.iter().map(|&(who, ns)| {
                let ns = Estimate {
                    median: ns,
                    low: ns * 0.95,
                    high: ns * 1.05,
                };
                Figures {
                    ns: Some(ns),
                    ..fixture::figures(who)
                }
            }),
        )
    }

    fn of(rows: Vec<Measured>, ours: Contestant) -> Standing {
        let results = Results {
            rows,
            ..fixture::results(3)
        };
        let mut all = standings(&results).into_iter();
        all.find(|one| one.ours == ours && one.figure == Figure::Time)
            .unwrap()
    }

    #[test]
    fn the_best_rival_differs_from_row_to_row() {
        use Contestant::{Mimalloc, Slab, System, Typed};
        let rows = vec![
            row(
                "pair/node",
                &[(Typed, 1.0), (Mimalloc, 4.0), (System, 2.0), (Slab, 8.0)],
            ),
            row("lifo/node", &[(Typed, 8.0), (Mimalloc, 16.0), (Slab, 4.0)]),
            row("fifo/node", &[(Typed, 4.1), (Mimalloc, 4.0)]),
            row("types/mix", &[(Typed, 4.1)]),
        ];
        let typed = of(rows, Typed);
        assert_eq!((typed.rows, typed.outcomes), (3, [1, 1, 1]));
        let cube = typed.to_best.unwrap().powi(3);
        assert!((cube - 0.5 * 2.0 * 1.025).abs() < 1e-9, "{cube}");
        let cube = typed.to_mimalloc.unwrap().powi(3);
        assert!((cube - 0.25 * 0.5 * 1.025).abs() < 1e-9, "{cube}");
        let behind = Ratio {
            row: "lifo/node".into(),
            rival: Slab,
            ratio: 2.0,
            is_level: false,
        };
        assert_eq!(typed.behind, [behind]);
    }

    #[test]
    fn arenas_count_unless_they_are_left_out() {
        use Contestant::{Bumpalo, Slab, Typed};
        let row = row("lifo/node", &[(Typed, 3.0), (Slab, 4.0), (Bumpalo, 1.0)]);
        let to = |against| ratios([&row].into_iter(), Figure::Time, Typed, against)[0].clone();
        assert_eq!(
            (to(Against::Best).rival, to(Against::Best).ratio),
            (Bumpalo, 3.0)
        );
        let without = to(Against::BestButArenas);
        assert_eq!((without.rival, without.ratio), (Slab, 0.75));
        assert!(!without.is_behind() && to(Against::Best).is_behind());
    }

    #[test]
    fn a_row_without_a_time_of_ours_is_named() {
        use Contestant::{Mimalloc, Sharded, Typed};
        let results = Results {
            rows: vec![
                row("json", &[(Mimalloc, 1.0)]),
                row("btree", &[(Mimalloc, 1.0), (Sharded, 1.0)]),
                row("syn", &[(Sharded, 1.0)]),
            ],
            ..fixture::results(3)
        };
        assert_eq!(untimed(&results, Group::Clients, Sharded), ["json"]);
        assert!(untimed(&results, Group::Clients, Typed).is_empty());
        assert!(untimed(&results, Group::Heap, Sharded).is_empty());
    }

    #[test]
    fn an_allocator_is_held_against_allocators_and_never_against_ours() {
        use Contestant::{Buckets, Loop, Sharded, Slab, System};
        let all = [
            (Sharded, 4.0),
            (System, 8.0),
            (Slab, 2.0),
            (Buckets, 1.0),
            (Loop, 0.5),
        ];
        assert_eq!(of(vec![row("pair/node", &all)], Sharded).to_best, Some(0.5));
    }

    #[test]
    fn tails_of_closed_loops_are_not_counted() {
        let results = fixture::results(40);
        let p99: Vec<_> = standings(&results)
            .into_iter()
            .filter(|one| one.figure == Figure::P99)
            .collect();
        assert!(p99.iter().all(|one| one.group == Group::Epoch) && !p99.is_empty());
    }
}
