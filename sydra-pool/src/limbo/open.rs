//! The open of a thread and kind: the bag that its thread puts what it retires into.
//!
//! ```text
//! Open    count limit entries kind side ..        one for each thread and kind; stays
//!                       |
//! Bag     [ header | block 0 | block 1 | .. ]     goes on when sealed
//! ```
//!
//! # Invariants
//! - `BAG-1`: the bag of an open has room for `capacity` blocks, of which `count` are written; they are
//!   retired: unlinked, not dropped yet, and nobody's but the bag's. `limit` is 0 or `capacity`, and
//!   0 while there is no bag.

use super::bag::{Bag, Sealed};
use super::counter::Epoch;
use super::queue::Queues;
use super::rooms;
use crate::block::Block;
use crate::sync::{AtomicPtr, AtomicU32, Ordering::Relaxed};
use core::cell::Cell;
use core::ptr::NonNull;

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
