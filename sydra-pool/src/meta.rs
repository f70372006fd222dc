//! The engine's own memory: buckets, depots, magazine slots. Never mixed with blocks.
//!
//! One reservation, committed step by step, handed out by a cursor. Rooms up to 16 KiB come back
//! when a thread ends and are kept in lists by size; larger ones (arrays of buckets, depots) live
//! as long as the process. So 10,000 threads that come and go use the memory of those alive at once.
//!
//! # Invariants
//! - `MET-1`: a room handed out lies in committed memory, is aligned to [`GRANULE`], and belongs to
//!   the taker alone until given back with the same size. Made by `take`; kept by `give`'s contract.
//! - `MET-2`: the link of a free room is written into that room, which nobody else reads: rooms are
//!   the engine's own, no pointer to one ever reaches a user.
//!
//! # Concurrency
//! Everything under one lock, taken on slow paths only, last but one in the order (then the
//! address space's).

use crate::base::align::{checked_round_up, round_up};
use crate::os;
use crate::sync::{AtomicUsize, Lock, Ordering::Relaxed};
use core::ptr::NonNull;

/// Alignment and granularity of rooms, in bytes: two cache lines, as neighbours are prefetched.
pub(crate) const GRANULE: usize = 128;
/// The largest room that can come back, in bytes.
pub(crate) const RETURNABLE: usize = 16 * 1024;
const LISTS: usize = RETURNABLE / GRANULE;

/// Bytes reserved at first; halved until the system agrees.
const RESERVE_BYTES: usize = if cfg!(miri) {
    1 << 20
} else if cfg!(target_os = "linux") && !cfg!(sydra_model) {
    1 << 30
} else {
    8 << 20
};
const RESERVE_LEAST: usize = 256 * 1024;
/// Bytes committed at a time.
const STEP_BYTES: usize = 64 * 1024;
const ALIGN: usize = 64 * 1024;

const _: () = assert!(STEP_BYTES.is_multiple_of(ALIGN) && RESERVE_LEAST.is_multiple_of(STEP_BYTES));

struct FreeRoom {
    next: Option<NonNull<FreeRoom>>,
}

struct Inner {
    base: Option<NonNull<u8>>,
    reserved: usize,
    committed: usize,
    used: usize,
    free: [Option<NonNull<FreeRoom>>; LISTS],
}

// SAFETY: MET-1; the pointers refer to the engine's own mapping, which has no thread affinity.
unsafe impl Send for Inner {}

/// The engine's own memory.
pub(crate) struct Meta {
    inner: Lock<Inner>,
    in_use: AtomicUsize,
    committed: AtomicUsize,
}

#[cfg(not(loom))]
pub(crate) static META: Meta = Meta::new();

impl Meta {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self {
            inner: Lock::new(Inner {
                base: None,
                reserved: 0,
                committed: 0,
                used: 0,
                free: [None; LISTS],
            }),
            in_use: AtomicUsize::new(0),
            committed: AtomicUsize::new(0),
        }
    }

    /// A room of `bytes`, contents arbitrary, or `None` when the system refuses.
    ///
    /// Constant time, plus one commit for every 64 KiB handed out.
    pub(crate) fn take(&self, bytes: usize) -> Option<NonNull<u8>> {
        let bytes = checked_round_up(bytes.max(1), GRANULE)?;
        let mut inner = self.inner.lock();
        let room = match inner.recycle(bytes) {
            Some(room) => room,
            None => inner.advance(bytes)?,
        };
        self.committed.store(inner.committed, Relaxed);
        self.in_use
            .store(self.in_use.load(Relaxed) + bytes, Relaxed);
        Some(room)
    }

    /// Gives a room back.
    ///
    /// # Safety
    /// `room` came from `take(bytes)` and nobody uses it any more.
    pub(crate) unsafe fn give(&self, room: NonNull<u8>, bytes: usize) {
        let bytes = round_up(bytes.max(1), GRANULE);
        if bytes > RETURNABLE {
            return;
        }
        let mut inner = self.inner.lock();
        let list = bytes / GRANULE - 1;
        let free = room.cast::<FreeRoom>();
        // SAFETY: MET-2; the room is ours again, aligned and large enough for a link.
        unsafe {
            free.write(FreeRoom {
                next: inner.free[list],
            })
        };
        inner.free[list] = Some(free);
        self.in_use
            .store(self.in_use.load(Relaxed) - bytes, Relaxed);
    }

    /// Bytes (in use, committed), relaxed.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        (self.in_use.load(Relaxed), self.committed.load(Relaxed))
    }

    pub(crate) fn close_for_fork(&self) {
        self.inner.close_for_fork();
    }

    /// # Safety
    /// As for [`Lock::open_after_fork`].
    pub(crate) unsafe fn open_after_fork(&self) {
        // SAFETY: LCK-1; passed on to the caller.
        unsafe { self.inner.open_after_fork() };
    }
}

impl Inner {
    fn recycle(&mut self, bytes: usize) -> Option<NonNull<u8>> {
        let list = self.free.get_mut(bytes / GRANULE - 1)?;
        let room = (*list)?;
        // SAFETY: MET-2; a free room holds its link.
        *list = unsafe { room.read() }.next;
        Some(room.cast())
    }

    fn advance(&mut self, bytes: usize) -> Option<NonNull<u8>> {
        let base = match self.base {
            Some(base) => base,
            None => self.start()?,
        };
        let end = self.used.checked_add(bytes)?;
        if end > self.committed {
            let more = checked_round_up(end - self.committed, STEP_BYTES)?;
            if self.committed.checked_add(more)? > self.reserved {
                return None;
            }
            // SAFETY: MET-1; within the reservation, as just checked.
            let start = unsafe { base.add(self.committed) };
            if !os::commit(start, more) {
                return None;
            }
            self.committed += more;
        }
        // SAFETY: MET-1; `used + bytes` lies within what is committed.
        let room = unsafe { base.add(self.used) };
        self.used = end;
        Some(room)
    }

    fn start(&mut self) -> Option<NonNull<u8>> {
        let mut bytes = RESERVE_BYTES;
        // Bounded by the halvings from `RESERVE_BYTES` to `RESERVE_LEAST`.
        while bytes >= RESERVE_LEAST {
            if let Some(base) = os::reserve(bytes, ALIGN) {
                self.base = Some(base);
                self.reserved = bytes;
                return Some(base);
            }
            bytes /= 2;
        }
        None
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_apart_and_come_back() {
        let meta = Meta::new();
        let rooms: std::vec::Vec<_> = (1..20).map(|n| (n * 100, meta.take(n * 100))).collect();
        let mut spans: std::vec::Vec<_> = rooms
            .iter()
            .map(|(bytes, room)| {
                let start = room.map_or(0, |room| room.addr().get());
                assert!(start != 0 && start % GRANULE == 0);
                (start, start + bytes)
            })
            .collect();
        spans.sort_unstable();
        assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0));
        let before = meta.bytes();
        for (bytes, room) in rooms.into_iter() {
            if let Some(room) = room {
                // SAFETY: MET-1; taken above with this size, used by nobody.
                unsafe { meta.give(room, bytes) };
            }
        }
        assert_eq!(meta.bytes(), (0, before.1));
        let mut again: std::vec::Vec<_> = (1..20)
            .map(|n| meta.take(n * 100).map_or(0, |room| room.addr().get()))
            .collect();
        again.sort_unstable();
        let first: std::vec::Vec<_> = spans.iter().map(|span| span.0).collect();
        assert_eq!(again, first, "the same rooms, each for its size");
        assert_eq!(meta.bytes(), before);
    }
}
