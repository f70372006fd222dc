//! Questions about flights, and answers that can be added up shard by shard.

use crate::calendar::Minute;
use crate::hot::Key;
use crate::rows::{Airport, Trip};
use std::fmt;

/// How many of the earliest flights an answer names.
pub const EARLIEST: usize = 3;

/// Which flights of the window are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Any,
    From(Airport),
    To(Airport),
}

/// All flights of a time window, or those that leave from or arrive at one airport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    pub from: Minute,
    /// The first minute that no longer counts.
    pub until: Minute,
    pub route: Route,
}

impl Question {
    /// The first key in the window.
    pub const fn first_key(&self) -> Key {
        Key {
            minute: self.from,
            sequence: 0,
        }
    }

    /// The first key beyond the window.
    pub const fn end_key(&self) -> Key {
        Key {
            minute: self.until,
            sequence: 0,
        }
    }

    /// Does this flight, in the window or not, take the route?
    pub fn asks_for(&self, trip: &Trip) -> bool {
        match self.route {
            Route::Any => true,
            Route::From(airport) => trip.origin == airport,
            Route::To(airport) => trip.destination == airport,
        }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (from, until) = (self.from, self.until);
        match self.route {
            Route::Any => write!(f, "all")?,
            Route::From(airport) => write!(f, "from {airport}")?,
            Route::To(airport) => write!(f, "to {airport}")?,
        }
        write!(f, ", {from} until {until}")
    }
}

/// What is known of the flights a question asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    pub flights: u64,
    pub delay_minutes: i64,
    pub distance_miles: u64,
    /// When the newest report on any of them came in.
    pub last_report: Option<Minute>,
    /// The first few of them, in order.
    pub earliest: [Option<Key>; EARLIEST],
}

impl Answer {
    /// Adds one flight; they must come in key order.
    pub fn add(&mut self, key: Key, trip: &Trip, reported: Minute) {
        if let Some(free) = self.earliest.iter_mut().find(|place| place.is_none()) {
            *free = Some(key);
        }
        self.flights += 1;
        self.delay_minutes += i64::from(trip.delay_minutes);
        self.distance_miles += u64::from(trip.distance_miles);
        self.last_report = self.last_report.max(Some(reported));
    }

    /// The answer for this shard's flights and another's together.
    #[must_use]
    pub fn merged(mut self, other: &Self) -> Self {
        let mut keys = self
            .earliest
            .iter()
            .chain(&other.earliest)
            .flatten()
            .collect::<Vec<_>>();
        keys.sort();
        let mut keys = keys.into_iter().copied();
        self.earliest = std::array::from_fn(|_| keys.next());
        self.flights += other.flights;
        self.delay_minutes += other.delay_minutes;
        self.distance_miles += other.distance_miles;
        self.last_report = self.last_report.max(other.last_report);
        self
    }

    /// Minutes late on average.
    pub fn mean_delay(&self) -> f64 {
        if self.flights == 0 {
            0.0
        } else {
            self.delay_minutes as f64 / self.flights as f64
        }
    }
}
