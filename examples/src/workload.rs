//! The workload: from a table of flights to a stream of writes, and the questions asked on the way.
//!
//! A flight is reported up to twelve hours late, so keys come in nearly, but not quite, sorted. One flight in five is
//! corrected within three days, one in ten is deleted within ten; a correction that comes after the deletion brings the
//! flight back. The report that comes in last holds. All of it follows from the seed alone.

use crate::calendar::{Minute, days};
use crate::hot::{Change, Key, Write, mixed};
use crate::query::{Question, Route};
use crate::rows::{Airport, Flight};
use std::collections::BTreeMap;
use std::fmt;

const REPORT_WITHIN: u64 = 12 * 60;
const CORRECTED_WITHIN: u64 = days(3) as u64;
const DELETED_WITHIN: u64 = days(10) as u64;
const CORRECTED_PERCENT: u64 = 20;
const DELETED_PERCENT: u64 = 10;
/// Writes between two questions.
pub const ASK_EVERY: usize = 2_000;
/// The longest window of a question asked on the way, in days.
const WINDOW_DAYS: u64 = 7;
/// As many flights as a run may have: some gigabytes for the model and the store.
pub const MOST_FLIGHTS: usize = 20_000_000;
/// Airports that the closing questions ask about, the busiest first.
const BUSIEST: usize = 3;

/// A stream of writes, with questions.
#[derive(Debug, Clone)]
pub struct Workload {
    pub writes: Vec<Write>,
    /// Each to be asked when exactly so many writes have been applied; in order.
    pub questions: Vec<(usize, Question)>,
    /// Asked when all is done, and printed.
    pub closing: Vec<Question>,
    pub counts: Counts,
}

/// What the writes do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub flights: usize,
    pub corrections: usize,
    pub deletions: usize,
}

/// More flights, or more minutes, than keys can tell apart.
#[derive(Debug)]
pub struct TooLarge {
    rows: usize,
    repeat: u32,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, repeat } = self;
        write!(f, "{rows} rows repeated {repeat} times are too many: ")?;
        write!(
            f,
            "at most {MOST_FLIGHTS} flights, and no later than the year 10,000"
        )
    }
}

impl std::error::Error for TooLarge {}

/// A small generator of even numbers over the whole range (Weyl sequence, mixed): the same on every machine.
#[derive(Debug)]
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mixed(self.0) % limit
    }
}

impl Workload {
    /// `repeat` copies of `flights`, one after the other in time.
    pub fn new(flights: &[Flight], repeat: u32, seed: u64) -> Result<Self, TooLarge> {
        let too_large = || TooLarge {
            rows: flights.len(),
            repeat,
        };
        let total = flights
            .len()
            .checked_mul(repeat as usize)
            .ok_or_else(too_large)?;
        if total == 0 {
            let (writes, questions, closing) = (Vec::new(), Vec::new(), Vec::new());
            return Ok(Self {
                writes,
                questions,
                closing,
                counts: Counts::default(),
            });
        }
        let times = || flights.iter().map(|flight| flight.departure);
        let (first, last) = times().fold((Minute(u32::MAX), Minute(0)), |(first, last), time| {
            (first.min(time), last.max(time))
        });
        // Copies are shifted by whole days, so that the time of day stays what it was.
        let span = last.start_of_day().0 - first.start_of_day().0 + days(1);
        let shift = u64::from(span) * u64::from(repeat - 1);
        let end = u64::from(last.0) + shift + DELETED_WITHIN.max(u64::from(days(1)));
        if total > MOST_FLIGHTS || end > u64::from(u32::MAX) {
            return Err(too_large());
        }
        let mut dice = Dice(seed);
        let mut counts = Counts {
            flights: total,
            ..Counts::default()
        };
        let mut writes = Vec::with_capacity(total + total / 2);
        let copies = (0..repeat).flat_map(|copy| flights.iter().map(move |flight| (copy, flight)));
        for (sequence, (copy, flight)) in (0..).zip(copies) {
            let minute = flight.departure.plus(copy * span);
            let key = Key { minute, sequence };
            let mut later = |within| minute.plus(dice.below(within) as u32);
            let reported = later(REPORT_WITHIN);
            writes.push(Write {
                key,
                reported,
                change: Change::Put(flight.trip),
            });
            let corrected = later(CORRECTED_WITHIN);
            let deleted = later(DELETED_WITHIN);
            if dice.below(100) < CORRECTED_PERCENT {
                let mut trip = flight.trip;
                trip.delay_minutes = trip
                    .delay_minutes
                    .saturating_add(dice.below(60) as i32 - 10);
                writes.push(Write {
                    key,
                    reported: corrected,
                    change: Change::Put(trip),
                });
                counts.corrections += 1;
            }
            if dice.below(100) < DELETED_PERCENT {
                writes.push(Write {
                    key,
                    reported: deleted,
                    change: Change::Delete,
                });
                counts.deletions += 1;
            }
        }
        // In the order in which the reports come in (stable, so the seed decides the rest too).
        writes.sort_by_key(|write| write.reported);
        let questions = asked_along(&writes, flights, first, &mut dice);
        let whole = Question {
            from: first.start_of_day(),
            until: last.start_of_day().plus(span * (repeat - 1) + days(1)),
            route: Route::Any,
        };
        let closing = closing(flights, whole, first, last);
        Ok(Self {
            writes,
            questions,
            closing,
            counts,
        })
    }

    /// All questions, in the order of the answers.
    pub fn all_questions(&self) -> impl Iterator<Item = &Question> {
        self.questions
            .iter()
            .map(|(_, question)| question)
            .chain(&self.closing)
    }
}

/// A question after every `ASK_EVERY` writes: half of them about the newest days, half about any.
fn asked_along(
    writes: &[Write],
    flights: &[Flight],
    first: Minute,
    dice: &mut Dice,
) -> Vec<(usize, Question)> {
    let places = (ASK_EVERY..=writes.len()).step_by(ASK_EVERY);
    let asked = places.map(|place| {
        let now = writes[place - 1].reported;
        let length = days(1 + dice.below(WINDOW_DAYS) as u32);
        let age = u64::from(now.0 - first.0) + 1;
        let back = if dice.below(2) == 0 {
            length
        } else {
            dice.below(age) as u32
        };
        let from = Minute(now.0.saturating_sub(back));
        let trip = flights[dice.below(flights.len() as u64) as usize].trip;
        let route = match dice.below(3) {
            0 => Route::Any,
            1 => Route::From(trip.origin),
            _ => Route::To(trip.destination),
        };
        (
            place,
            Question {
                from,
                until: from.plus(length),
                route,
            },
        )
    });
    asked.collect()
}

/// The questions whose answers are printed: everything, single days, the busiest airports.
fn closing(flights: &[Flight], whole: Question, first: Minute, last: Minute) -> Vec<Question> {
    let mut departures: BTreeMap<Airport, usize> = BTreeMap::new();
    for flight in flights {
        *departures.entry(flight.trip.origin).or_default() += 1;
    }
    let mut busiest = departures.into_iter().collect::<Vec<_>>();
    busiest.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let middle = Minute(first.0 + (last.0 - first.0) / 2).start_of_day();
    let day = |from: Minute| Question {
        from,
        until: from.plus(days(1)),
        route: Route::Any,
    };
    let mut questions = vec![whole, day(whole.from), day(middle)];
    questions.push(Question {
        until: middle.plus(days(7)),
        ..day(middle)
    });
    for (airport, _) in busiest.into_iter().take(BUSIEST) {
        questions.push(Question {
            route: Route::From(airport),
            ..whole
        });
        questions.push(Question {
            route: Route::To(airport),
            ..whole
        });
        questions.push(Question {
            route: Route::From(airport),
            ..day(middle)
        });
    }
    // A table of one day makes some of them the same.
    let all = questions.clone();
    let mut place = 0;
    questions.retain(|question| {
        place += 1;
        !all[..place - 1].contains(question)
    });
    questions
}

#[cfg(test)]
mod tests;
