//! Phases of work after which all threads end: after `mstress`, which comes with mimalloc.
//!
//! In a phase each thread makes chains of objects. Some it keeps until its end, most lie in a table where random ones are
//! freed, and now and then one is exchanged for one of the **transfer** table that all threads share. When all have ended,
//! half of the transfer table is freed; the other half survives, and threads of later phases free it. Sizes are even over
//! the logarithm between 16 bytes and 1 KiB; one object of a hundred is a hundred times larger.
//!
//! An operation is an object made and freed.

use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicPtr, Ordering};
use std::iter::zip;
use std::thread;

use crate::lab::crew::take_seat;
use crate::lab::heap::{Drawn, Global, Heap, Law, WORD};
use crate::lab::job::{Job, Report};
use crate::lab::shift::{self, Shift, Work};
use crate::lab::time::{Recorder, Unwatched, Watch};
use crate::random::Random;

/// Chains that each thread makes in a phase.
const CHAINS: usize = 8000;

/// Objects of a chain at most.
const LINKS: usize = 4;

/// Slots of the transfer table.
const TRANSFERS: usize = 1000;

/// Sizes that are drawn beforehand.
const DRAWN: usize = 1 << 14;

/// The smallest object is its head.
const LEAST: usize = size_of::<Head>();

/// A size is the least, doubled up to so many times.
const DOUBLINGS: f64 = 6.0;

/// How much larger the large ones are.
const LARGE: usize = 100;

/// What is written of an object beyond its head: a word in each stretch of so many bytes.
const STRETCH: usize = 4096;

/// Measures a row.
pub fn run(job: &Job) -> Report {
    shift::run(job, &mut Stress::new(job, Global, CHAINS, TRANSFERS))
}

/// The beginning of each object.
struct Head {
    next: *mut Head,
    size: usize,
}

/// Objects, each of which has the address of the next. Whoever has it frees it with [`Chain::free`].
struct Chain(NonNull<Head>);

// SAFETY: it owns its objects alone, and a heap takes frees from any thread.
unsafe impl Send for Chain {}

impl Chain {
    /// So many objects, and their bytes.
    #[inline(always)]
    fn new<H: Heap>(
        heap: H,
        links: usize,
        law: &mut Drawn,
        random: &mut Random,
        watch: &mut impl Watch,
    ) -> (Self, usize) {
        let (mut first, mut bytes) = (ptr::null_mut(), 0);
        for _ in 0..links.max(1) {
            let size = law.next(random);
            first = watch.time(|| linked(heap, size, first)).as_ptr();
            bytes += size;
        }
        (Self(NonNull::new(first).expect("it has a link")), bytes)
    }

    /// Frees all, the newest first. Returns their bytes.
    #[inline(always)]
    fn free<H: Heap>(self, heap: H, watch: &mut impl Watch) -> usize {
        let (mut next, mut bytes) = (self.0.as_ptr(), 0);
        while let Some(object) = NonNull::new(next) {
            // SAFETY: the chain owns its objects, and each head was written when it was made.
            let Head { next: after, size } = unsafe { object.read() };
            // SAFETY: it was made with the size in its head, and nobody has its address any more.
            watch.time(|| unsafe { heap.free(object.cast(), size) });
            next = after;
            bytes += size;
        }
        bytes
    }
}

/// An object in front of others.
#[inline(always)]
fn linked<H: Heap>(heap: H, size: usize, next: *mut Head) -> NonNull<Head> {
    let address = heap.make(size);
    let first = address.cast::<Head>();
    // SAFETY: the block is ours, aligned to a word and no smaller than a head.
    unsafe { first.write(Head { next, size }) };
    for at in (STRETCH..size.saturating_sub(WORD)).step_by(STRETCH) {
        // SAFETY: `at` and the word after it are inside the block.
        let word = unsafe { address.add(at) };
        // SAFETY: the block is ours, and `at` is a multiple of a word.
        unsafe { word.cast::<u64>().write(at as u64) };
    }
    first
}

/// What a thread works with. The tables are made once, so that only objects are made in a phase.
struct Desk {
    random: Random,
    law: Drawn,
    table: Vec<Option<Chain>>,
    kept: Vec<Chain>,
    /// Objects made in this shift.
    objects: u64,
    /// Bytes it had made more than freed at the end of its last phase, before it freed the rest and after. A chain changes
    /// threads, so only the sums over all threads are what came to be alive.
    bytes: [i64; 2],
}

struct Stress<'j, H: Heap> {
    job: &'j Job,
    heap: H,
    chains: usize,
    desks: Vec<Desk>,
    transfers: Vec<AtomicPtr<Head>>,
    random: Random,
    /// Bytes of the chains that lie in the transfer table between two phases.
    waiting_bytes: i64,
    live_bytes: u64,
}

impl<'j, H: Heap> Stress<'j, H> {
    fn new(job: &'j Job, heap: H, chains: usize, transfers: usize) -> Self {
        let desk = |index| Desk {
            random: Random::new(job.seed + index),
            law: sizes(job.seed + index),
            table: Vec::with_capacity(chains),
            kept: Vec::with_capacity(chains),
            objects: 0,
            bytes: [0; 2],
        };
        let empty = || AtomicPtr::new(ptr::null_mut());
        Self {
            job,
            heap,
            chains,
            desks: (0..u64::from(job.row.threads)).map(desk).collect(),
            transfers: (0..transfers).map(|_| empty()).collect(),
            random: Random::new(job.seed),
            waiting_bytes: 0,
            live_bytes: 0,
        }
    }

    /// So many phases, each thread with its watch. Returns the objects that were made.
    fn phases<W: Watch + Send>(&mut self, count: u64, watches: &mut [W]) -> u64 {
        for _ in 0..count {
            let (job, heap, chains) = (self.job, self.heap, self.chains);
            let transfers = &self.transfers[..];
            thread::scope(|scope| {
                let desks = zip(&mut self.desks, &mut *watches).enumerate();
                let threads: Vec<_> = desks
                    .map(|(index, (desk, watch))| {
                        scope.spawn(move || {
                            take_seat(job, index);
                            desk.phase(heap, chains, transfers, watch);
                        })
                    })
                    .collect();
                // Joined one by one: what happens at a thread's end belongs to the phase.
                for thread in threads {
                    thread.join().expect("a load does not panic");
                }
            });
            let came = |at: usize| self.desks.iter().map(|desk| desk.bytes[at]).sum::<i64>();
            let (most, left) = (self.waiting_bytes + came(0), self.waiting_bytes + came(1));
            self.live_bytes = self.live_bytes.max(most.max(0) as u64);
            self.waiting_bytes = left;
            self.free_transfers(2);
        }
        let objects = self.desks.iter_mut();
        objects.map(|desk| core::mem::take(&mut desk.objects)).sum()
    }

    /// Frees one slot of so many, by chance.
    fn free_transfers(&mut self, of: usize) {
        for slot in &mut self.transfers {
            if self.random.below(of) == 0 {
                let first = core::mem::replace(slot.get_mut(), ptr::null_mut());
                if let Some(first) = NonNull::new(first) {
                    let freed = Chain(first).free(self.heap, &mut Unwatched);
                    self.waiting_bytes -= freed as i64;
                }
            }
        }
    }

    /// Phases that come to so many objects for each thread.
    fn phases_for(&self, operations: u64) -> u64 {
        operations
            .div_ceil((self.chains * (1 + LINKS) / 2) as u64)
            .max(1)
    }
}

impl Desk {
    /// Makes `chains` chains, of three two for the table and one to keep, and frees what it has at its end.
    fn phase<H: Heap>(
        &mut self,
        heap: H,
        chains: usize,
        transfers: &[AtomicPtr<Head>],
        watch: &mut impl Watch,
    ) {
        let (random, law) = (&mut self.random, &mut self.law);
        let mut bytes = 0_i64;
        for _ in 0..chains {
            let links = 1 + random.below(LINKS);
            let (chain, its_bytes) = Chain::new(heap, links, law, random, watch);
            bytes += its_bytes as i64;
            self.objects += links as u64;
            if random.below(3) == 0 {
                self.kept.push(chain);
            } else {
                self.table.push(Some(chain));
            }
            let chance = random.below(12);
            // Two times of three a chain is freed, one of four another is exchanged.
            if chance < 8 && !self.table.is_empty() {
                let place = random.below(self.table.len());
                if let Some(chain) = self.table[place].take() {
                    bytes -= chain.free(heap, watch) as i64;
                }
            }
            if chance >= 9 && !self.table.is_empty() {
                let place = random.below(self.table.len());
                let place = &mut self.table[place];
                let given = place
                    .take()
                    .map_or(ptr::null_mut(), |chain| chain.0.as_ptr());
                let slot = &transfers[random.below(transfers.len())];
                // ORDERING: AcqRel pairs with itself in another thread: the chain that is put in has been written, and the
                // one that is taken out is seen as its giver left it.
                let taken = slot.swap(given, Ordering::AcqRel);
                *place = NonNull::new(taken).map(Chain);
            }
        }
        let most = bytes;
        for chain in self.kept.drain(..).chain(self.table.drain(..).flatten()) {
            bytes -= chain.free(heap, watch) as i64;
        }
        self.bytes = [most, bytes];
    }
}

fn sizes(seed: u64) -> Drawn {
    let mut random = Random::new(seed);
    let draw = |_| {
        let doublings = f64::from(random.word()) / f64::from(u32::MAX) * DOUBLINGS;
        let size = (LEAST as f64 * doublings.exp2()) as usize;
        let large = random.below(100) == 0;
        (if large { size * LARGE } else { size }) as u32
    };
    Drawn::new((0..DRAWN).map(draw).collect())
}

impl<H: Heap> Shift for Stress<'_, H> {
    fn work(&mut self, operations: u64) -> Work {
        let phases = self.phases_for(operations);
        let mut watches = vec![Unwatched; self.desks.len()];
        Work {
            operations: self.phases(phases, &mut watches),
            busy: None,
        }
    }

    /// An operation is an object made, or one freed.
    fn tail(&mut self, operations: u64, times: &mut [Recorder]) {
        self.phases(self.phases_for(operations.div_ceil(2)), times);
    }

    fn live_bytes(&self) -> u64 {
        self.live_bytes
    }
}

impl<H: Heap> Drop for Stress<'_, H> {
    fn drop(&mut self) {
        self.free_transfers(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::heap::ledger::Ledger;
    use crate::lab::job::tests::job;

    fn waiting<H: Heap>(load: &Stress<'_, H>) -> usize {
        let slots = load.transfers.iter();
        slots
            .filter(|slot| !slot.load(Ordering::Relaxed).is_null())
            .count()
    }

    #[test]
    fn survivors_of_a_phase_are_freed_in_later_ones_by_others() {
        let ledger = Ledger::open();
        let job = job("mstress/2t");
        let mut load = Stress::new(&job, ledger, 200, 50);
        let work = load.work(1);
        assert_eq!(work.operations as usize, ledger.sizes().len());
        let survivors = waiting(&load);
        assert!((10..45).contains(&survivors), "{survivors} of 50");
        // Nothing but them is alive: all that threads had, they freed at their end.
        assert!((survivors..=survivors * LINKS).contains(&ledger.live()));
        let made = ledger.sizes().len();
        load.work(1);
        let freed = ledger.freed();
        let late = freed.iter().skip_while(|one| one.serial < made);
        let inherited: Vec<_> = late.filter(|one| one.serial < made).collect();
        assert!(!inherited.is_empty());
        assert!(inherited.iter().all(|one| one.remote));
        // What waits is known to the byte, so what was alive is, too.
        let sizes = ledger.sizes();
        let dead: usize = ledger.freed().iter().map(|one| sizes[one.serial]).sum();
        let alive = sizes.iter().sum::<usize>() - dead;
        assert_eq!(load.waiting_bytes, alive as i64);
        assert!(load.live_bytes() > alive as u64);
        drop(load);
        ledger.close();
    }

    #[test]
    fn a_chain_has_as_many_objects_as_links_and_frees_the_newest_first() {
        let ledger = Ledger::open();
        let (mut law, mut random) = (Drawn::new(vec![16, 5000, 32]), Random::new(1));
        let (chain, bytes) = Chain::new(ledger, 3, &mut law, &mut random, &mut Unwatched);
        assert_eq!((bytes, ledger.live()), (5048, 3));
        let mut times = Recorder::default();
        assert_eq!(chain.free(ledger, &mut times), 5048);
        assert_eq!(times.count(), 3);
        let order: Vec<usize> = ledger.freed().iter().map(|one| one.serial).collect();
        assert_eq!(order, [2, 1, 0]);
        ledger.close();
    }

    #[test]
    fn sizes_are_even_over_the_logarithm_and_one_of_a_hundred_is_large() {
        let (mut law, mut random) = (sizes(5), Random::new(1));
        let all: Vec<usize> = (0..DRAWN).map(|_| law.next(&mut random)).collect();
        let part = |range: core::ops::Range<usize>| {
            all.iter().filter(|size| range.contains(size)).count() as f64 / DRAWN as f64
        };
        assert!((part(16..128) - 0.495).abs() < 0.02, "{}", part(16..128));
        assert!((part(128..1025) - 0.495).abs() < 0.02);
        assert!((part(1600..102_401) - 0.01).abs() < 0.004);
    }

    #[test]
    fn all_operations_of_a_tail_are_timed() {
        let ledger = Ledger::open();
        let job = job("mstress/2t");
        let mut load = Stress::new(&job, ledger, 40, 5);
        let mut times = [Recorder::default(), Recorder::default()];
        load.tail(1, &mut times);
        let timed: u64 = times.iter().map(Recorder::count).sum();
        let late = ledger.live();
        let made = ledger.sizes().len();
        // Those that the phase's end has freed are not timed, the rest is freed or alive.
        assert!(timed as usize >= 2 * made - 5 * LINKS - late && timed as usize <= 2 * made);
        drop(load);
        ledger.close();
    }
}
