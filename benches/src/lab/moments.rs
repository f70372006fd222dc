//! Memory looked at over time, while a load runs.
//!
//! A thread of its own looks every [`Job::sample_ms`]: what is resident, what is alive by the load's own count, and what our
//! engine has committed. Looking allocates nothing; the room for the answers is made before the first look.
//!
//! # Concurrency
//! `made` of [`Live`] is written by one thread, `freed` by one thread (the same or another), `peak` by the one that makes.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use sydra_pool::Snapshot;

use super::engine;
use super::job::{Job, Moment, Report};
use crate::cores::Apart;
use crate::resident::Gauge;

/// Bytes that are alive, as a load counts them: what it asked for, not what that was rounded up to.
#[derive(Debug)]
pub struct Live {
    made: Apart<AtomicU64>,
    freed: Apart<AtomicU64>,
    peak: Apart<AtomicU64>,
}

impl Default for Live {
    fn default() -> Self {
        Self {
            made: Apart(AtomicU64::new(0)),
            freed: Apart(AtomicU64::new(0)),
            peak: Apart(AtomicU64::new(0)),
        }
    }
}

impl Live {
    /// So many bytes are there. To be called by one thread only.
    #[inline(always)]
    pub fn made(&self, bytes: usize) {
        add(&self.made.0, bytes);
        let now = self.now();
        if now > self.peak.0.load(Ordering::Relaxed) {
            self.peak.0.store(now, Ordering::Relaxed);
        }
    }

    /// So many bytes are gone. To be called by one thread only.
    #[inline(always)]
    pub fn freed(&self, bytes: usize) {
        add(&self.freed.0, bytes);
    }

    /// What is alive now.
    #[inline(always)]
    pub fn now(&self) -> u64 {
        // Freed first: what is made meanwhile is then counted, and less than nothing is not alive.
        let freed = self.freed.0.load(Ordering::Relaxed);
        self.made.0.load(Ordering::Relaxed).saturating_sub(freed)
    }

    /// The most that was alive.
    pub fn peak(&self) -> u64 {
        self.peak.0.load(Ordering::Relaxed)
    }
}

/// One thread writes: a load and a store are enough.
#[inline(always)]
fn add(counter: &AtomicU64, bytes: usize) {
    let sum = counter.load(Ordering::Relaxed) + bytes as u64;
    counter.store(sum, Ordering::Relaxed);
}

/// Runs `work`, which takes about so long, and watches memory meanwhile. The first moment is before the work, the last one
/// after it, while what the work returns is still there.
///
/// `work` is given the instant at which the moments begin.
pub fn watch<R>(
    job: &Job,
    expected: Duration,
    live: &Live,
    work: impl FnOnce(Instant) -> R,
) -> Report {
    let gauge = Gauge::open().filter(|_| job.sample_ms > 0);
    let over = AtomicBool::new(false);
    let begin = Barrier::new(2);
    let moments = thread::scope(|scope| {
        let watcher = gauge.map(|gauge| {
            let mut looks = Looks::new(job, expected, gauge);
            let (over, begin) = (&over, &begin);
            scope.spawn(move || {
                looks.start = Instant::now();
                looks.look(live);
                begin.wait();
                while !over.load(Ordering::Relaxed) {
                    looks.wait();
                    looks.look(live);
                }
                looks.moments
            })
        });
        if watcher.is_some() {
            begin.wait();
        }
        let _left = {
            let _over = Over(&over);
            work(Instant::now())
        };
        watcher.map_or(Vec::new(), |watcher| {
            watcher.thread().unpark();
            watcher.join().expect("looking does not panic")
        })
    });
    Report {
        moments,
        peak_live_kib: Some(live.peak() / 1024),
        ..Report::default()
    }
}

/// Says that it is over when it goes, also if the work panics: otherwise the panic would wait for the watcher.
struct Over<'o>(&'o AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Twice as many moments as are expected find room, and some more; what is beyond takes the place of the last.
const ROOM: usize = 256;

struct Looks {
    gauge: Gauge,
    start: Instant,
    every: Duration,
    moments: Vec<Moment>,
    shot: Option<Snapshot>,
}

impl Looks {
    fn new(job: &Job, expected: Duration, gauge: Gauge) -> Self {
        let every = Duration::from_millis(job.sample_ms);
        let count = expected.as_millis() as usize / job.sample_ms as usize;
        Self {
            gauge,
            start: Instant::now(),
            every,
            moments: Vec::with_capacity(2 * count + ROOM),
            shot: job.contestant.is_ours().then(Snapshot::new),
        }
    }

    /// Sleeps until the next look is due, or until it is woken for the last one.
    fn wait(&self) {
        let last = self.moments.last().map_or(0.0, |moment| moment.ms);
        let due = Duration::from_secs_f64(last / 1000.0) + self.every;
        thread::park_timeout(due.saturating_sub(self.start.elapsed()));
    }

    fn look(&mut self, live: &Live) {
        // The last look is always there, and the next is due after it.
        if self.moments.len() == self.moments.capacity() {
            self.moments.pop();
        }
        self.moments.push(Moment {
            ms: self.start.elapsed().as_secs_f64() * 1000.0,
            rss_kib: self.gauge.now_kib().unwrap_or(0),
            live_kib: live.now() / 1024,
            committed_kib: self.shot.as_mut().map(engine::committed_kib),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::contestant::Contestant;
    use crate::lab::job::tests::watched;

    #[test]
    fn what_is_alive_is_made_and_not_yet_freed() {
        let live = Live::default();
        live.made(100);
        live.made(50);
        live.freed(120);
        live.made(10);
        assert_eq!((live.now(), live.peak()), (40, 150));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn moments_span_the_work_and_show_what_it_holds() {
        let live = Live::default();
        let mut job = watched("churn");
        job.contestant = Contestant::Sharded;
        let report = watch(&job, Duration::from_millis(100), &live, |_| {
            let block = std::hint::black_box(vec![1_u8; 64 << 20]);
            live.made(block.len());
            thread::sleep(Duration::from_millis(100));
            live.freed(block.len());
        });
        let moments = &report.moments;
        // Every 5 ms and never more often; other tests keep the cores busy, so the work may be long and the looks few.
        assert!(moments.len() >= 3, "{}", moments.len());
        let spacing = moments.windows(2).map(|two| two[1].ms - two[0].ms);
        assert!(
            spacing.take(moments.len() - 2).all(|ms| ms >= 4.0),
            "{moments:?}"
        );
        assert!(moments.windows(2).all(|two| two[0].ms < two[1].ms));
        assert!(moments.iter().all(|moment| moment.committed_kib.is_some()));
        let held = |one: &Moment| one.live_kib == 64 << 10 && one.rss_kib >= 64 << 10;
        assert!(moments.iter().any(held), "{moments:?}");
        let ends = [moments[0], moments[moments.len() - 1]];
        assert_eq!(ends.map(|moment| moment.live_kib), [0, 0]);
        assert!(ends[1].ms >= 100.0);
        // What the work returns is there at the last look, for which the watcher is woken here.
        job.sample_ms = 10_000;
        let held = watch(&job, Duration::ZERO, &live, |_| vec![1_u8; 256 << 20]);
        let last = held.moments.last().unwrap().rss_kib;
        assert!(last >= 256 << 10, "{last}");
        assert_eq!(report.peak_live_kib, Some(64 << 10));
    }

    #[test]
    fn without_room_the_newest_look_is_kept_and_the_next_is_waited_for() {
        let Some(gauge) = Gauge::open() else { return };
        let mut looks = Looks::new(&watched("churn"), Duration::ZERO, gauge);
        looks.moments = Vec::with_capacity(2);
        let live = Live::default();
        for bytes in [1 << 20, 1 << 21, 1 << 22] {
            live.made(bytes);
            looks.look(&live);
            let start = Instant::now();
            looks.wait();
            assert!(start.elapsed() >= Duration::from_millis(4), "{bytes}");
        }
        let kept: Vec<u64> = looks.moments.iter().map(|one| one.live_kib).collect();
        assert_eq!(kept, [1 << 10, 7 << 10]);
    }

    #[test]
    fn who_does_not_want_moments_gets_none() {
        let live = Live::default();
        let mut job = watched("churn");
        job.sample_ms = 0;
        let report = watch(&job, Duration::ZERO, &live, |_| live.made(5000));
        assert!(report.moments.is_empty());
        assert_eq!(report.peak_live_kib, Some(4));
    }

    #[test]
    fn a_panic_is_not_held_back_by_the_watcher() {
        let result = std::panic::catch_unwind(|| {
            watch(&watched("churn"), Duration::ZERO, &Live::default(), |_| {
                panic!("on purpose");
            })
        });
        assert!(result.is_err());
    }
}
