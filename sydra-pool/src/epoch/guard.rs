//! Guards: a thread that holds one is a reader, and what it can see stays.

use crate::limbo::Participant;
use crate::local;
use crate::reclaim::{self, CLOCK};
use core::fmt;
use core::marker::PhantomData;

/// Makes the calling thread a reader until the guard is dropped: whatever it loads from an
/// [`Atomic`](super::Atomic) or an [`EpochCell`](super::EpochCell) in between stays, even if others
/// retire it.
///
/// Pins nest: only the first does more than count. Constant time; the first pin of a thread gets it
/// a place among the participants.
///
/// A guard that is held for long makes everything wait that is retired meanwhile; see `max_limbo`
/// and [`EpochFigures::oldest_pin`](crate::EpochFigures::oldest_pin).
///
/// # Aborts
/// If there is no memory for the thread's place, of which there is one for each thread at a time.
#[inline(always)]
pub fn pin() -> Guard {
    let place = local::participant();
    place.pin(&CLOCK.epoch);
    Guard {
        place,
        own_thread: PhantomData,
    }
}

/// Whether the calling thread is a reader now.
pub fn is_pinned() -> bool {
    local::participant_if_any().is_some_and(|place| place.depths().0 > 0)
}

/// Makes the calling thread a reader until [`leave`]; for threads that are readers for most of their
/// life and say now and then, by [`quiescent`], that they hold nothing (quiescent-state-based
/// reclamation). A [`pin`] within only counts.
///
/// Nests, each with a `leave` of its own.
///
/// # Aborts
/// As [`pin`].
pub fn enter() {
    reclaim::enter(local::participant());
}

/// Ends one [`enter`] of the calling thread; `false`, and nothing happens, if there was none.
pub fn leave() -> bool {
    local::participant_if_any().is_some_and(reclaim::leave_entered)
}

/// Says that the calling thread, which has [`enter`]ed, holds nothing that it has loaded.
///
/// `false`, and nothing happens, while a [`Guard`] of this thread is alive (it may still be holding
/// something), or if the thread has not entered.
pub fn quiescent() -> bool {
    let Some(place) = local::participant_if_any() else {
        return false;
    };
    let (depth, entered) = place.depths();
    if entered == 0 || depth != entered {
        return false;
    }
    reclaim::refresh(place);
    true
}

/// The global epoch. It only grows; how fast says nothing but that readers come and go.
pub fn current() -> u64 {
    CLOCK.epoch.now()
}

/// Tries to move the epoch on, once, and returns what it is then. It stays if some thread is pinned
/// at an earlier one.
///
/// Time: the threads, and a fence in each that is running (some microseconds).
pub fn advance() -> u64 {
    let _ = CLOCK.try_advance();
    current()
}

/// A reader's pin; see [`pin`].
///
/// It stays with its thread: it is neither `Send` nor `Sync`.
///
/// ```compile_fail,E0277
/// let guard = sydra_pool::epoch::pin();
/// std::thread::spawn(move || drop(guard));
/// ```
///
/// # A guard that is never dropped
/// A thread that ends with a guard that was leaked (by `mem::forget`, say) stops the process with a
/// message. What it has loaded may be in use elsewhere, by references that borrow the leaked guard, so
/// the pin cannot end; and a pin that never ends would keep everything that is retired from then on.
/// (On systems other than Linux the end of the thread goes unnoticed, and the pin stays.) A thread that
/// has [`enter`]ed may end without [`leave`]: nothing borrows that.
#[must_use = "without its guard nothing that is loaded is protected"]
pub struct Guard {
    place: &'static Participant,
    own_thread: PhantomData<*mut ()>,
}

impl Guard {
    /// Lets go of everything that was loaded and protects afresh, so that others may reclaim what
    /// was retired meanwhile. Does nothing while another guard of this thread is alive, or if the thread
    /// has [`enter`]ed.
    pub fn repin(&mut self) {
        if self.place.depths().0 == 1 {
            reclaim::refresh(self.place);
        }
    }

    /// Makes what this thread has retired wait for its epoch now instead of with the next full bag,
    /// tries to move the epoch on, and reclaims what this thread has in limbo and what ended threads
    /// have left, as far as its time has come.
    pub fn flush(&self) {
        reclaim::flush(self.place);
    }

    #[inline(always)]
    pub(super) fn place(&self) -> &'static Participant {
        self.place
    }
}

impl Drop for Guard {
    #[inline(always)]
    fn drop(&mut self) {
        self.place.unpin();
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("epoch", &self.place.pinned_at())
            .finish_non_exhaustive()
    }
}
