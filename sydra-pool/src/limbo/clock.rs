//! The clock: the epoch, the list of all participants, and when the one may move on.
//!
//! # Invariants
//! - `CLK-1`: participants in the list are alive for ever: they are only ever put in front, `next`
//!   before that, and none is removed.
//!
//! # Concurrency
//! `first`: put in front under `sweep`, read by everyone. The figures are relaxed, on slow paths.
//! Locks are taken in this order: `sweep`, a participant's, `orphans`.

use super::bag::{Bag, Sealed};
use super::counter::Epoch;
use super::participant::Participant;
use super::queue::Queues;
use super::rooms;
use crate::os;
use crate::sync::{
    AtomicPtr, AtomicU64, AtomicUsize, Lock, Ordering, Ordering::Relaxed, forking_here, heavy,
    settle_fences,
};
use core::ptr::NonNull;

/// An epoch and who takes part in it.
pub(crate) struct Clock {
    pub(crate) epoch: Epoch,
    first: AtomicPtr<Participant>,
    advances: AtomicU64,
    /// The time when the epoch last moved, in coarse milliseconds.
    advanced_ms: AtomicU64,
    /// Held by whoever adds a participant or goes through all of them to take bags over.
    sweep: Lock<()>,
    orphans: Lock<Queues>,
    /// How many bags there are in `orphans`, for those who look before they lock.
    orphaned: AtomicUsize,
}

/// How a try to move the epoch on ended.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub(crate) enum Advance {
    /// The epoch has moved on; somebody else may have moved it.
    Moved,
    /// A participant is pinned at an earlier epoch.
    Held,
    /// The system refused the fence; nothing is known of the readers.
    Refused,
}

/// A clock at its start: a constant, but for loom.
macro_rules! fresh {
    () => {
        Self {
            epoch: Epoch::new(),
            first: AtomicPtr::new(core::ptr::null_mut()),
            advances: AtomicU64::new(0),
            advanced_ms: AtomicU64::new(0),
            sweep: Lock::new(()),
            orphans: Lock::new(Queues::new()),
            orphaned: AtomicUsize::new(0),
        }
    };
}

impl Clock {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        fresh!()
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        fresh!()
    }

    /// Moves the epoch on if every pinned participant has seen it.
    ///
    /// Time: the participants, and a fence in every running thread.
    pub(crate) fn try_advance(&self) -> Advance {
        let epoch = self.epoch.now();
        if !heavy() {
            return Advance::Refused;
        }
        let behind = |one: &Participant| one.pinned_at().is_some_and(|pinned| pinned != epoch);
        if self.participants().any(behind) {
            return Advance::Held;
        }
        // Before the step, so that whoever sees the epoch sees no earlier time than its own.
        self.advanced_ms.store(os::now_coarse_ms(), Relaxed);
        if self.epoch.step(epoch) {
            self.advances.fetch_add(1, Relaxed);
        }
        Advance::Moved
    }

    /// Every participant there has ever been, claimed or not, the latest first.
    pub(crate) fn participants(&self) -> impl Iterator<Item = &'static Participant> {
        // ORDERING: Acquire pairs with the Release in `claim`.
        let mut next = NonNull::new(self.first.load(Ordering::Acquire));
        core::iter::from_fn(move || {
            // SAFETY: CLK-1.
            let one: &'static Participant = unsafe { next?.as_ref() };
            next = one.next();
            Some(one)
        })
    }

    /// A place for the calling thread; `None` without memory.
    pub(crate) fn claim(&self) -> Option<&'static Participant> {
        settle_fences();
        let _alone = self.sweep.lock();
        if let Some(free) = self.participants().find(|one| one.claim()) {
            free.set_label(os::thread_label());
            return Some(free);
        }
        let place = rooms::take(size_of::<Participant>())?.cast::<Participant>();
        // SAFETY: MET-1; the room is ours, aligned and large enough.
        unsafe { place.write(Participant::new()) };
        // SAFETY: CLK-1; just written, never given back.
        let fresh: &'static Participant = unsafe { place.as_ref() };
        if forking_here() {
            // Closed like all the others, opened with them.
            fresh.close_for_fork();
        }
        fresh.set_label(os::thread_label());
        fresh.set_next(NonNull::new(self.first.load(Relaxed)));
        // ORDERING: Release pairs with the Acquire in `participants`.
        self.first.store(place.as_ptr(), Ordering::Release);
        Some(fresh)
    }

    /// Gives a place up; what waits there is left to the others.
    ///
    /// # Safety
    /// The caller is the owner, whose thread ends: no guard is used any more, and nothing is put.
    pub(crate) unsafe fn release(&self, place: &Participant, sealed: impl FnMut(Sealed)) {
        // SAFETY: PTC-1; passed on to the caller.
        let mut queue = unsafe { place.release(&self.epoch, sealed) };
        if queue.bags() > 0 {
            let mut orphans = self.orphans.lock();
            orphans.append(&mut queue);
            self.orphaned.store(orphans.bags(), Relaxed);
        }
    }

    /// Seals the open bags of all threads that are not pinned, and of `own`, the caller's. Unless it is
    /// to `wait`, it leaves the others' alone while another thread sweeps or gets its place.
    pub(crate) fn sweep(
        &self,
        own: Option<&Participant>,
        wait: bool,
        mut sealed: impl FnMut(Sealed),
    ) {
        if let Some(own) = own {
            own.flush(&self.epoch, &mut sealed);
        }
        let alone = if wait {
            Some(self.sweep.lock())
        } else {
            self.sweep.try_lock()
        };
        if alone.is_none() {
            return;
        }
        let mut any = false;
        for one in self.participants() {
            any |= one.want();
        }
        if !any || !heavy() {
            return;
        }
        for one in self.participants() {
            one.take_over(&self.epoch, &mut sealed);
        }
    }

    /// Takes the oldest bag that ended threads left behind, as [`Participant::take_passed`] does.
    pub(crate) fn take_orphan(&self, drops: bool) -> Option<NonNull<Bag>> {
        if self.orphaned.load(Relaxed) == 0 {
            return None;
        }
        let mut orphans = self.orphans.lock();
        let bag = orphans.pop_if(drops, |sealed| self.epoch.has_passed(sealed));
        self.orphaned.store(orphans.bags(), Relaxed);
        bag
    }

    /// How often the epoch moved, and when it last did, in coarse milliseconds.
    pub(crate) fn advances(&self) -> (u64, u64) {
        (self.advances.load(Relaxed), self.advanced_ms.load(Relaxed))
    }

    /// Takes every lock, for a `fork`.
    pub(crate) fn close_for_fork(&self) {
        self.sweep.close_for_fork();
        self.participants().for_each(Participant::close_for_fork);
        self.orphans.close_for_fork();
    }

    /// Releases them again.
    ///
    /// # Safety
    /// As for [`Lock::open_after_fork`].
    pub(crate) unsafe fn open_after_fork(&self) {
        // SAFETY: LCK-1; closed by `close_for_fork`.
        unsafe { self.orphans.open_after_fork() };
        for one in self.participants() {
            // SAFETY: LCK-1; as above: participants are added under `sweep`.
            unsafe { one.open_after_fork() };
        }
        // SAFETY: LCK-1; as above.
        unsafe { self.sweep.open_after_fork() };
    }

    /// In the child of a `fork`: the other threads do not exist here; what they had sealed, which is
    /// visited, stays alive.
    pub(crate) fn forget_others(&self, own: Option<&Participant>, mut lost: impl FnMut(Sealed)) {
        #[cfg(not(loom))]
        crate::sync::settle_fences_in_child();
        self.participants()
            .filter(|one| !own.is_some_and(|own| core::ptr::eq(own, *one)))
            .for_each(|one| one.forget(&mut lost));
    }
}
