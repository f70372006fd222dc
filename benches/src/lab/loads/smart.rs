//! Bursts of many sizes, freed partly in order and partly in reverse: after the tests `sh6bench` and `sh8bench` that came with
//! MicroQuill's SmartHeap.
//!
//! A thread has a table. It fills all places but a fifth, which is **kept** from the time before; then the kept fifth moves
//! on, what lies before it is freed in the order in which it was made, what lies after it in the reverse order, and the next
//! filling begins. Sizes come in bursts, the smaller the longer.
//!
//! ```text
//! filled:  0 1 2 3 4 5 6 7 8 9        every place is full
//! kept:            [4 5]              moves on by a fifth with each filling
//! freed:   0 1 2 3      9 8 7 6       in this order
//! ```
//!
//! In **sh6** every thread frees its own. In **sh8** what would be freed is given to the next thread, which frees it in that
//! order. An operation is a block made and freed.

use core::ops::Range;
use std::sync::{Mutex, MutexGuard};

use crate::lab::crew::{self, Part, may_spin, pause};
use crate::lab::heap::{Drawn, Global, Heap, Law, Piece, Uniform};
use crate::lab::job::{Job, Report};
use crate::lab::time::{Recorder, Unwatched, Watch};
use crate::lab::workload::Workload;
use crate::random::Random;

/// Places of each thread.
const PLACES: usize = 2000;

/// The kept part of them.
const FIFTH: usize = 5;

/// Parcels that each thread has at the beginning: it can be so far ahead of the one before it.
const PARCELS: usize = 4;

/// The least and the greatest block.
const SIZES: [usize; 2] = [8, 1000];

/// Measures a row.
pub fn run(job: &Job) -> Report {
    run_on(job, Global, PLACES)
}

fn run_on<H: Heap>(job: &Job, heap: H, places: usize) -> Report {
    let threads = job.row.threads as usize;
    let ring = Ring::new(threads);
    let given = match job.row.workload {
        Workload::Sh8 => job.remote_ratio.unwrap_or(1.0),
        _ => 0.0,
    };
    crew::run(job, |index| {
        Bursts::new(job, heap, places, given, &ring, index)
    })
}

/// Sizes in bursts: each of a ladder from the least to the greatest as often as it fits into the greatest.
fn bursts(sizes: Uniform) -> Vec<u32> {
    let [least, most] = sizes.ends();
    let mut all = Vec::new();
    let mut size = least;
    loop {
        all.extend(vec![size as u32; most / size]);
        if size == most {
            return all;
        }
        size = (size + size / 2).clamp(size + 1, most);
    }
}

/// Blocks that a thread gives to the next, in the order in which they are to be freed.
type Parcel<H> = Vec<Piece<H>>;

/// Where each thread finds its parcels. As many parcels go round as there were at the beginning, and all threads do the same
/// number of fillings in a sample, so each finds in the end what it waits for.
struct Ring<H: Heap> {
    inboxes: Vec<Mutex<Inbox<H>>>,
    spinning: bool,
}

struct Inbox<H: Heap> {
    parcels: Vec<Parcel<H>>,
    /// The most parcels that were in it at once.
    most: usize,
}

impl<H: Heap> Ring<H> {
    fn new(threads: usize) -> Self {
        let inbox = |_| Inbox {
            parcels: Vec::with_capacity(PARCELS * threads),
            most: 0,
        };
        Self {
            inboxes: (0..threads).map(inbox).map(Mutex::new).collect(),
            spinning: may_spin(threads),
        }
    }

    fn inbox(&self, index: usize) -> MutexGuard<'_, Inbox<H>> {
        let inbox = &self.inboxes[index % self.inboxes.len()];
        inbox.lock().expect("nobody panics with it")
    }

    fn put(&self, from: usize, parcel: Parcel<H>) {
        let mut inbox = self.inbox(from + 1);
        inbox.parcels.push(parcel);
        inbox.most = inbox.most.max(inbox.parcels.len());
    }

    fn take(&self, index: usize) -> Option<Parcel<H>> {
        self.inbox(index).parcels.pop()
    }
}

struct Bursts<'r, H: Heap> {
    heap: H,
    law: Drawn,
    random: Random,
    places: Vec<Option<Piece<H>>>,
    /// These places are full, all others are empty.
    kept: Range<usize>,
    /// A block is given away if a random word is below this.
    given: u64,
    ring: &'r Ring<H>,
    index: usize,
    /// Parcels without blocks.
    empty: Vec<Parcel<H>>,
}

impl<'r, H: Heap> Bursts<'r, H> {
    fn new(job: &Job, heap: H, places: usize, given: f64, ring: &'r Ring<H>, index: usize) -> Self {
        let parcels = if given > 0.0 { PARCELS } else { 0 };
        // Parcels gather where a thread is behind, so there is room for all.
        let mut empty = Vec::with_capacity(parcels * ring.inboxes.len());
        empty.extend((0..parcels).map(|_| Vec::with_capacity(places)));
        Self {
            heap,
            law: Drawn::new(bursts(Uniform::of(job, SIZES))),
            random: Random::new(job.seed + index as u64),
            places: (0..places).map(|_| None).collect(),
            kept: 0..0,
            given: (given * 2.0_f64.powi(32)) as u64,
            ring,
            index,
            empty,
        }
    }

    /// One filling, and what is freed after it. Returns how many blocks were made.
    #[inline(always)]
    fn turn(&mut self, watch: &mut impl Watch) -> u64 {
        let end = self.places.len();
        let Range { start, end: stop } = self.kept.clone();
        for place in (0..start).chain(stop..end) {
            let size = self.law.next(&mut self.random);
            watch.time(|| self.places[place] = Some(Piece::new(self.heap, size)));
        }
        let made = start + end - stop;
        let start = if stop < end { stop } else { 0 };
        self.kept = start..(start + end.div_ceil(FIFTH)).min(end);
        let order = (0..start).chain((self.kept.end..end).rev());
        if self.given == 0 {
            for place in order {
                watch.time(|| self.places[place] = None);
            }
        } else {
            let mut parcel = self.next_parcel(watch);
            for place in order {
                if u64::from(self.random.word()) < self.given {
                    parcel.extend(self.places[place].take());
                } else {
                    watch.time(|| self.places[place] = None);
                }
            }
            self.ring.put(self.index, parcel);
            while self.unpack(watch) {}
        }
        made as u64
    }

    /// Frees the blocks of a parcel that has come; false if there is none.
    #[inline(always)]
    fn unpack(&mut self, watch: &mut impl Watch) -> bool {
        let Some(mut parcel) = self.ring.take(self.index) else {
            return false;
        };
        for piece in parcel.drain(..) {
            watch.time(|| drop(piece));
        }
        self.empty.push(parcel);
        true
    }

    /// An empty parcel. Who is too far ahead waits for the one before.
    #[inline(always)]
    fn next_parcel(&mut self, watch: &mut impl Watch) -> Parcel<H> {
        loop {
            if let Some(parcel) = self.empty.pop() {
                return parcel;
            }
            if !self.unpack(watch) {
                pause(self.ring.spinning);
            }
        }
    }
}

impl<H: Heap> Part for Bursts<'_, H> {
    fn step(&mut self) {
        self.body(1);
    }

    #[inline(never)]
    fn body(&mut self, operations: u64) -> u64 {
        let mut made = 0;
        while made < operations {
            made += self.turn(&mut Unwatched);
        }
        made
    }

    /// An operation is a block made, or one freed.
    #[inline(never)]
    fn tail(&mut self, operations: u64, times: &mut Recorder) {
        let mut made = 0;
        while made < operations.div_ceil(2) {
            made += self.turn(times);
        }
    }

    /// A full table and the parcels that have waited at once.
    fn live_bytes(&self) -> u64 {
        let waiting = self.ring.inbox(self.index).most * self.places.len() * (FIFTH - 1) / FIFTH;
        ((self.places.len() + waiting) as f64 * self.law.mean()) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::heap::ledger::Ledger;
    use crate::lab::job::tests::job;

    #[test]
    fn small_sizes_are_most_frequent() {
        let sizes = bursts(Uniform::new([8, 100]));
        let count = |size| sizes.iter().filter(|one| **one == size).count();
        assert_eq!((count(8), count(12), count(90), count(100)), (12, 8, 1, 1));
        assert!(sizes.is_sorted());
        assert_eq!(bursts(Uniform::new([64, 64])), [64]);
    }

    #[test]
    fn a_fifth_is_kept_and_the_rest_freed_from_both_ends() {
        let ledger = Ledger::open();
        let ring = Ring::new(1);
        let mut part = Bursts::new(&job("sh6/2t"), ledger, 10, 0.0, &ring, 0);
        let mut order = || {
            let before = ledger.freed().len();
            let made = part.turn(&mut Unwatched);
            let freed = ledger.freed().split_off(before);
            let serials: Vec<usize> = freed.iter().map(|one| one.serial).collect();
            (made, serials)
        };
        // The first filling: 0 to 9, of which 0 and 1 are kept.
        assert_eq!(order(), (10, vec![9, 8, 7, 6, 5, 4, 3, 2]));
        // Then 10 to 17 are made behind them, of which 10 and 11 are kept.
        assert_eq!(order(), (8, vec![0, 1, 17, 16, 15, 14, 13, 12]));
        // 18 and 19 before, 20 to 25 behind; the next two places hold 20 and 21.
        assert_eq!(order(), (8, vec![18, 19, 10, 11, 25, 24, 23, 22]));
        drop(part);
        ledger.close();
    }

    #[test]
    fn in_sh6_all_frees_are_local_and_in_sh8_remote() {
        for (row, wanted, expected) in [
            ("sh6/2t", None, 0.0),
            ("sh8/2t", None, 1.0),
            ("sh8/2t", Some(0.25), 0.25),
        ] {
            let ledger = Ledger::open();
            let mut job = job(row);
            job.remote_ratio = wanted;
            job.ops = Some(400);
            let report = run_on(&job, ledger, 20);
            assert_eq!(report.samples.len(), 3);
            ledger.close();
            // What is left at the end is freed by others: up to a table of 20 and parcels of 16 on each side.
            let freed = ledger.freed().len() as f64;
            let left = f64::from(2 * (20 + 8 * 16)) / freed;
            let remote = ledger.remote_ratio();
            assert!((remote - expected).abs() < left + 0.03, "{row}: {remote}");
            assert!(left < 0.2, "{left}");
        }
    }

    #[test]
    fn parcels_go_round_when_threads_share_cores() {
        let ledger = Ledger::open();
        let report = run_on(&job("sh8/4t"), ledger, 10);
        ledger.close();
        assert!(report.peak_live_kib.is_some());
        assert!(
            report
                .tail
                .unwrap()
                .counts
                .iter()
                .map(|one| one.1)
                .sum::<u64>()
                > 0
        );
    }
}
