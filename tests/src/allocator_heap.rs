//! An allocator of containers as a heap, so that the same plays run through it.
//!
//! A resize becomes a `grow` or a `shrink`. Every third one, by its size, goes a roundabout way: first
//! to the new size at another alignment, then back to the old alignment. So changed alignments
//! are judged as well, in both directions.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::{NonNull, null_mut};

use allocator_api2::alloc::{AllocError, Allocator};

/// A heap on an allocator.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllocatorHeap<A>(pub A);

/// The block of a slice that must be as long as `layout` says.
fn start(slice: Result<NonNull<[u8]>, AllocError>, layout: Layout) -> *mut u8 {
    slice.map_or(null_mut(), |slice| {
        assert_eq!(slice.len(), layout.size(), "the slice for {layout:?}");
        slice.as_ptr().cast()
    })
}

/// Grows or shrinks, as the sizes say.
///
/// # Safety
/// `block` is a block of the layout `from` in `allocator`, given away if this succeeds.
unsafe fn refit<A: Allocator>(allocator: &A, block: *mut u8, from: Layout, to: Layout) -> *mut u8 {
    let Some(block) = NonNull::new(block) else {
        return null_mut();
    };
    let slice = if to.size() >= from.size() {
        // SAFETY: the caller's promise; the size does not fall.
        unsafe { allocator.grow(block, from, to) }
    } else {
        // SAFETY: the caller's promise; the size falls.
        unsafe { allocator.shrink(block, from, to) }
    };
    start(slice, to)
}

// SAFETY: an allocator's contract is that of a global one, and more.
unsafe impl<A: Allocator> GlobalAlloc for AllocatorHeap<A> {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        start(self.0.allocate(layout), layout)
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        start(self.0.allocate_zeroed(layout), layout)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        let block = NonNull::new(block).expect("blocks are not null");
        // SAFETY: the caller's promise.
        unsafe { self.0.deallocate(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, from: Layout, new_size: usize) -> *mut u8 {
        let align = from.align();
        let Ok(to) = Layout::from_size_align(new_size, align) else {
            return null_mut();
        };
        let other = if align > 16 { align / 4 } else { align * 8 };
        let Ok(roundabout) = Layout::from_size_align(new_size, other) else {
            return null_mut();
        };
        if !new_size.is_multiple_of(3) {
            // SAFETY: the caller's promise.
            return unsafe { refit(&self.0, block, from, to) };
        }
        // SAFETY: the caller's promise.
        let there = unsafe { refit(&self.0, block, from, roundabout) };
        if there.is_null() {
            return there;
        }
        assert!(there.addr().is_multiple_of(other), "aligned to {other}");
        // SAFETY: just resized to this layout.
        let back = unsafe { refit(&self.0, there, roundabout, to) };
        assert!(!back.is_null(), "the plays leave memory for the way back");
        back
    }
}
