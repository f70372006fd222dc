//! A look at memory and limbo from time to time, while others work.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use sydra_pool::Snapshot;

use super::tally::Tally;
use crate::lab::engine;
use crate::lab::job::{Job, Moment};
use crate::resident;

/// Whoever watches looks this often whether it is over.
const PATIENCE: Duration = Duration::from_millis(5);

/// Room for moments, so that watching allocates nothing.
const MOMENTS: usize = 1 << 16;

/// What was seen so far.
#[derive(Debug)]
pub(in crate::lab::loads) struct Watch {
    start: Instant,
    nothing: Tally,
    /// Time between two looks; none for no look.
    every: Option<Duration>,
    /// Room for our engine's figures.
    shot: Option<Snapshot>,
    live_kib: u64,
    pub(in crate::lab::loads) moments: Vec<Moment>,
    /// Most entries that were seen waiting.
    pub(in crate::lab::loads) limbo_max: u64,
    /// Farthest that a reader was seen behind the epoch. A reader holds the epoch up, so it is never far behind.
    lag_max: u64,
    /// Longest that a reader was seen to hold the epoch up.
    pinned_ms_max: u64,
}

impl Watch {
    /// Begins now. `nothing` was counted when nothing waited; `live_kib` is what is alive all the time.
    pub(in crate::lab::loads) fn new(job: &Job, nothing: Tally, live_kib: u64) -> Self {
        Self {
            start: Instant::now(),
            nothing,
            every: (job.sample_ms > 0).then(|| Duration::from_millis(job.sample_ms)),
            shot: job.contestant.is_ours().then(Snapshot::new),
            live_kib,
            moments: Vec::with_capacity(MOMENTS),
            limbo_max: 0,
            lag_max: 0,
            pinned_ms_max: 0,
        }
    }

    /// One look.
    pub(in crate::lab::loads) fn look(&mut self) {
        self.limbo_max = self.limbo_max.max(Tally::waiting(self.nothing));
        let mut committed_kib = None;
        if let Some(shot) = &mut self.shot {
            committed_kib = Some(engine::committed_kib(shot));
            self.lag_max = self.lag_max.max(shot.epoch.lag);
            let pinned_ms = shot.epoch.oldest_pin.map_or(0, |pin| pin.pinned_ms);
            self.pinned_ms_max = self.pinned_ms_max.max(pinned_ms);
        }
        if self.moments.len() < MOMENTS {
            self.moments.push(Moment {
                ms: self.start.elapsed().as_secs_f64() * 1e3,
                rss_kib: resident::now_kib().unwrap_or(0),
                live_kib: self.live_kib,
                committed_kib,
            });
        }
    }

    /// Looks until it is over. Another thread may unpark this one to say so.
    pub(in crate::lab::loads) fn until(&mut self, over: impl Fn() -> bool) {
        let mut next = Duration::ZERO;
        while !over() {
            if let Some(every) = self.every
                && self.start.elapsed() >= next
            {
                self.look();
                next = self.start.elapsed() + every;
            }
            thread::park_timeout(self.every.map_or(PATIENCE, |every| every.min(PATIENCE)));
        }
    }

    /// What was seen, and what is left when all is quiet and `collect` has done what it can.
    pub(in crate::lab::loads) fn figures(&self, collect: fn()) -> BTreeMap<String, f64> {
        let mut left = Tally::waiting(self.nothing);
        let mut in_vain = 0;
        // Ends: each round that is not in vain leaves less behind.
        while left > 0 && in_vain < ROUNDS_IN_VAIN {
            (0..CALLS).for_each(|_| collect());
            let now = Tally::waiting(self.nothing);
            if now < left {
                left = now;
            } else {
                in_vain += 1;
                thread::sleep(Duration::from_millis(1));
            }
        }
        let mut figures = BTreeMap::from([
            ("limbo.objects_max".to_string(), self.limbo_max as f64),
            ("limbo.objects_end".to_string(), left as f64),
        ]);
        if self.shot.is_some() {
            figures.insert("limbo.lag_max".into(), self.lag_max as f64);
            figures.insert("limbo.pinned_ms_max".into(), self.pinned_ms_max as f64);
        }
        figures
    }
}

/// Calls after which a reclaimer that frees a bit with each must have freed something, if it can.
const CALLS: u32 = 16;

/// So often it may be in vain, because something else of the process is pinned for a moment.
const ROUNDS_IN_VAIN: u32 = 20;
