//! A free block as a value, and room for a batch of them.
//!
//! # Invariants
//! - `BLK-1`: whoever holds a [`Block`] owns a free block of some pool; it is neither `Clone` nor
//!   `Copy`, so a double free inside the engine does not type-check. Raw blocks enter and leave at
//!   the doors.
//! - `BLK-2`: `Block` and `Option<Block>` have one size and representation (the null niche), so an
//!   array of either can be seen as the other, for taking blocks out one by one.
//! - `BLK-3`: a pointer called `out` leads to room for a batch of the pool ([`BatchRoom`], or the
//!   slots of a magazine that is empty) which the callee alone uses. The count that comes back says
//!   how many blocks at its start are initialised now; they have moved there.

use crate::geometry::MAGAZINE_MOST;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

/// What free bytes hold where they are filled: for handles that poison, and under the watch.
pub(crate) const PATTERN: u8 = 0xDB;

/// The largest batch, in blocks.
const BATCH_MOST: usize = MAGAZINE_MOST / 2;

/// A free block, as a value.
#[repr(transparent)]
#[derive(Debug)]
#[must_use]
pub(crate) struct Block(pub(crate) NonNull<u8>);

const _: () = assert!(size_of::<Option<Block>>() == size_of::<Block>());

/// Blocks as a slice of options, out of which they can be taken one by one.
///
/// # Safety
/// `blocks[..count]` are initialised, valid for `'a`, and whoever owned them gives them up.
pub(crate) unsafe fn optional<'a>(blocks: *mut Block, count: usize) -> &'a mut [Option<Block>] {
    if count == 0 {
        return &mut [];
    }
    // SAFETY: BLK-2; passed on to the caller.
    unsafe { core::slice::from_raw_parts_mut(blocks.cast(), count) }
}

/// Room for one batch of any size, on the stack.
pub(crate) struct BatchRoom([MaybeUninit<Block>; BATCH_MOST]);

impl BatchRoom {
    pub(crate) const fn new() -> Self {
        Self([const { MaybeUninit::uninit() }; BATCH_MOST])
    }

    /// Where the batch is to be written.
    pub(crate) fn start(&mut self) -> *mut Block {
        self.0.as_mut_ptr().cast()
    }

    /// The first `count` blocks.
    ///
    /// # Safety
    /// They have been written through `start`.
    pub(crate) unsafe fn filled(&mut self, count: usize) -> &mut [Option<Block>] {
        // SAFETY: BLK-3; written, and `self` is borrowed for as long as the slice.
        unsafe { optional(self.start(), count) }
    }
}
