//! What an allocator of containers is asked, done once for all homes of the trait and all sources.
//!
//! # Invariants
//! - `ALC-1`: a slice that goes out is as long as the layout asks, aligned, and within one block of
//!   the source that is its owner's alone; or it is empty, aligned and no memory at all. It is not
//!   longer, although the whole block would be sound: every layout of at least the size asked for and
//!   at most the stride has the same class (strides are multiples of each alignment they serve, and
//!   the class does not fall as the size rises), so each layout that fits the block would lead it home.
//!   But nobody gains: a table of hashbrown doubles, and from 16 bytes on no block is a third longer
//!   than what was asked for, so it would divide to find nothing; zeroed memory would have to be zero
//!   to the end; and which classes there are would be part of what a container sees.
//! - `ALC-2`: whoever gives a block back, or has it resized, names the layout that it was asked for
//!   last. Kept by the contract of `Allocator`: with exact slices, no other layout fits.

use crate::class_route::Source;
use core::alloc::Layout;
use core::num::NonZero;
use core::ptr::NonNull;

/// Aligned, and no memory.
fn empty(layout: Layout) -> Option<NonNull<[u8]>> {
    let start = NonNull::without_provenance(NonZero::new(layout.align())?);
    Some(NonNull::slice_from_raw_parts(start, 0))
}

/// The part of a block that was asked for.
#[inline(always)]
fn whole(start: *mut u8, layout: Layout) -> Option<NonNull<[u8]>> {
    let start = NonNull::new(start)?;
    Some(NonNull::slice_from_raw_parts(start, layout.size()))
}

#[inline(always)]
pub(super) fn allocate<S: Source>(layout: Layout) -> Option<NonNull<[u8]>> {
    if layout.size() == 0 {
        return empty(layout);
    }
    whole(S::take(layout), layout)
}

#[inline]
pub(super) fn allocate_zeroed<S: Source>(layout: Layout) -> Option<NonNull<[u8]>> {
    if layout.size() == 0 {
        return empty(layout);
    }
    whole(S::take_zeroed(layout), layout)
}

/// # Safety
/// As for `Allocator::deallocate`.
#[inline(always)]
pub(super) unsafe fn deallocate<S: Source>(start: NonNull<u8>, layout: Layout) {
    if layout.size() != 0 {
        // SAFETY: ALC-2; passed on to the caller.
        unsafe { S::give(start.as_ptr(), layout) };
    }
}

/// # Safety
/// As for `Allocator::grow`.
#[inline]
pub(super) unsafe fn grow<S: Source>(
    start: NonNull<u8>,
    from: Layout,
    to: Layout,
) -> Option<NonNull<[u8]>> {
    debug_assert!(to.size() >= from.size(), "grow asks for less");
    if from.size() == 0 {
        return allocate::<S>(to);
    }
    // SAFETY: ALC-2; passed on to the caller.
    whole(unsafe { S::resize(start.as_ptr(), from, to) }, to)
}

/// # Safety
/// As for `Allocator::grow_zeroed`.
#[inline]
pub(super) unsafe fn grow_zeroed<S: Source>(
    start: NonNull<u8>,
    from: Layout,
    to: Layout,
) -> Option<NonNull<[u8]>> {
    debug_assert!(to.size() >= from.size(), "grow asks for less");
    if from.size() == 0 {
        return allocate_zeroed::<S>(to);
    }
    // SAFETY: ALC-2; passed on to the caller.
    let grown = whole(unsafe { S::resize(start.as_ptr(), from, to) }, to)?;
    // SAFETY: ALC-1; the slice is at least as long as the layout it grew from.
    let tail = unsafe { grown.cast::<u8>().add(from.size()) };
    // SAFETY: ALC-1; the rest of the slice, which is the caller's to come.
    unsafe { tail.write_bytes(0, to.size() - from.size()) };
    Some(grown)
}

/// # Safety
/// As for `Allocator::shrink`.
#[inline]
pub(super) unsafe fn shrink<S: Source>(
    start: NonNull<u8>,
    from: Layout,
    to: Layout,
) -> Option<NonNull<[u8]>> {
    debug_assert!(to.size() <= from.size(), "shrink asks for more");
    if to.size() == 0 {
        // SAFETY: ALC-2; passed on to the caller.
        unsafe { deallocate::<S>(start, from) };
        return empty(to);
    }
    // SAFETY: ALC-2; passed on to the caller.
    whole(unsafe { S::resize(start.as_ptr(), from, to) }, to)
}
