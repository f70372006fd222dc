//! A gigabyte in four sizes made and freed, every other block first; then small requests only.

use core::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

use crate::cores::keep_to_core;
use crate::footprint::{acceptable_kib, pile, prepare, request};
use crate::lab::job::{Job, Moment, Report};
use crate::lab::moments::{Live, watch};
use crate::owner::BoxDoor;

/// Bytes of the blocks; their tables are a sixth as much again.
pub(super) const BYTES: usize = 1 << 30;

/// About as long as the burst itself takes.
const BURST: Duration = Duration::from_secs(2);

/// The figure that says when resident memory was back for good: seconds after the last block was freed. None if it never was.
const SETTLED: &str = "settled_s";

/// Watches it. `job.seconds` is how long requests follow the burst; at least twice as long as it took, so that the last half
/// of the moments is after it.
pub(super) fn run(job: &Job, bytes: usize) -> Report {
    let live = Live::default();
    prepare::<BoxDoor>();
    let freed_ms = Cell::new(0.0);
    let length = Duration::from_secs_f64(job.seconds);
    let mut report = watch(job, BURST + length, &live, |start| {
        if job.pin {
            keep_to_core(0);
        }
        let pile = pile::<BoxDoor>(bytes, |bytes| live.made(bytes));
        pile.free(|bytes| live.freed(bytes));
        let burst = start.elapsed();
        freed_ms.set(burst.as_secs_f64() * 1000.0);
        let (freed, length) = (Instant::now(), length.max(2 * burst));
        while freed.elapsed() < length {
            thread::sleep(Duration::from_millis(1));
            request::<BoxDoor>();
        }
    });
    if let Some(ms) = settled_ms(&report.moments, freed_ms.get()) {
        report.figures.insert(SETTLED.into(), ms / 1000.0);
    }
    report
}

/// How long after `freed_ms` resident memory came back to about what it was before, and stayed there.
fn settled_ms(moments: &[Moment], freed_ms: f64) -> Option<f64> {
    let enough = acceptable_kib(moments.first()?.rss_kib);
    let after = moments.iter().filter(|moment| moment.ms >= freed_ms);
    let mut since = None;
    for moment in after {
        if moment.rss_kib > enough {
            since = None;
        } else {
            since.get_or_insert(moment.ms - freed_ms);
        }
    }
    since
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::job::tests::watched;

    #[test]
    fn what_was_back_and_left_again_is_not_settled() {
        let moments = |kib: &[u64]| -> Vec<Moment> {
            let each = kib.iter().enumerate();
            each.map(|(at, &rss_kib)| Moment {
                ms: at as f64 * 10.0,
                rss_kib,
                ..Moment::default()
            })
            .collect()
        };
        let high = 1 << 20;
        assert_eq!(
            settled_ms(&moments(&[3000, high, 3500, 3500]), 12.0),
            Some(8.0)
        );
        let again = moments(&[3000, high, 3500, high, 3500]);
        assert_eq!(settled_ms(&again, 12.0), Some(28.0));
        assert_eq!(settled_ms(&moments(&[3000, high, 3500, high]), 12.0), None);
        assert_eq!(settled_ms(&[], 0.0), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_burst_is_alive_at_its_height_and_gone_after() {
        let report = run(&watched("burst"), 16 << 20);
        let peak = report.peak_live_kib.unwrap();
        // The tables are a sixth as much again.
        assert!(((18 << 10)..(20 << 10)).contains(&peak), "{peak}");
        assert_eq!(report.moments.last().unwrap().live_kib, 0);
    }
}
