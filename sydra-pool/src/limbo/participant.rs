//! A participant: what one thread shows of itself to those who want to reclaim.
//!
//! ```text
//! state   0, or [ epoch : 63 | 1 ] while pinned       written by the owner, read by `try_advance`
//! depth   guards alive, and one for each `enter`      the owner's alone
//! ```
//!
//! `state` shows an epoch as long as `depth` is not 0.
//!
//! # Invariants
//! - `PTC-1`: between `claim` and `release` one thread is the owner, and only it calls `pin`, `unpin`,
//!   `refresh`, `put` and `put_slow`.
//! - `PTC-2`: opens in the chain of `limbo` are alive; the chain, their bags and (but for the owner's
//!   `put`) their counts are touched under its lock. Whoever is not the owner touches them only
//!   after it has set `limit` to 0, passed a heavy fence, and then seen the owner unpinned: the owner
//!   puts only while pinned, and its next pin's light fence makes it see the 0.
//!
//! # Concurrency
//! As above; `next`, `claimed` and the label are read by everyone.

use super::bag::{Bag, Sealed};
use super::counter::Epoch;
use super::open::{Kind, Open};
use super::queue::Queues;
use crate::base::breach::breach;
use crate::block::Block;
use crate::os::ThreadLabel;
use crate::sync::{
    AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Lock, Ordering, Ordering::Relaxed, light,
};
use core::ptr::NonNull;

/// What waits, of one thread.
pub(super) struct Limbo {
    opens: Option<NonNull<Open>>,
    sealed: Queues,
}

// SAFETY: PTC-2; opens and bags lie in the engine's own memory, without thread affinity.
unsafe impl Send for Limbo {}

/// A thread's place among the readers and retirers.
#[repr(C, align(128))]
pub(crate) struct Participant {
    state: AtomicU64,
    depth: AtomicUsize,
    entered: AtomicUsize,
    /// The owner empties bags.
    reclaiming: AtomicBool,
    /// A sweep wanted what the owner has put.
    wanted: AtomicBool,
    claimed: AtomicBool,
    next: AtomicPtr<Participant>,
    number: AtomicU64,
    name: [AtomicU64; 2],
    limbo: Lock<Limbo>,
}

impl Participant {
    /// A participant that its maker owns.
    pub(super) fn new() -> Self {
        Self {
            state: AtomicU64::new(0),
            depth: AtomicUsize::new(0),
            entered: AtomicUsize::new(0),
            reclaiming: AtomicBool::new(false),
            wanted: AtomicBool::new(false),
            claimed: AtomicBool::new(true),
            next: AtomicPtr::new(core::ptr::null_mut()),
            number: AtomicU64::new(0),
            name: [AtomicU64::new(0), AtomicU64::new(0)],
            limbo: Lock::new(Limbo {
                opens: None,
                sealed: Queues::new(),
            }),
        }
    }

    /// Makes the calling thread the owner, if there is none.
    pub(super) fn claim(&self) -> bool {
        // ORDERING: Acquire pairs with the Release in `release`: the new owner sees the place as the
        // last one left it.
        self.claimed
            .compare_exchange(false, true, Ordering::Acquire, Relaxed)
            .is_ok()
    }

    pub(super) fn next(&self) -> Option<NonNull<Self>> {
        NonNull::new(self.next.load(Relaxed))
    }

    pub(super) fn set_next(&self, next: Option<NonNull<Self>>) {
        self.next
            .store(next.map_or(core::ptr::null_mut(), NonNull::as_ptr), Relaxed);
    }

    /// Protects what the owner loads from now on; nests.
    #[inline(always)]
    pub(crate) fn pin(&self, epoch: &Epoch) {
        let depth = self.depth.load(Relaxed);
        self.depth.store(depth + 1, Relaxed);
        if depth == 0 {
            self.show(epoch);
        } else if depth > usize::MAX / 2 {
            breach!("more pins of one thread than can be counted");
        }
    }

    /// Ends one `pin`.
    #[inline(always)]
    pub(crate) fn unpin(&self) {
        let depth = self.depth.load(Relaxed) - 1;
        self.depth.store(depth, Relaxed);
        if depth == 0 {
            self.hide();
        }
    }

    #[inline(always)]
    fn show(&self, epoch: &Epoch) {
        // ORDERING: Release pairs with the Acquire in `pinned_at`: who sees the new epoch knows that
        // what this thread did while pinned before is done.
        self.state.store(epoch.now() << 1 | 1, Ordering::Release);
        light();
    }

    #[inline(always)]
    fn hide(&self) {
        // ORDERING: Release pairs with the Acquire in `pinned_at`: who sees this thread unpinned knows
        // that its reading, unlinking and putting is done.
        self.state.store(0, Ordering::Release);
    }

    /// Lets go of everything and protects afresh. The owner is pinned and uses nothing it has loaded.
    pub(crate) fn refresh(&self, epoch: &Epoch) {
        self.hide();
        self.show(epoch);
    }

    /// Whether a sweep wanted what the owner has put, and found it pinned. Told once.
    pub(crate) fn take_wanted(&self) -> bool {
        let wanted = self.wanted.load(Relaxed);
        if wanted {
            self.wanted.store(false, Relaxed);
        }
        wanted
    }

    /// How often the owner is pinned, and how many of these are `enter`s.
    pub(crate) fn depths(&self) -> (usize, usize) {
        (self.depth.load(Relaxed), self.entered.load(Relaxed))
    }

    /// Counts the owner's `enter`s.
    pub(crate) fn set_entered(&self, entered: usize) {
        self.entered.store(entered, Relaxed);
    }

    /// The epoch it is pinned at.
    pub(crate) fn pinned_at(&self) -> Option<u64> {
        // ORDERING: Acquire pairs with the Releases in `show` and `hide`.
        let state = self.state.load(Ordering::Acquire);
        (state & 1 == 1).then_some(state >> 1)
    }

    /// Whether a thread owns it.
    pub(crate) fn is_claimed(&self) -> bool {
        self.claimed.load(Relaxed)
    }

    /// Marks that the owner empties bags, and returns whether it did already.
    pub(crate) fn set_reclaiming(&self, reclaiming: bool) -> bool {
        let before = self.reclaiming.load(Relaxed);
        self.reclaiming.store(reclaiming, Relaxed);
        before
    }

    /// Says who the owner is.
    pub(super) fn set_label(&self, label: ThreadLabel) {
        self.number.store(label.number, Relaxed);
        let (low, high) = label.name.split_at(8);
        for (place, half) in self.name.iter().zip([low, high]) {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(half);
            place.store(u64::from_ne_bytes(bytes), Relaxed);
        }
    }

    /// Who the owner is; of use while it is claimed.
    pub(crate) fn label(&self) -> ThreadLabel {
        let mut name = [0; 16];
        for (place, half) in self.name.iter().zip(name.chunks_mut(8)) {
            half.copy_from_slice(&place.load(Relaxed).to_ne_bytes());
        }
        ThreadLabel {
            number: self.number.load(Relaxed),
            name,
        }
    }

    /// Puts a block into limbo when [`Open::put`] could not: the bag is full, is wanted by a sweep, is
    /// of another kind, or there is none. Tells what was sealed, under the lock, and gives the block back
    /// if there is no memory for another bag.
    ///
    /// # Safety
    /// The caller is the owner and pinned. `side` is where the owner keeps its open bag for this
    /// memory; it outlives the ownership.
    pub(crate) unsafe fn put_slow(
        &self,
        epoch: &Epoch,
        side: &AtomicPtr<()>,
        kind: Kind,
        capacity: usize,
        block: Block,
        sealed: impl FnOnce(Sealed),
    ) -> Option<Block> {
        let mut limbo = self.limbo.lock();
        let Some(open) = limbo.open_for(side, kind, capacity) else {
            return Some(block);
        };
        // SAFETY: PTC-2; in the chain, and the lock is held.
        let open = unsafe { open.as_ref() };
        // Perhaps it was only not the one at `side`.
        // SAFETY: PTC-2; passed on to the caller.
        let Err(block) = (unsafe { open.put(kind.opaque, block) }) else {
            return None;
        };
        if let Some(done) = open.seal(epoch, &mut limbo.sealed) {
            sealed(done);
        }
        open.reopen(block)
    }

    /// Seals whatever the owner has put; the caller is the owner.
    pub(crate) fn flush(&self, epoch: &Epoch, mut sealed: impl FnMut(Sealed)) {
        let mut limbo = self.limbo.lock();
        let limbo = &mut *limbo;
        for open in opens(limbo.opens) {
            if let Some(done) = open.seal(epoch, &mut limbo.sealed) {
                sealed(done);
            }
        }
    }

    /// Takes the oldest sealed bag, if its epoch has passed; with `drops` also one whose drop runs code
    /// of the program.
    pub(crate) fn take_passed(&self, epoch: &Epoch, drops: bool) -> Option<NonNull<Bag>> {
        self.limbo
            .lock()
            .sealed
            .pop_if(drops, |sealed| epoch.has_passed(sealed))
    }

    /// What waits in open bags: visits each kind with the number of blocks, which may be a little
    /// behind.
    pub(crate) fn each_open(&self, mut visit: impl FnMut(NonNull<()>, usize)) {
        let limbo = self.limbo.lock();
        opens(limbo.opens).for_each(|open| visit(open.kind(), open.count()));
    }

    /// First half of a sweep: asks the owner to put nothing more without the lock.
    pub(super) fn want(&self) -> bool {
        let limbo = self.limbo.lock();
        let mut any = false;
        for open in opens(limbo.opens) {
            any |= open.want();
        }
        if any {
            self.wanted.store(true, Relaxed);
        }
        any
    }

    /// Second half, after a heavy fence: seals what the owner has put, if it is not pinned.
    pub(super) fn take_over(&self, epoch: &Epoch, mut sealed: impl FnMut(Sealed)) {
        if self.pinned_at().is_some() {
            return;
        }
        let mut limbo = self.limbo.lock();
        let limbo = &mut *limbo;
        for open in opens(limbo.opens).filter(|open| open.is_wanted()) {
            if let Some(done) = open.seal(epoch, &mut limbo.sealed) {
                sealed(done);
            }
        }
    }

    /// Gives the place up and returns what waits. An `enter` that was never left ends here.
    ///
    /// # Safety
    /// The caller is the owner, whose thread ends: no guard is used any more, and nothing is put.
    pub(super) unsafe fn release(&self, epoch: &Epoch, sealed: impl FnMut(Sealed)) -> Queues {
        self.flush(epoch, sealed);
        let (chain, queue) = {
            let mut limbo = self.limbo.lock();
            let queue = core::mem::replace(&mut limbo.sealed, Queues::new());
            (limbo.opens.take(), queue)
        };
        let mut next = chain;
        while let Some(open) = next {
            // SAFETY: PTC-2; out of the chain, so ours alone, and flushed.
            next = unsafe { Open::dissolve(open) };
        }
        self.depth.store(0, Relaxed);
        self.entered.store(0, Relaxed);
        self.reclaiming.store(false, Relaxed);
        self.hide();
        // ORDERING: Release pairs with the Acquire in `claim`.
        self.claimed.store(false, Ordering::Release);
        queue
    }

    /// In the child of a `fork`: the owner does not exist here. What it had sealed, which is visited,
    /// stays alive: its drop is the parent's business.
    pub(super) fn forget(&self, lost: impl FnMut(Sealed)) {
        let mut limbo = self.limbo.lock();
        limbo.opens = None;
        core::mem::replace(&mut limbo.sealed, Queues::new()).each(lost);
        self.depth.store(0, Relaxed);
        self.entered.store(0, Relaxed);
        self.reclaiming.store(false, Relaxed);
        self.state.store(0, Relaxed);
        self.claimed.store(false, Relaxed);
    }

    pub(super) fn close_for_fork(&self) {
        self.limbo.close_for_fork();
    }

    /// # Safety
    /// As for [`Lock::open_after_fork`].
    pub(super) unsafe fn open_after_fork(&self) {
        // SAFETY: LCK-1; passed on to the caller.
        unsafe { self.limbo.open_after_fork() };
    }
}

impl Limbo {
    /// The owner's open bag of a kind, made if need be, and set as the one at `side`.
    fn open_for(
        &mut self,
        side: &AtomicPtr<()>,
        kind: Kind,
        capacity: usize,
    ) -> Option<NonNull<Open>> {
        let found = opens(self.opens).find(|open| open.is_for(side, kind.opaque));
        let open = match found {
            Some(open) => NonNull::from(open),
            None => {
                let fresh = Open::found(side, kind, capacity, self.opens)?;
                self.opens = Some(fresh);
                fresh
            }
        };
        side.store(open.as_ptr().cast(), Relaxed);
        Some(open)
    }
}

/// The chain of a limbo whose lock is held.
fn opens<'a>(first: Option<NonNull<Open>>) -> impl Iterator<Item = &'a Open> {
    let mut next = first;
    core::iter::from_fn(move || {
        // SAFETY: PTC-2; in the chain, and the caller holds the lock.
        let open: &Open = unsafe { next?.as_ref() };
        next = open.next();
        Some(open)
    })
}
