//! One producer, one consumer: every block is freed by a thread that did not allocate it.
//!
//! The two threads share a bounded ring of owners, one word an entry, no batches. Where the machine has two cores, each
//! thread keeps to one of its own. The cost of moving a cache line between the two cores depends on where the host has
//! put them, and decides this row: it is measured before and after each sample, and samples are compared only with samples
//! of the same distance.

use core::cell::UnsafeCell;
use core::fmt;
use core::hint::spin_loop;
use core::mem::MaybeUninit;
use core::str::FromStr;
use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crate::block::Block;
use crate::clock::wall_time;
use crate::owner::Owner;
use crate::row::Touch;
use crate::shape::make;

/// Entries of the ring.
const ENTRIES: usize = 1024;

const _: () = assert!(ENTRIES.is_power_of_two());

/// Blocks that one sample hands over.
const BLOCKS: usize = 200_000;

/// A round trip below this is a near one. (Near was 60 ns and far 340 ns where this was written.)
const NEAR_NS: f64 = 150.0;

/// Where the two cores were during a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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
    /// Wall time for each block handed over.
    pub ns: f64,
    /// Round trip of a cache line before and after.
    pub probes_ns: [f64; 2],
}

impl Sample {
    /// Where the cores were.
    pub fn distance(&self) -> Distance {
        match self.probes_ns.map(|ns| ns < NEAR_NS) {
            [true, true] => Distance::Near,
            [false, false] => Distance::Far,
            _ => Distance::Mixed,
        }
    }
}

/// A field on cache lines of its own. (Two lines, because the processor fetches them in pairs.)
#[repr(align(128))]
struct Apart<T>(T);

/// A ring for one producer and one consumer.
struct Ring<O> {
    /// Entries ever pushed. Written by the producer only.
    pushed: Apart<AtomicUsize>,
    /// Entries ever popped. Written by the consumer only.
    popped: Apart<AtomicUsize>,
    entries: Box<[UnsafeCell<MaybeUninit<O>>]>,
}

// SAFETY: an entry is written by the producer before `pushed` passes it and read by the consumer after; owners are `Send`.
unsafe impl<O: Send> Sync for Ring<O> {}

impl<O> Ring<O> {
    fn new() -> Self {
        Self {
            pushed: Apart(AtomicUsize::new(0)),
            popped: Apart(AtomicUsize::new(0)),
            entries: (0..ENTRIES)
                .map(|_| UnsafeCell::new(MaybeUninit::uninit()))
                .collect(),
        }
    }

    /// Pushes `count` owners. To be called by one thread at a time.
    fn produce(&self, count: usize, mut next: impl FnMut(u64) -> O) {
        let start = self.pushed.0.load(Ordering::Relaxed);
        let mut seen_popped = self.popped.0.load(Ordering::Relaxed);
        for place in start..start + count {
            let owner = next(place as u64);
            wait_until(|| {
                if place - seen_popped < ENTRIES {
                    return true;
                }
                // ORDERING: pairs with the Release in `consume`: the entry has been read before it is written anew.
                seen_popped = self.popped.0.load(Ordering::Acquire);
                false
            });
            // SAFETY: the entry is empty and belongs to the producer until `pushed` passes it.
            unsafe { (*self.entries[place % ENTRIES].get()).write(owner) };
            // ORDERING: pairs with the Acquire in `consume`: the entry and the block are written before they are read.
            self.pushed.0.store(place + 1, Ordering::Release);
        }
    }

    /// Pops `count` owners. To be called by one thread at a time.
    fn consume(&self, count: usize, mut each: impl FnMut(O)) {
        let start = self.popped.0.load(Ordering::Relaxed);
        let mut seen_pushed = start;
        for place in start..start + count {
            wait_until(|| {
                if place < seen_pushed {
                    return true;
                }
                // ORDERING: pairs with the Release in `produce`: what the producer wrote is visible.
                seen_pushed = self.pushed.0.load(Ordering::Acquire);
                false
            });
            let entry = self.entries[place % ENTRIES].get();
            // SAFETY: the entry belongs to the consumer until `popped` passes it.
            let entry = unsafe { &*entry };
            // SAFETY: the entry is full, and it is read once before `popped` passes it.
            each(unsafe { entry.assume_init_read() });
            // ORDERING: pairs with the Acquire in `produce`: the entry has been read before it is written anew.
            self.popped.0.store(place + 1, Ordering::Release);
        }
    }
}

/// Spins, and gives the core away from time to time in case both threads have to share one.
#[inline(always)]
fn wait_until(mut ready: impl FnMut() -> bool) {
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

/// `samples` samples of blocks that the calling thread allocates and another frees.
pub fn measure<T: Block, O: Owner<T>>(touch: Touch, samples: u32) -> Vec<Sample> {
    match touch {
        Touch::Word => run::<T, O, false>(samples),
        Touch::Whole => run::<T, O, true>(samples),
    }
}

fn run<T: Block, O: Owner<T>, const WHOLE: bool>(samples: u32) -> Vec<Sample> {
    let ring = Ring::<O>::new();
    let line = Apart(AtomicU64::new(0));
    let start = AtomicUsize::new(0);
    // The first round fills the caches of the allocator and is no sample.
    let rounds = samples as usize + 1;
    thread::scope(|scope| {
        scope.spawn(|| {
            keep_to_core(1);
            for round in 1..=rounds {
                answer(&line.0);
                meet(&start, round * 2);
                if WHOLE {
                    ring.consume(BLOCKS, |owner| {
                        std::hint::black_box(owner.stamp());
                    });
                } else {
                    ring.consume(BLOCKS, drop);
                }
                answer(&line.0);
            }
        });
        keep_to_core(0);
        let mut taken = Vec::with_capacity(rounds);
        for round in 1..=rounds {
            let before = round_trip_ns(&line.0);
            meet(&start, round * 2);
            let spent = wall_time(|| {
                ring.produce(BLOCKS, make::<T, O, WHOLE>);
                wait_until(|| ring.popped.0.load(Ordering::Relaxed) == round * BLOCKS);
            });
            let probes_ns = [before, round_trip_ns(&line.0)];
            taken.push(Sample {
                ns: nanoseconds(spent) / BLOCKS as f64,
                probes_ns,
            });
        }
        taken.split_off(1)
    })
}

/// Waits until both threads are here.
fn meet(arrived: &AtomicUsize, expected: usize) {
    // ORDERING: Relaxed: only the number matters, nothing is handed over by it.
    arrived.fetch_add(1, Ordering::Relaxed);
    wait_until(|| arrived.load(Ordering::Relaxed) >= expected);
}

/// Round trips of one probe. Even, so that the line ends as it began.
const TRIPS: u64 = 2000;

/// Sends a cache line to the other thread and back.
fn round_trip_ns(line: &AtomicU64) -> f64 {
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
fn answer(line: &AtomicU64) {
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
fn keep_to_core(core: usize) {
    // SAFETY: all bits zero is an empty set.
    let mut cores: libc::cpu_set_t = unsafe { core::mem::zeroed() };
    // SAFETY: `core` is far below the size of a set.
    unsafe { libc::CPU_SET(core, &mut cores) };
    // A refusal (one core only) costs nothing but the comparison's sharpness: the probe shows it.
    // SAFETY: the set is as large as is said.
    let _ = unsafe { libc::sched_setaffinity(0, size_of_val(&cores), &raw const cores) };
}

#[cfg(not(target_os = "linux"))]
fn keep_to_core(_core: usize) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ring_loses_nothing_and_keeps_the_order() {
        let ring = Ring::<Box<u64>>::new();
        let count = ENTRIES * 20 + 3;
        thread::scope(|scope| {
            scope.spawn(|| ring.produce(count, Box::new));
            let mut expected = 0;
            ring.consume(count, |number| {
                assert_eq!(*number, expected);
                expected += 1;
            });
            assert_eq!(expected, count as u64);
        });
    }

    #[test]
    fn a_sample_is_near_or_far_only_if_both_probes_say_so() {
        let distance = |probes_ns| Sample { ns: 1.0, probes_ns }.distance();
        assert_eq!(distance([60.0, 70.0]), Distance::Near);
        assert_eq!(distance([340.0, 360.0]), Distance::Far);
        assert_eq!(distance([60.0, 340.0]), Distance::Mixed);
    }
}
