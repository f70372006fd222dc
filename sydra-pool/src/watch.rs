//! The watch over blocks: what the feature `paranoid` adds between pools and program.
//!
//! A block that is given out is marked, and loses its mark when it comes back. So a second free, a
//! pointer that never was a block, and a block of another pool are caught at the free itself, not when
//! a batch comes home. Free blocks are filled with a pattern, which is checked when they are given
//! out again: a write after a free, or beyond the end of the block before, is caught then. Behind
//! each slab stands one unit without access, so that running out of a slab is caught at once.
//!
//! ```text
//! marks   one bit for every 8 bytes of the range, in a mapping of its own
//! slab    [ b0 ][ b1 ] .. [ bn ][ guard: no access ]       all of it the pattern when it is adopted
//! ```
//!
//! Blocks of the backing allocator are not watched, nor are those of fixed pools: their statics have
//! no room for it. Without memory for the marks only the pattern and the guards are left.
//!
//! # Invariants
//! - `WAT-1`: a set mark is a block that the program has. Set when it is given out, cleared when it
//!   comes back, by read-modify-writes, so two frees of one block cannot both find it set.
//! - `WAT-2`: a block that the program does not have, and that has been part of an adopted slab, holds
//!   [`PATTERN`] in every byte. Made by `fill`; kept by `came_back`; checked by `given_out`.
//!
//! # Concurrency
//! The marks: relaxed read-modify-writes by whoever has the block. Whether they were asked for: under a lock,
//! which is taken with no other held and by each block while there are no marks, so a `fork` takes it too.

use crate::base::breach::breach;
use crate::block::{Block, PATTERN};
use crate::geometry::UNIT_BYTES;
use crate::os;
use crate::pool::{Kind, Pool, pool_at};
use crate::space::SPACE;
use crate::sync::{AtomicU8, Lock, Ordering::Relaxed, Published};
use core::fmt;
use core::ptr::NonNull;

/// Bytes of the range for each mark: the smallest stride.
const GRAIN: usize = 8;
/// Bytes that a report shows.
const SHOWN: usize = 16;

static MARKS: Published<AtomicU8> = Published::new();
/// Whether the mapping of the marks was asked for.
static ASKED: Lock<bool> = Lock::new(false);

/// A pool as a report names it.
struct Named(&'static Pool);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = &self.0.plan;
        match plan.kind {
            Kind::Class => write!(f, "class {}", plan.stride),
            _ => write!(f, "{:?}", plan.name),
        }
    }
}

/// Where a block lies, for reports.
struct Place {
    unit: u32,
    index: usize,
    stride: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            unit,
            index,
            stride,
        } = self;
        let offset = index * stride;
        write!(f, "slab unit {unit}, block {index} at offset {offset:#x}")
    }
}

/// The mark of the block at an offset into the range: its byte and bit.
fn mark(offset: usize) -> Option<(&'static AtomicU8, u8)> {
    let first = MARKS.get().or_else(open)?;
    let grain = offset / GRAIN;
    // SAFETY: WAT-1; the mapping has a bit for each grain of the range, and `offset` lies within it.
    let byte = unsafe { first.add(grain / 8) };
    // SAFETY: WAT-1; zero when it was mapped, atomic, and never unmapped.
    Some((unsafe { byte.as_ref() }, 1 << (grain % 8)))
}

#[cold]
fn open() -> Option<NonNull<AtomicU8>> {
    let mut asked = ASKED.lock();
    // Once only: blocks that were given out without a mark would look free later.
    if *asked {
        return MARKS.get();
    }
    *asked = true;
    let bytes = (SPACE.window.bytes() / GRAIN / 8).next_multiple_of(os::page_bytes());
    let start = os::reserve(bytes, os::page_bytes())?;
    if !os::commit(start, bytes) {
        os::release(start, bytes);
        return None;
    }
    let first = start.cast();
    MARKS.publish(first);
    Some(first)
}

/// The pool of the slab around an offset into the range, and where in it the offset lies; `None` if
/// no slab is there.
fn locate(offset: usize) -> Option<(&'static Pool, Place, usize)> {
    let (unit, _) = SPACE.slab_at(offset)?;
    let pool = pool_at(offset)?;
    let stride = pool.plan.stride;
    let within = offset - unit as usize * UNIT_BYTES;
    let place = Place {
        unit,
        index: within / stride,
        stride,
    };
    Some((pool, place, within % stride))
}

/// A block is about to be given to the program.
pub(crate) fn given_out(block: &Block) {
    let Some(offset) = SPACE.window.offset_of(block.0.addr().get()) else {
        return;
    };
    let Some((pool, place, _)) = locate(offset) else {
        breach!("broken free list: {:p} lies in no slab", block.0);
    };
    // SAFETY: WAT-2; the block is not the program's yet, so its bytes are ours.
    let content = unsafe { core::slice::from_raw_parts(block.0.as_ptr(), place.stride) };
    if let Some(first) = content.iter().position(|&byte| byte != PATTERN) {
        let shown = &content[first..place.stride.min(first + SHOWN)];
        breach!(
            "write after free: {} {:p} ({place}) was written to at byte {first}: {shown:02x?}",
            Named(pool),
            block.0,
        );
    }
    if let Some((byte, bit)) = mark(offset)
        && byte.fetch_or(bit, Relaxed) & bit != 0
    {
        breach!("given out twice: {} {:p} ({place})", Named(pool), block.0);
    }
}

/// A block comes back from the program to `pool`, the home of whose type it is.
pub(crate) fn came_back(start: NonNull<u8>, pool: &'static Pool) {
    let home = pool.home();
    let Some(offset) = SPACE.window.offset_of(start.addr().get()) else {
        if pool.may_have_foreign() || home.may_have_foreign() {
            return;
        }
        breach!(
            "wrong pointer freed: {start:p} was never a block of {}",
            Named(pool)
        );
    };
    let Some((owner, place, beyond)) = locate(offset) else {
        breach!(
            "wrong pointer freed: {start:p} lies in no slab, freed as {}",
            Named(pool)
        );
    };
    if !core::ptr::eq(owner, home) {
        breach!(
            "wrong pool: {start:p} ({place}) belongs to {}, freed as {}",
            Named(owner),
            Named(pool)
        );
    }
    if beyond != 0 {
        breach!(
            "wrong pointer freed: {start:p} lies {beyond} bytes into a block of {} ({place})",
            Named(pool)
        );
    }
    if let Some((byte, bit)) = mark(offset)
        && byte.fetch_and(!bit, Relaxed) & bit == 0
    {
        breach!("double free: {} {start:p} ({place}) is free", Named(pool));
    }
    fill(start, place.stride);
}

/// Fills memory that the program does not have.
pub(crate) fn fill(start: NonNull<u8>, bytes: usize) {
    // SAFETY: WAT-2; a block that just came back, or a slab that was just adopted: nobody uses it.
    unsafe { start.write_bytes(PATTERN, bytes) };
}

pub(crate) fn close_for_fork() {
    ASKED.close_for_fork();
}

/// # Safety
/// As for [`Lock::open_after_fork`].
pub(crate) unsafe fn open_after_fork() {
    // SAFETY: LCK-1; passed on to the caller.
    unsafe { ASKED.open_after_fork() };
}
