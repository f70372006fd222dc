//! Bags: batches of retired blocks, open while their thread fills them, sealed while they wait.
//!
//! ```text
//! Open    count limit entries kind side ..        one for each thread and kind; stays
//!                       |
//! Bag     [ next epoch kind count | block 0 | block 1 | .. ]      a room of its own, goes on when sealed
//! ```
//!
//! `kind` leads to a constant that says how such blocks are dropped and freed (RCL-1); this room only
//! compares it.
//!
//! # Invariants
//! - `BAG-1`: the bag of an open has room for `capacity` blocks, of which `count` are written; they are
//!   retired: unlinked, not dropped yet, and nobody's but the bag's. `limit` is 0 or `capacity`, and
//!   0 while there is no bag.
//! - `BAG-2`: a sealed bag is in one queue or in the hands of whoever took it; its `epoch` was read
//!   after the last block was put, and `count` blocks are written.

use super::counter::Epoch;
use super::rooms;
use crate::block::Block;
use crate::sync::{AtomicPtr, AtomicU32, Ordering::Relaxed};
use core::cell::Cell;
use core::ptr::NonNull;

/// Bytes in which rooms are handed out; a bag fills a multiple of them.
const GRANULE: usize = 128;

/// What waits until its epoch has passed.
#[repr(C)]
pub(crate) struct Bag {
    next: Option<NonNull<Bag>>,
    epoch: u64,
    kind: NonNull<()>,
    count: u32,
    capacity: u32,
}

const _: () = assert!(size_of::<Bag>().is_multiple_of(size_of::<Block>()));

/// How many blocks a bag has room for that is to hold about a batch of `batch`.
pub(crate) const fn capacity_for(batch: usize) -> usize {
    let granules = (batch * size_of::<Block>()).div_ceil(GRANULE);
    (granules * GRANULE - size_of::<Bag>()) / size_of::<Block>()
}

impl Bag {
    fn bytes(capacity: usize) -> usize {
        size_of::<Self>() + capacity * size_of::<Block>()
    }

    fn found(kind: NonNull<()>, capacity: usize) -> Option<NonNull<Self>> {
        let bag = rooms::take(Self::bytes(capacity))?.cast::<Self>();
        // SAFETY: MET-1; the room is ours, aligned and large enough.
        unsafe {
            bag.write(Self {
                next: None,
                epoch: 0,
                kind,
                count: 0,
                capacity: capacity as u32,
            })
        };
        Some(bag)
    }

    /// Where the blocks of a bag lie.
    fn blocks(this: NonNull<Self>) -> NonNull<Block> {
        // SAFETY: BAG-1; the blocks follow the header in the same room.
        unsafe { this.add(1) }.cast()
    }

    /// The kind and the blocks of a bag that was taken out of its queue.
    pub(crate) fn contents(this: NonNull<Self>) -> (NonNull<()>, NonNull<Block>, usize) {
        // SAFETY: BAG-2; alive, and ours since it was taken.
        let bag = unsafe { this.as_ref() };
        (bag.kind, Self::blocks(this), bag.count as usize)
    }

    /// Gives the room of an emptied bag back.
    ///
    /// # Safety
    /// The bag was taken out of its queue, its blocks have moved out, and it is not used again.
    pub(crate) unsafe fn dissolve(this: NonNull<Self>) {
        // SAFETY: BAG-2; passed on to the caller.
        let capacity = unsafe { this.as_ref() }.capacity as usize;
        // SAFETY: MET-1; taken with this size by `found`.
        unsafe { rooms::give(this.cast(), Self::bytes(capacity)) };
    }
}

/// What was sealed.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) struct Sealed {
    pub(crate) kind: NonNull<()>,
    pub(crate) count: usize,
}

/// What limbo knows of how values are dropped: `kind` leads to a constant that says the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    pub(crate) opaque: NonNull<()>,
    /// Whether dropping runs code of the program.
    pub(crate) drops: bool,
}

/// A thread's open bag of one kind.
#[repr(C)]
pub(crate) struct Open {
    count: AtomicU32,
    limit: AtomicU32,
    entries: AtomicPtr<Block>,
    kind: NonNull<()>,
    side: NonNull<AtomicPtr<()>>,
    capacity: u32,
    drops: bool,
    bag: Cell<Option<NonNull<Bag>>>,
    next: Option<NonNull<Open>>,
}

impl Open {
    /// An open without a bag, in front of `next`.
    pub(super) fn found(
        side: &AtomicPtr<()>,
        kind: Kind,
        capacity: usize,
        next: Option<NonNull<Self>>,
    ) -> Option<NonNull<Self>> {
        let open = rooms::take(size_of::<Self>())?.cast::<Self>();
        let fresh = Self {
            count: AtomicU32::new(0),
            limit: AtomicU32::new(0),
            entries: AtomicPtr::new(core::ptr::null_mut()),
            kind: kind.opaque,
            side: NonNull::from(side),
            capacity: capacity as u32,
            drops: kind.drops,
            bag: Cell::new(None),
            next,
        };
        // SAFETY: MET-1; the room is ours, aligned and large enough.
        unsafe { open.write(fresh) };
        Some(open)
    }

    /// The open that `side` leads to.
    ///
    /// # Safety
    /// `side` is the calling thread's own, and set by `put_slow` only.
    #[inline(always)]
    pub(crate) unsafe fn at<'a>(side: &AtomicPtr<()>) -> Option<&'a Self> {
        let open = NonNull::new(side.load(Relaxed))?.cast::<Self>();
        // SAFETY: PTC-2; an open of this thread lives until its thread releases its place, which
        // clears `side`.
        Some(unsafe { open.as_ref() })
    }

    /// Puts a block into the bag. `Err` gives it back: the bag is full, wanted, or of another kind.
    ///
    /// # Safety
    /// The caller is the owner and pinned (PTC-2).
    #[inline(always)]
    pub(crate) unsafe fn put(&self, kind: NonNull<()>, block: Block) -> Result<(), Block> {
        let count = self.count.load(Relaxed);
        if count >= self.limit.load(Relaxed) || self.kind != kind {
            return Err(block);
        }
        // SAFETY: BAG-1; below the limit, so within the bag.
        let place = unsafe { self.entries.load(Relaxed).add(count as usize) };
        // SAFETY: BAG-1; the place is free.
        unsafe { place.write(block) };
        self.count.store(count + 1, Relaxed);
        Ok(())
    }

    pub(super) fn next(&self) -> Option<NonNull<Self>> {
        self.next
    }

    pub(super) fn kind(&self) -> NonNull<()> {
        self.kind
    }

    pub(super) fn count(&self) -> usize {
        self.count.load(Relaxed) as usize
    }

    pub(super) fn is_for(&self, side: &AtomicPtr<()>, kind: NonNull<()>) -> bool {
        self.kind == kind && self.side == NonNull::from(side)
    }

    /// Makes the owner's next `put` take the slow way; whether there is anything to be had.
    pub(super) fn want(&self) -> bool {
        let any = self.count() > 0;
        if any {
            self.limit.store(0, Relaxed);
        }
        any
    }

    pub(super) fn is_wanted(&self) -> bool {
        self.limit.load(Relaxed) == 0
    }

    /// Seals the bag, if there is anything in it, and queues it. Under the participant's lock, by the
    /// owner or by a sweep that may (PTC-2).
    pub(super) fn seal(&self, epoch: &Epoch, queues: &mut Queues) -> Option<Sealed> {
        let count = self.count.load(Relaxed);
        if count == 0 {
            return None;
        }
        let mut bag = self.bag.take()?;
        self.limit.store(0, Relaxed);
        self.count.store(0, Relaxed);
        // SAFETY: BAG-1; the open's own until queued below.
        let sealed = unsafe { bag.as_mut() };
        sealed.count = count;
        sealed.epoch = epoch.seal();
        queues.lane(self.drops).push(bag);
        Some(Sealed {
            kind: self.kind,
            count: count as usize,
        })
    }

    /// Lets the owner put again, first `block`; gives it back when there is no memory for a bag.
    /// Nothing is in the bag, if there is one. Under the participant's lock, by the owner.
    pub(super) fn reopen(&self, block: Block) -> Option<Block> {
        let bag = match self.bag.get() {
            Some(bag) => bag,
            None => match Bag::found(self.kind, self.capacity as usize) {
                Some(bag) => bag,
                None => return Some(block),
            },
        };
        self.bag.set(Some(bag));
        let entries = Bag::blocks(bag);
        // SAFETY: BAG-1; the first place of an empty bag.
        unsafe { entries.write(block) };
        self.entries.store(entries.as_ptr(), Relaxed);
        self.count.store(1, Relaxed);
        self.limit.store(self.capacity, Relaxed);
        None
    }

    /// Ends an open, which is flushed, and gives the next one in its chain.
    ///
    /// # Safety
    /// The owner ends it, out of the chain; it is not used again.
    pub(super) unsafe fn dissolve(this: NonNull<Self>) -> Option<NonNull<Self>> {
        // SAFETY: PTC-2; the caller's alone.
        let open = unsafe { this.as_ref() };
        let next = open.next;
        // SAFETY: PTC-2; `side` belongs to the owner's thread, which calls.
        let side = unsafe { open.side.as_ref() };
        if core::ptr::eq(side.load(Relaxed).cast(), this.as_ptr()) {
            side.store(core::ptr::null_mut(), Relaxed);
        }
        if let Some(bag) = open.bag.take() {
            // SAFETY: BAG-1; nothing is in it, and nobody else knows it.
            unsafe { Bag::dissolve(bag) };
        }
        // SAFETY: MET-1; taken with this size by `found`.
        unsafe { rooms::give(this.cast(), size_of::<Self>()) };
        next
    }
}

/// Sealed bags in the order of sealing.
struct Queue {
    ends: Option<(NonNull<Bag>, NonNull<Bag>)>,
    bags: usize,
}

// SAFETY: BAG-2; bags lie in the engine's own memory, without thread affinity.
unsafe impl Send for Queue {}

impl Queue {
    const fn new() -> Self {
        Self {
            ends: None,
            bags: 0,
        }
    }

    fn push(&mut self, bag: NonNull<Bag>) {
        self.append(&mut Self {
            ends: Some((bag, bag)),
            bags: 1,
        });
    }

    /// Moves all of `other` behind.
    fn append(&mut self, other: &mut Self) {
        let Some((first, last)) = other.ends.take() else {
            return;
        };
        self.bags += core::mem::take(&mut other.bags);
        self.ends = match self.ends {
            None => Some((first, last)),
            Some((oldest, mut end)) => {
                // SAFETY: BAG-2; in this queue.
                unsafe { end.as_mut() }.next = Some(first);
                Some((oldest, last))
            }
        };
    }

    /// The epoch of the oldest bag.
    fn oldest(&self) -> Option<u64> {
        let (first, _) = self.ends?;
        // SAFETY: BAG-2; in this queue.
        Some(unsafe { first.as_ref() }.epoch)
    }

    fn pop(&mut self) -> Option<NonNull<Bag>> {
        let (mut first, last) = self.ends?;
        // SAFETY: BAG-2; in this queue.
        let bag = unsafe { first.as_mut() };
        self.ends = bag.next.take().map(|next| (next, last));
        self.bags -= 1;
        Some(first)
    }

    /// Visits each bag, the oldest first.
    fn each(&self, mut visit: impl FnMut(Sealed)) {
        let mut next = self.ends.map(|(first, _)| first);
        while let Some(bag) = next {
            // SAFETY: BAG-2; in this queue.
            let bag = unsafe { bag.as_ref() };
            next = bag.next;
            visit(Sealed {
                kind: bag.kind,
                count: bag.count as usize,
            });
        }
    }
}

/// Sealed bags in two lanes, so that those whose drop runs code of the program are in nobody's way who
/// may not run it.
pub(super) struct Queues {
    plain: Queue,
    dropping: Queue,
}

impl Queues {
    pub(super) const fn new() -> Self {
        Self {
            plain: Queue::new(),
            dropping: Queue::new(),
        }
    }

    fn lane(&mut self, drops: bool) -> &mut Queue {
        if drops {
            &mut self.dropping
        } else {
            &mut self.plain
        }
    }

    pub(super) fn bags(&self) -> usize {
        self.plain.bags + self.dropping.bags
    }

    /// Moves all of `other` behind.
    pub(super) fn append(&mut self, other: &mut Self) {
        self.plain.append(&mut other.plain);
        self.dropping.append(&mut other.dropping);
    }

    /// Takes the oldest bag if `passed` says so of its epoch; of those that may be taken.
    pub(super) fn pop_if(
        &mut self,
        drops: bool,
        passed: impl FnOnce(u64) -> bool,
    ) -> Option<NonNull<Bag>> {
        let plain = self.plain.oldest();
        let dropping = if drops { self.dropping.oldest() } else { None };
        let first = match (plain, dropping) {
            (Some(plain), Some(dropping)) => plain.min(dropping),
            (one, other) => one.or(other)?,
        };
        if !passed(first) {
            return None;
        }
        self.lane(plain != Some(first)).pop()
    }

    /// Visits each bag.
    pub(super) fn each(&self, mut visit: impl FnMut(Sealed)) {
        self.plain.each(&mut visit);
        self.dropping.each(visit);
    }
}
