//! A table of blocks of many sizes, which any thread may replace.
//!
//! # Invariants
//! - `SLT-1`: a pointer in a slot leads to a block of the global allocator whose first word is its size in bytes and whose alignment
//!   is 8; the slot alone owns it. Kept by `replace`, which takes a block out by an exchange.

use core::sync::atomic::{AtomicPtr, Ordering};
use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};

use crate::lab::loads::ingest::index::Fate;

#[derive(Debug)]
pub(super) struct Slots(Box<[AtomicPtr<usize>]>);

impl Slots {
    pub(super) fn new(count: usize) -> Self {
        Self((0..count).map(|_| AtomicPtr::default()).collect())
    }

    /// Puts a block of at least `bytes` into a slot and frees, or forgets, the one that was there.
    #[inline(always)]
    pub(super) fn replace(&self, slot: usize, bytes: usize, fate: Fate) {
        let new = make(bytes.max(size_of::<usize>()));
        // ORDERING: AcqRel pairs with itself in other threads: the size that is written there is read here.
        let old = self.0[slot].swap(new, Ordering::AcqRel);
        if fate == Fate::Retired {
            // SAFETY: SLT-1: the exchange took it out.
            unsafe { free(old) };
        }
    }
}

impl Drop for Slots {
    fn drop(&mut self) {
        for slot in &mut self.0 {
            // SAFETY: SLT-1: nobody else has the table.
            unsafe { free(*slot.get_mut()) };
        }
    }
}

fn layout(bytes: usize) -> Layout {
    Layout::from_size_align(bytes, align_of::<usize>()).expect("sizes are far below the limit")
}

#[inline(always)]
fn make(bytes: usize) -> *mut usize {
    let layout = layout(bytes);
    // SAFETY: the layout has a size of a word at least.
    let block = unsafe { alloc(layout) }.cast::<usize>();
    if block.is_null() {
        handle_alloc_error(layout);
    }
    // SAFETY: the block has room for a word, and is aligned for one.
    unsafe { block.write(bytes) };
    block
}

/// Frees a block, if there is one.
///
/// # Safety
/// SLT-1, and the caller has taken it out of its slot.
#[inline(always)]
unsafe fn free(block: *mut usize) {
    if block.is_null() {
        return;
    }
    // SAFETY: SLT-1: its first word is its size.
    let bytes = unsafe { block.read() };
    // SAFETY: SLT-1: allocated with this layout, owned by the caller.
    unsafe { dealloc(block.cast(), layout(bytes)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_holds_the_block_that_was_put_in_last() {
        let slots = Slots::new(4);
        for bytes in [1, 16, 4096, 100] {
            slots.replace(2, bytes, Fate::Retired);
            let block = slots.0[2].load(Ordering::Relaxed);
            // SAFETY: SLT-1; nobody else has the table.
            assert_eq!(unsafe { *block }, bytes.max(8));
        }
    }
}
