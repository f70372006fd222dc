//! Two threads on two cores, and how far apart the cores are.
//!
//! Where the machine has two cores, each thread keeps to one of its own. The cost of moving a cache line between the two
//! cores depends on where the host has put them, and decides what two threads cost together: it is measured before and
//! after each sample, and samples are compared only with samples of the same distance.

use core::fmt;
use core::hint::spin_loop;
use core::str::FromStr;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use crate::clock::{cpu_time, wall_time};

/// A round trip below this is a near one. (Near was 60 ns and far 340 ns where this was written.)
const NEAR_NS: f64 = 150.0;

/// Where the two cores were during a sample.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Distance {
    /// A cache line's round trip was short at both ends of the sample.
    Near,
    /// It was long at both ends.
    Far,
    /// It changed.
    Mixed,
}

impl fmt::Display for Distance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Near => "near",
            Self::Far => "far",
            Self::Mixed => "mixed",
        })
    }
}

impl FromStr for Distance {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        [Self::Near, Self::Far, Self::Mixed]
            .into_iter()
            .find(|distance| distance.to_string() == name)
            .ok_or_else(|| format!("no distance is called {name:?}"))
    }
}

/// One sample.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// Wall time of an operation: a block handed over, or the like.
    pub ns: f64,
    /// Round trip of a cache line before and after.
    pub probes_ns: [f64; 2],
    /// The part of the time during which both threads had their cores, at most. Far below 1 they did not meet.
    pub together: f64,
}

impl Sample {
    /// Where the cores were.
    pub fn distance(&self) -> Distance {
        distance(self.probes_ns)
    }
}

/// Where the cores were, by the round trips of a cache line before and after.
pub fn distance(trips_ns: [f64; 2]) -> Distance {
    match trips_ns.map(|ns| ns < NEAR_NS) {
        [true, true] => Distance::Near,
        [false, false] => Distance::Far,
        _ => Distance::Mixed,
    }
}

/// As a peer says it: the distance, the time, the two probes, the part of the time that the threads were together.
impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [before, after] = self.probes_ns;
        let distance = self.distance();
        let Self { ns, together, .. } = self;
        write!(
            f,
            "sample {distance} {ns} {before:.0} {after:.0} {together:.2}"
        )
    }
}

/// A field on cache lines of its own. (Two lines, because the processor fetches them in pairs.)
#[repr(align(128))]
#[derive(Debug)]
pub(crate) struct Apart<T>(pub(crate) T);

/// Spins, and gives the core away from time to time in case both threads have to share one.
#[inline(always)]
pub(crate) fn wait_until(mut ready: impl FnMut() -> bool) {
    let mut spins = 0_u32;
    while !ready() {
        spins += 1;
        if spins.is_multiple_of(1 << 14) {
            thread::yield_now();
        } else {
            spin_loop();
        }
    }
}

/// `samples` samples of `here` and `there`, run at the same time by the calling thread and by another. `operations` is how
/// many operations the two do together in a sample. The first round fills caches and is no sample.
pub fn side_by_side(
    samples: u32,
    operations: u64,
    mut here: impl FnMut(),
    mut there: impl FnMut() + Send,
) -> Vec<Sample> {
    let line = Apart(AtomicU64::new(0));
    let meetings = Apart(AtomicUsize::new(0));
    let theirs = Mutex::new(Spent::default());
    let rounds = samples as usize + 1;
    thread::scope(|scope| {
        scope.spawn(|| {
            keep_to_core(1);
            for round in 0..rounds {
                answer(&line.0);
                *lock(&theirs) = Spent::on(&meetings.0, round, &mut there);
                answer(&line.0);
            }
        });
        keep_to_core(0);
        let mut taken = Vec::with_capacity(rounds);
        for round in 0..rounds {
            let before = round_trip_ns(&line.0);
            let ours = Spent::on(&meetings.0, round, &mut here);
            let probes_ns = [before, round_trip_ns(&line.0)];
            let theirs = *lock(&theirs);
            taken.push(Sample {
                ns: nanoseconds(ours.wall) / operations as f64,
                probes_ns,
                together: ours.together(theirs),
            });
        }
        taken.split_off(1)
    })
}

/// What one thread has spent on a round, from the meeting at its start to the one at its end.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    wall: Duration,
    cpu: Duration,
}

impl Spent {
    fn on(meetings: &AtomicUsize, round: usize, work: &mut impl FnMut()) -> Self {
        meet(meetings, round * 4 + 2);
        let cpu = cpu_time();
        let wall = wall_time(|| {
            work();
            meet(meetings, round * 4 + 4);
        });
        Self {
            wall,
            cpu: cpu_time() - cpu,
        }
    }

    /// The shorter time on a core as a part of the longer time by the wall.
    fn together(self, other: Self) -> f64 {
        let wall = self.wall.max(other.wall);
        nanoseconds(self.cpu.min(other.cpu)) / nanoseconds(wall).max(1.0)
    }
}

fn lock(spent: &Mutex<Spent>) -> MutexGuard<'_, Spent> {
    spent.lock().expect("nobody panics with the lock")
}

/// Waits until both threads are here.
fn meet(arrived: &AtomicUsize, expected: usize) {
    // ORDERING: Release pairs with the Acquire below, in the other thread: what was done before meeting is seen after.
    arrived.fetch_add(1, Ordering::Release);
    wait_until(|| arrived.load(Ordering::Acquire) >= expected);
}

/// Round trips of one probe. Even, so that the line ends as it began.
const TRIPS: u64 = if cfg!(test) { 20 } else { 2000 };

/// Sends a cache line to the other thread and back.
pub(crate) fn round_trip_ns(line: &AtomicU64) -> f64 {
    let start = line.load(Ordering::Relaxed);
    // The other thread has to be there first: the first trips are not timed.
    let trip = |number: u64| {
        // ORDERING: Relaxed: the line's travel is what is measured; nothing is handed over by it.
        line.store(start + number * 2 + 1, Ordering::Relaxed);
        wait_until(|| line.load(Ordering::Relaxed) == start + number * 2 + 2);
    };
    let warm_up = TRIPS / 10;
    (0..warm_up).for_each(trip);
    nanoseconds(wall_time(|| (warm_up..TRIPS).for_each(trip))) / (TRIPS - warm_up) as f64
}

/// The other side of [`round_trip_ns`].
pub(crate) fn answer(line: &AtomicU64) {
    let start = line.load(Ordering::Relaxed) & !1;
    for number in 0..TRIPS {
        wait_until(|| line.load(Ordering::Relaxed) == start + number * 2 + 1);
        line.store(start + number * 2 + 2, Ordering::Relaxed);
    }
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_nanos() as f64
}

/// Binds the calling thread to one core, if the system lets it.
#[cfg(target_os = "linux")]
pub(crate) fn keep_to_core(core: usize) {
    // SAFETY: all bits zero is an empty set.
    let mut cores: libc::cpu_set_t = unsafe { core::mem::zeroed() };
    // SAFETY: `core` is far below the size of a set.
    unsafe { libc::CPU_SET(core, &mut cores) };
    // A refusal (one core only) costs nothing but the comparison's sharpness: the probe shows it.
    // SAFETY: the set is as large as is said.
    let _ = unsafe { libc::sched_setaffinity(0, size_of_val(&cores), &raw const cores) };
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn keep_to_core(_core: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_threads_work_in_every_round() {
        let (mut here, mut there) = (0, 0);
        let samples = side_by_side(3, 1, || here += 1, || there += 1);
        assert_eq!((samples.len(), here, there), (3, 4, 4));
        assert!(samples.iter().all(|sample| sample.ns > 0.0));
    }

    #[test]
    fn who_starts_late_or_loses_the_core_is_not_together() {
        let spent = |wall, cpu| Spent {
            wall: Duration::from_millis(wall),
            cpu: Duration::from_millis(cpu),
        };
        assert_eq!(spent(10, 10).together(spent(10, 9)), 0.9);
        assert_eq!(spent(10, 10).together(spent(5, 5)), 0.5);
        assert_eq!(spent(10, 5).together(spent(10, 10)), 0.5);
    }

    #[test]
    fn a_sample_is_near_or_far_only_if_both_probes_say_so() {
        let distance = |probes_ns| {
            Sample {
                ns: 1.0,
                probes_ns,
                together: 1.0,
            }
            .distance()
        };
        assert_eq!(distance([60.0, 70.0]), Distance::Near);
        assert_eq!(distance([340.0, 360.0]), Distance::Far);
        assert_eq!(distance([60.0, 340.0]), Distance::Mixed);
    }
}
