//! Large blocks: what is above the largest class, up to 32 MiB, has a run of 64 KiB units of the address space.
//! Nothing is written beside the block but a mark at the run's first unit: layout and address say the rest.
//!
//! A run that is given back stays resident until the policy of `space::purge` lets it go, so a program that
//! makes and drops tables and buffers does not fault them in each time. It is zero where it has never been
//! resident. A block grows where it is if what follows is free. More than 64 MiB beyond as much as is in use
//! does not stay: a program that frees its tables and goes idle passes no slow path that would let it go later.
//!
//! # Invariants
//! - `LRG-1`: a block whose layout is served here ([`serves`]) and that lies in the range is a run of exactly as
//!   many units as its layout needs (RUN-1); one that lies elsewhere came from the backing allocator, which
//!   serves when the address space refuses and keeps what it resizes. Made by [`take`] and [`resize`]; kept by the callers, who name the layout.
//!
//! # Not here
//! Magazines and shards: these requests are rare, and each costs a lock.

use crate::base::breach::breach;
use crate::class;
use crate::geometry::UNIT_BYTES;
use crate::space::{RUN_UNITS_MOST, SPACE};
use core::alloc::Layout;
use core::ptr::NonNull;

/// The largest block, in bytes.
pub(crate) const MOST: usize = RUN_UNITS_MOST * UNIT_BYTES;

/// Whether a layout is served here.
#[inline]
pub(crate) const fn serves(layout: Layout) -> bool {
    !cfg!(feature = "shadow")
        && layout.size() > class::LARGEST
        && layout.size() <= MOST
        && layout.align() <= UNIT_BYTES
}

/// Units and bytes of a layout.
const fn need(layout: Layout) -> [usize; 2] {
    [layout.size().div_ceil(UNIT_BYTES), layout.size()]
}

/// Where in the range a block of this layout lies, if it is ours (LRG-1).
#[inline]
pub(crate) fn offset_of(start: NonNull<u8>, layout: Layout) -> Option<usize> {
    if serves(layout) {
        SPACE.window.offset_of(start.addr().get())
    } else {
        None
    }
}

/// A block of a layout that is served here, zero if so wanted; `None` when the address space refuses.
pub(crate) fn take(layout: Layout, zeroed: bool) -> Option<NonNull<u8>> {
    let [units, bytes] = need(layout);
    let run = SPACE.take_run(units, bytes)?;
    if zeroed {
        SPACE.clear_run(&run, bytes);
    }
    Some(run.start)
}

/// Takes the block at the byte `offset` back.
///
/// # Aborts
/// If there is none of this layout.
pub(crate) fn give(offset: usize, layout: Layout) {
    let [units, bytes] = need(layout);
    if !SPACE.give_run(offset, units, bytes) {
        refuse(offset, bytes);
    }
    SPACE.shed();
}

/// Makes the block at the byte `offset` one of another layout that is served here, where it is; says whether that went.
///
/// # Aborts
/// If there is none of the layout `from`.
pub(crate) fn resize(offset: usize, from: Layout, to: Layout) -> bool {
    match SPACE.resize_run(offset, need(from), need(to)) {
        Some(done) => done,
        None => refuse(offset, from.size()),
    }
}

/// Stops the process: no such block.
#[cold]
fn refuse(offset: usize, bytes: usize) -> ! {
    breach!(
        "double free or wrong pointer: no large block of {bytes} bytes is at {:p}",
        SPACE.window.at(offset)
    )
}
