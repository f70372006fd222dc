//! Where the doors' blocks come from: what a container's allocator and the global door ask of a route.
//!
//! # Invariants
//! - `SRC-1`: a block of a source has room for its layout and is aligned, belongs to its owner alone until
//!   it is given back, and is zero up to the layout's size where that is promised. It goes back to the
//!   source it came from, as the layout alone decides the way. Kept by the implementations, and by the
//!   callers, who name the layout that was asked for last.

use core::alloc::Layout;

/// Blocks by layout, of which none is empty. Null is a refusal.
///
/// # Safety
/// The blocks are as SRC-1 says.
pub(crate) unsafe trait Source {
    /// A block of the layout.
    fn take(layout: Layout) -> *mut u8;

    /// The same, with zeros in it.
    fn take_zeroed(layout: Layout) -> *mut u8;

    /// Takes a block back.
    ///
    /// # Safety
    /// `start` is a block of this layout (SRC-1), which nobody uses any more.
    unsafe fn give(start: *mut u8, layout: Layout);

    /// Makes a block one of another layout, in its place or in another, and keeps what both have room
    /// for; null leaves it as it was.
    ///
    /// # Safety
    /// `start` is a block of the layout `from` (SRC-1), which nobody uses any more if this succeeds.
    unsafe fn resize(start: *mut u8, from: Layout, to: Layout) -> *mut u8;

    /// The same, always in another place.
    ///
    /// # Safety
    /// As for [`resize`](Self::resize).
    unsafe fn move_to(start: *mut u8, from: Layout, to: Layout) -> *mut u8 {
        let fresh = Self::take(to);
        if !fresh.is_null() {
            let bytes = from.size().min(to.size());
            // SAFETY: SRC-1; both blocks are alive, apart, and have room for the smaller size.
            unsafe { fresh.copy_from_nonoverlapping(start, bytes) };
            // SAFETY: SRC-1; passed on to the caller.
            unsafe { Self::give(start, from) };
        }
        fresh
    }
}
