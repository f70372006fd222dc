//! Poison: freed blocks are filled with a pattern and checked when they are handed out again.
//!
//! Handles that poison have class pools of their own, whose slabs are zeroed when they are made and
//! which nobody else uses. So a block to be handed out is all zero (never used) or holds the pattern
//! in every byte; anything else was written to after its free.

use crate::base::breach::breach;
use crate::block::{Block, PATTERN};
use core::ptr::NonNull;

/// Fills a freed block.
pub(super) fn fill(block: NonNull<u8>, bytes: usize) {
    // SAFETY: RTE-1; the block was just freed, so its bytes are the allocator's.
    unsafe { block.write_bytes(PATTERN, bytes) };
}

/// Stops the process if a free block was written to.
pub(super) fn check(block: &Block, bytes: usize) {
    // SAFETY: RTE-1; the block is ours until it is handed out, and its bytes were written by the
    // system (zero) or by `fill`.
    let content = unsafe { core::slice::from_raw_parts(block.0.as_ptr(), bytes) };
    let expected = if content[0] == 0 { 0 } else { PATTERN };
    if let Some(offset) = content.iter().position(|&byte| byte != expected) {
        breach!(
            "write after free: block {:p} of {bytes} bytes holds {:#04x} at offset {offset}",
            block.0,
            content[offset]
        );
    }
}
