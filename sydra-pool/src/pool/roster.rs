//! The roster: which threads hold a magazine of the pool, and the exact sums over them.
//!
//! ```text
//! room in the engine's memory:   [ Record | slots[0] slots[1] ... slots[capacity - 1] ]
//! thread-local:                  Magazine.slots ----^      (the record lies just before)
//! ```
//!
//! # Invariants
//! - `REC-1`: from `enroll` to `dismiss` the record, its slots and its magazine are alive; a record
//!   in the roster is between the two. The thread that owns the magazine calls both.
//! - `REC-2`: the slots start right behind the record in the same room, so either leads to the other.
//! - `REC-3`: `refilled`, `flushed`, `allocations`, `published` are written by the owning thread
//!   only, relaxed, and read by snapshots; the links of the roster are touched under its lock; the
//!   link `thread_next` by the owning thread only.

use super::{FixedFigures, Pool};
use crate::block::Block;
use crate::geometry::{Geometry, MAGAZINE_MOST};
use crate::magazine::Magazine;
use crate::manager::Seated;
use crate::meta::{META, RETURNABLE};
use crate::shard::{Shard, counters};
use crate::sync::{AtomicI64, AtomicU64, Ordering::Relaxed};
use core::cell::Cell;
use core::ptr::NonNull;

/// Where allocations are moved out of the magazine's 48 bits.
const FOLD_FROM: u64 = 1 << 47;

/// A thread's membership in a pool: what its magazine does not need at every step.
#[repr(C)]
pub(crate) struct Record {
    magazine: NonNull<Magazine>,
    pub(crate) pool: &'static Pool,
    pub(crate) geometry: Geometry,
    pub(crate) shard: Shard,
    thread: u64,
    room_bytes: usize,
    refilled: AtomicU64,
    flushed: AtomicU64,
    allocations: AtomicU64,
    published: AtomicI64,
    /// Live blocks and allocations when a `fork` began: in the child, the magazines of other
    /// threads may be gone before they are forgotten.
    live_at_fork: AtomicI64,
    allocations_at_fork: AtomicU64,
    pub(crate) thread_next: Cell<Option<NonNull<Record>>>,
    next: Cell<Option<NonNull<Record>>>,
    previous: Cell<Option<NonNull<Record>>>,
}

// Every room of a magazine comes back when its thread ends.
const _: () = assert!(size_of::<Record>() + MAGAZINE_MOST * size_of::<Block>() <= RETURNABLE);
const _: () = assert!(size_of::<Record>().is_multiple_of(align_of::<Block>()));

/// The records of a pool; under the pool's lock.
pub(crate) struct Roster {
    first: Option<NonNull<Record>>,
    members: usize,
}

// SAFETY: REC-1, REC-3; the lock around the roster guards the links, the rest is atomic.
unsafe impl Send for Roster {}

/// Exact sums over a pool, when nobody is using it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PoolSums {
    pub(crate) live: u64,
    pub(crate) peak: u64,
    pub(crate) allocations: u64,
    pub(crate) frees: u64,
    pub(crate) in_magazines: u64,
    pub(crate) magazines: u64,
}

impl Roster {
    pub(super) const fn new() -> Self {
        Self {
            first: None,
            members: 0,
        }
    }

    fn link(&mut self, record: NonNull<Record>) {
        // SAFETY: REC-1; the caller's record is alive.
        let fresh = unsafe { record.as_ref() };
        fresh.next.set(self.first);
        fresh.previous.set(None);
        if let Some(first) = self.first {
            // SAFETY: REC-1; records in the roster are alive.
            unsafe { first.as_ref() }.previous.set(Some(record));
        }
        self.first = Some(record);
        self.members += 1;
    }

    fn unlink(&mut self, record: &Record) {
        match record.previous.get() {
            // SAFETY: REC-1; records in the roster are alive.
            Some(previous) => unsafe { previous.as_ref() }.next.set(record.next.get()),
            None => self.first = record.next.get(),
        }
        if let Some(next) = record.next.get() {
            // SAFETY: REC-1; records in the roster are alive.
            unsafe { next.as_ref() }.previous.set(record.previous.get());
        }
        self.members -= 1;
    }

    fn each(&self, mut visit: impl FnMut(&Record)) {
        let mut next = self.first;
        // Bounded by the members: links change only under the lock that `self` shows.
        while let Some(record) = next {
            // SAFETY: REC-1; records in the roster are alive.
            let record = unsafe { record.as_ref() };
            next = record.next.get();
            visit(record);
        }
    }
}

impl Record {
    /// The record of a registered magazine, which the calling thread owns.
    pub(crate) fn of(magazine: &Magazine) -> Option<&Record> {
        let slots = NonNull::new(magazine.slots())?;
        // SAFETY: REC-2; the record lies right before the slots.
        let record = unsafe { slots.cast::<Record>().sub(1) };
        // SAFETY: REC-1; the magazine is registered, so the record is alive.
        Some(unsafe { record.as_ref() })
    }

    /// The magazine.
    pub(crate) fn magazine(&self) -> &Magazine {
        // SAFETY: REC-1; the magazine outlives the record.
        unsafe { self.magazine.as_ref() }
    }

    fn live(&self) -> i64 {
        let brought = self
            .refilled
            .load(Relaxed)
            .wrapping_sub(self.flushed.load(Relaxed));
        brought.wrapping_sub(self.magazine().read().length as u64) as i64
    }

    /// Closes the window that `floor` measures and tells the pool (POL-3).
    pub(crate) fn settle(&self) {
        let reading = self.magazine().read();
        let live = self.live();
        let delta = live - self.published.load(Relaxed);
        self.pool
            .publish(delta, reading.length as i64 - reading.floor as i64);
        self.published.store(live, Relaxed);
        if reading.allocations >= FOLD_FROM {
            let folded = self.magazine().take_allocations();
            self.allocations
                .store(self.allocations.load(Relaxed) + folded, Relaxed);
        }
    }

    /// Notes blocks that came from the pool.
    pub(crate) fn note_refilled(&self, blocks: usize) {
        self.refilled
            .store(self.refilled.load(Relaxed) + blocks as u64, Relaxed);
    }

    /// Notes blocks that went back to the pool.
    pub(crate) fn note_flushed(&self, blocks: usize) {
        self.flushed
            .store(self.flushed.load(Relaxed) + blocks as u64, Relaxed);
    }

    /// Notes that the magazine's blocks have gone back to the pool, all of them.
    pub(crate) fn forget_blocks(&self) {
        self.note_flushed(self.magazine().read().length);
        self.magazine().set_length(0);
    }

    /// Notes an allocation that did not go through the magazine.
    pub(crate) fn note_allocation(&self) {
        self.note_refilled(1);
        self.allocations
            .store(self.allocations.load(Relaxed) + 1, Relaxed);
    }

    fn note_fork(&self) {
        self.live_at_fork.store(self.live(), Relaxed);
        self.allocations_at_fork.store(self.allocations(), Relaxed);
    }

    fn allocations(&self) -> u64 {
        self.allocations.load(Relaxed) + self.magazine().read().allocations
    }
}

impl Pool {
    /// Gives the calling thread's magazine its slots and enters it in the roster; `None` without
    /// memory.
    pub(crate) fn enroll(
        &'static self,
        magazine: &Magazine,
        thread: Seated,
    ) -> Option<NonNull<Record>> {
        let home = self.home();
        let shard = home.assign(thread.seat);
        let geometry = home.geometry();
        let room_bytes = size_of::<Record>() + geometry.magazine * size_of::<Block>();
        let room = META.take(room_bytes)?;
        let record = room.cast::<Record>();
        let fresh = Record {
            magazine: NonNull::from(magazine),
            pool: self,
            geometry,
            shard,
            thread: thread.number,
            room_bytes,
            refilled: AtomicU64::new(0),
            flushed: AtomicU64::new(0),
            allocations: AtomicU64::new(0),
            published: AtomicI64::new(0),
            live_at_fork: AtomicI64::new(0),
            allocations_at_fork: AtomicU64::new(0),
            thread_next: Cell::new(None),
            next: Cell::new(None),
            previous: Cell::new(None),
        };
        // SAFETY: MET-1; the room is ours, aligned and large enough.
        unsafe { record.write(fresh) };
        // SAFETY: REC-2; the room reaches beyond the record.
        let slots = unsafe { record.add(1) };
        magazine.open(slots.cast(), geometry.magazine);
        self.roster.lock().link(record);
        counters(shard).threads.fetch_add(1, Relaxed);
        Some(record)
    }

    /// Ends a membership: the magazine's blocks have gone home, though it still counts them. The record is
    /// gone afterwards.
    ///
    /// Whoever reads the figures sees the thread before or after its end: a scope returns, and a channel
    /// closes, before the threads have ended that a program waits for with them.
    pub(crate) fn dismiss(&'static self, record: NonNull<Record>) {
        // SAFETY: REC-1; alive until the end of this function.
        let ending = unsafe { record.as_ref() };
        let room_bytes = ending.room_bytes;
        {
            let mut roster = self.roster.lock();
            ending.settle();
            ending.forget_blocks();
            roster.unlink(ending);
            self.fold(ending.shard, ending.allocations());
            ending.magazine().close();
        }
        counters(ending.shard).threads.fetch_sub(1, Relaxed);
        // SAFETY: MET-1; taken with this size by `enroll`; nobody reaches the record any more.
        unsafe { META.give(record.cast(), room_bytes) };
    }

    fn fold(&self, shard: Shard, allocations: u64) {
        self.level.allocations.fetch_add(allocations, Relaxed);
        counters(shard).allocations.fetch_add(allocations, Relaxed);
    }

    /// Takes the roster's lock for a `fork` and notes what the child cannot ask any more.
    pub(super) fn close_roster_for_fork(&self) {
        self.roster.close_for_fork();
        // SAFETY: LCK-1; closed by this thread in the line above.
        unsafe { self.roster.while_closed() }.each(Record::note_fork);
    }

    /// In the child of a `fork`: forgets the magazines of threads that do not exist here. Their
    /// free blocks stay out of circulation; what they allocated stays counted.
    pub(crate) fn forget_other_threads(&'static self, thread: Option<u64>) {
        let mut roster = self.roster.lock();
        let mut own = Roster::new();
        roster.each(|record| {
            if Some(record.thread) != thread {
                let delta = record.live_at_fork.load(Relaxed) - record.published.load(Relaxed);
                self.level.published.fetch_add(delta, Relaxed);
                self.fold(record.shard, record.allocations_at_fork.load(Relaxed));
                counters(record.shard).threads.fetch_sub(1, Relaxed);
            }
        });
        let mut next = roster.first;
        while let Some(record) = next {
            // SAFETY: REC-1; in a child the memory of all threads is still there.
            let seen = unsafe { record.as_ref() };
            next = seen.next.get();
            if Some(seen.thread) == thread {
                own.link(record);
            }
        }
        *roster = own;
    }

    /// The sums over all threads; exact when nobody uses the pool at this moment.
    ///
    /// Takes the roster's lock, which no fast path and no refill takes. Time: the threads.
    pub(crate) fn sums(&self) -> PoolSums {
        if let Some(figures) = self.fixed {
            let FixedFigures {
                live,
                peak,
                allocations,
            } = figures();
            return PoolSums {
                live,
                peak,
                allocations,
                frees: allocations.saturating_sub(live),
                ..PoolSums::default()
            };
        }
        let roster = self.roster.lock();
        let (mut live, mut above, mut in_magazines) = (self.level.published.load(Relaxed), 0, 0);
        let mut allocations = self.level.allocations.load(Relaxed);
        roster.each(|record| {
            let reading = record.magazine().read();
            live += record.live() - record.published.load(Relaxed);
            above = above.max(reading.length as i64 - reading.floor as i64);
            in_magazines += reading.length as u64;
            allocations += record.allocations();
        });
        let live = live.max(0);
        let peak = self.level.peak.load(Relaxed).max(live + above);
        let live = live as u64;
        PoolSums {
            live,
            peak: peak.max(0) as u64,
            allocations,
            frees: allocations.saturating_sub(live),
            in_magazines,
            magazines: roster.members as u64,
        }
    }

    /// Visits each running thread that has a magazine: its shard, and its allocations.
    pub(crate) fn each_member(&self, mut visit: impl FnMut(Shard, u64)) {
        let roster = self.roster.lock();
        roster.each(|record| visit(record.shard, record.allocations()));
    }
}
