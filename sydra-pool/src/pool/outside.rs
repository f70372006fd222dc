//! The book of values whose type is not known any more and whose room is outside of the range: in
//! the backing allocator or in a static. Where a slab tells whose a block is, this book does.
//!
//! Such values are few (larger than any pool serves, over-aligned, of a fixed pool, or got while the
//! system refused memory), and only those that became trait objects are entered.
//!
//! # Invariants
//! - `OUT-1`: an entry is the pointer that the room was got with and the door of its home, from the
//!   moment its type is forgotten until it is freed or its type is known again.
//! - `OUT-2`: entries are rooms of `META`; a chain's links are touched under the lock.
//!
//! # Concurrency
//! One lock, in the order after limbo's and before `meta`.

use super::Door;
use crate::meta::META;
use crate::sync::Lock;
use core::ptr::NonNull;

/// Chains, so that the entries of one are few.
const CHAINS: usize = 256;

struct Entry {
    start: NonNull<u8>,
    door: Door,
    next: Option<NonNull<Entry>>,
}

struct Book {
    chains: [Option<NonNull<Entry>>; CHAINS],
}

// SAFETY: OUT-2; the entries belong to the book, which is under a lock.
unsafe impl Send for Book {}

static BOOK: Lock<Book> = Lock::new(Book {
    chains: [None; CHAINS],
});

fn chain_of(address: usize) -> usize {
    // Rooms are apart by their size at least; the multiplier spreads what is regular.
    ((address >> 3).wrapping_mul(0x9E37_79B9) >> 16) % CHAINS
}

/// Enters a room; `false` without memory.
pub(crate) fn enter(start: NonNull<u8>, door: Door) -> bool {
    let Some(room) = META.take(size_of::<Entry>()) else {
        return false;
    };
    let entry = room.cast::<Entry>();
    let mut book = BOOK.lock();
    let chain = &mut book.chains[chain_of(start.addr().get())];
    // SAFETY: MET-1; the room is ours, aligned and large enough.
    unsafe {
        entry.write(Entry {
            start,
            door,
            next: *chain,
        })
    };
    *chain = Some(entry);
    true
}

/// Strikes a room out and returns what was entered; `None` if it was not.
pub(crate) fn strike(address: usize) -> Option<(NonNull<u8>, Door)> {
    let found = BOOK.lock().unlink(address)?;
    // SAFETY: OUT-2; an entry that is in no chain any more, so nobody else reads it.
    let Entry { start, door, .. } = unsafe { found.read() };
    // SAFETY: MET-1; taken with this size by `enter`.
    unsafe { META.give(found.cast(), size_of::<Entry>()) };
    Some((start, door))
}

impl Book {
    fn unlink(&mut self, address: usize) -> Option<NonNull<Entry>> {
        let mut link = &mut self.chains[chain_of(address)];
        // Bounded by the chain, which changes under the lock that `self` shows.
        while let Some(mut entry) = *link {
            // SAFETY: OUT-2; entries in a chain are alive.
            let seen = unsafe { entry.as_mut() };
            if seen.start.addr().get() == address {
                *link = seen.next;
                return Some(entry);
            }
            link = &mut seen.next;
        }
        None
    }
}

pub(crate) fn close_for_fork() {
    BOOK.close_for_fork();
}

/// # Safety
/// As for [`Lock::open_after_fork`].
pub(crate) unsafe fn open_after_fork() {
    // SAFETY: LCK-1; passed on to the caller.
    unsafe { BOOK.open_after_fork() };
}
