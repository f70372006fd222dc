//! Minutes of the civil calendar.
//!
//! A departure is a `Minute`: a count from 1970-01-01 00:00, in the local time of the data (no zones are known).
//! Four bytes order and shift like the integers they are, which is what a key needs.

use std::fmt;

const MINUTES_PER_DAY: u32 = 24 * 60;
const FIRST_YEAR: u32 = 1970;
const LAST_YEAR: u32 = 9999;

// The last minute of the last year, and a whole calendar beyond it for shifted copies, fit the type.
const _: () = assert!((LAST_YEAR - FIRST_YEAR + 1) * 366 < u32::MAX / MINUTES_PER_DAY);

/// A point in time: minutes since 1970-01-01 00:00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Minute(pub u32);

impl Minute {
    /// Reads `YYYY/MM/DD HH:MM`; `None` for any other shape and for dates that do not exist.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_once(' ')?;
        let mut date = date.split('/');
        let year = digits(date.next()?, 4)?;
        let month = digits(date.next()?, 2)?;
        let day = digits(date.next()?, 2)?;
        let (hour, minute) = time.split_once(':')?;
        let (hour, minute) = (digits(hour, 2)?, digits(minute, 2)?);
        let exists = date.next().is_none()
            && (FIRST_YEAR..=LAST_YEAR).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60;
        if !exists {
            return None;
        }
        let before = (1..month)
            .map(|earlier| days_in_month(year, earlier))
            .sum::<u32>();
        let days = days_before_year(year) + before + day - 1;
        Some(Self(days * MINUTES_PER_DAY + hour * 60 + minute))
    }

    /// This time, `minutes` later; saturates at the end of the type.
    pub const fn plus(self, minutes: u32) -> Self {
        Self(self.0.saturating_add(minutes))
    }

    /// Midnight at the start of this day.
    pub const fn start_of_day(self) -> Self {
        Self(self.0 - self.0 % MINUTES_PER_DAY)
    }
}

/// `days` in minutes.
pub const fn days(days: u32) -> u32 {
    days * MINUTES_PER_DAY
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut days, minutes) = (self.0 / MINUTES_PER_DAY, self.0 % MINUTES_PER_DAY);
        // 366 days a year never overshoots; the loop then mends at most one year for every 366 passed.
        let mut year = FIRST_YEAR + days / 366;
        while days_before_year(year + 1) <= days {
            year += 1;
        }
        days -= days_before_year(year);
        let mut month = 1;
        while days >= days_in_month(year, month) {
            days -= days_in_month(year, month);
            month += 1;
        }
        let (hour, minute) = (minutes / 60, minutes % 60);
        write!(
            f,
            "{year:04}/{month:02}/{:02} {hour:02}:{minute:02}",
            days + 1
        )
    }
}

/// A number written with exactly `count` decimal digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

const fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first of January of `year`.
const fn days_before_year(year: u32) -> u32 {
    (year - FIRST_YEAR) * 365 + leap_years_to(year - 1) - leap_years_to(FIRST_YEAR - 1)
}

const fn leap_years_to(year: u32) -> u32 {
    year / 4 - year / 100 + year / 400
}

#[cfg(test)]
mod tests;
