//! What a writer notes: latency from when a write was due, and the time in the writes themselves.

use std::time::{Duration, Instant};

use super::schedule::wait;
use crate::lab::time::{Disturbances, Recorder};

/// What one writer, or all of them, have done.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// From due to done, of each write.
    pub(super) times: Recorder,
    /// Writes done.
    pub(super) done: u64,
    /// Writes that were due and never begun, because the time was up long ago. They count with what they had waited by then.
    pub(super) missed: u64,
    /// Time in writes, without any waiting.
    pub(super) busy: Duration,
    /// When the last was done.
    pub(super) end: Duration,
    pub(super) disturbances: Disturbances,
}

impl Written {
    /// With what another writer has done at the same time.
    pub(super) fn add(&mut self, other: &Self) {
        self.times.add(&other.times);
        self.done += other.done;
        self.missed += other.missed;
        self.busy += other.busy;
        self.end = self.end.max(other.end);
        self.disturbances = self.disturbances.and(other.disturbances);
    }

    /// Writes a second.
    pub(super) fn rate(&self) -> f64 {
        self.done as f64 / self.end.as_secs_f64().max(1e-9)
    }
}

/// Each write when it is due or, if the one before takes longer, right after that; given up `limit` after the start.
#[inline(never)]
pub(super) fn open_loop(
    start: Instant,
    schedule: impl Iterator<Item = Duration>,
    limit: Duration,
    mut write: impl FnMut(),
) -> Written {
    let mut written = Written::default();
    let before = Disturbances::of_thread();
    let mut now = start.elapsed();
    for due in schedule {
        if now > limit {
            written.times.note(now.saturating_sub(due));
            written.missed += 1;
            continue;
        }
        let begun = if due > now { wait(start, due) } else { now };
        write();
        now = start.elapsed();
        written.times.note(now - due);
        written.busy += now - begun;
        written.done += 1;
    }
    written.end = now;
    written.disturbances = Disturbances::of_thread().since(before);
    written
}

/// One write after the other until `until`, or so many.
#[inline(never)]
pub(super) fn closed_loop(
    start: Instant,
    until: Duration,
    most: u64,
    mut write: impl FnMut(),
) -> Written {
    let mut written = Written::default();
    let before = Disturbances::of_thread();
    let begun = start.elapsed();
    let mut now = begun;
    while now < until && written.done < most {
        write();
        let end = start.elapsed();
        written.times.note(end - now);
        written.done += 1;
        now = end;
    }
    written.busy = now - begun;
    written.end = now;
    written.disturbances = Disturbances::of_thread().since(before);
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::job::Tail;

    const MS: Duration = Duration::from_millis(1);

    fn quantile(written: Written, quantile: f64) -> Duration {
        let tail = written.times.into_tail();
        Duration::from_nanos(Tail::histogram([&tail]).value_at_quantile(quantile))
    }

    #[test]
    fn who_waits_behind_a_stalled_write_is_late() {
        let mut first = true;
        let written = open_loop(
            Instant::now(),
            (0..100).map(|at| at * MS),
            60_000 * MS,
            || {
                if core::mem::take(&mut first) {
                    std::thread::sleep(80 * MS);
                }
            },
        );
        assert_eq!((written.done, written.missed), (100, 0));
        // Those due while the first stalled waited 40 ms in the mean, though each took no time itself.
        assert!(written.busy < 95 * MS, "{:?}", written.busy);
        let middle = quantile(written, 0.5);
        assert!(middle > 20 * MS && middle < 70 * MS, "{middle:?}");
    }

    #[test]
    fn what_is_given_up_counts_with_what_it_has_waited() {
        let schedule = (0..100).map(|_| Duration::ZERO);
        let written = open_loop(Instant::now(), schedule, 5 * MS, || {
            std::thread::sleep(10 * MS)
        });
        assert_eq!((written.done, written.missed), (1, 99));
        assert!(quantile(written, 0.5) >= 10 * MS);
    }

    #[test]
    fn a_closed_loop_waits_for_nobody() {
        let written = closed_loop(Instant::now(), 20 * MS, u64::MAX, || {
            std::hint::black_box(());
        });
        assert!(written.done > 1000 && written.end >= 20 * MS);
        assert!(written.busy <= written.end);
        let few = closed_loop(Instant::now(), 20 * MS, 7, || ());
        assert_eq!((few.done, few.times.count()), (7, 7));
    }
}
