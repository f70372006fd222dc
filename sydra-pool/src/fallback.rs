//! The fallback: what no pool serves goes to a backing allocator, and is counted by operation,
//! reason and size.
//!
//! # Invariants
//! - `FBK-1`: a pointer given to `dealloc` or `realloc` came from the same backing allocator with
//!   the layout that is given. Kept by the doors: the route is a function of the `Layout` and of
//!   whether the address lies in the pool's range.
//!
//! # Concurrency
//! Counters only, relaxed read-modify-writes: these paths cost tens of nanoseconds or more.

use crate::config::Backing;
use crate::os::faults;
use crate::sync::{AtomicU64, Ordering::Relaxed};
use core::alloc::{GlobalAlloc, Layout};

/// Upper bounds of the size histogram, in bytes; what is above goes to a last bin.
pub const HISTOGRAM_BOUNDS: [usize; 8] = [64, 128, 256, 512, 1024, 2048, 4096, 8192];
/// Bins of a size histogram.
pub const HISTOGRAM_BINS: usize = HISTOGRAM_BOUNDS.len() + 1;

/// Why a request came here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    TooLarge,
    OverAligned,
    RefillFailed,
    /// Every block is the system's, as the feature `shadow` wants.
    Shadow,
}

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Alloc,
    AllocZeroed,
    Dealloc,
    Realloc,
}

const OPERATIONS: usize = 4;
const REASONS: usize = 4;

/// Counters of the fallback.
pub(crate) struct Fallback {
    sizes: [[AtomicU64; HISTOGRAM_BINS]; OPERATIONS],
    reasons: [AtomicU64; REASONS],
    refused: AtomicU64,
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
}

#[cfg(not(loom))]
pub(crate) static FALLBACK: Fallback = Fallback::new();

/// The bin of a size.
fn bin(size: usize) -> usize {
    HISTOGRAM_BOUNDS
        .iter()
        .position(|&bound| size <= bound)
        .unwrap_or(HISTOGRAM_BINS - 1)
}

/// Runs `$call` on the allocator that `$backing` names.
macro_rules! on_backing {
    ($backing:expr, $allocator:ident => $call:expr) => {
        match $backing {
            #[cfg(feature = "mimalloc")]
            $crate::config::Backing::Mimalloc => {
                let $allocator = mimalloc::MiMalloc;
                $call
            }
            _ => {
                let $allocator = std::alloc::System;
                $call
            }
        }
    };
}
pub(crate) use on_backing;

impl Fallback {
    #[cfg(not(loom))]
    const fn new() -> Self {
        Self {
            sizes: [const { [const { AtomicU64::new(0) }; HISTOGRAM_BINS] }; OPERATIONS],
            reasons: [const { AtomicU64::new(0) }; REASONS],
            refused: AtomicU64::new(0),
            bytes_in: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
        }
    }

    fn count(&self, operation: Operation, size: usize) {
        self.sizes[operation as usize][bin(size)].fetch_add(1, Relaxed);
    }

    /// A block of `layout` from the backing allocator, or null.
    pub(crate) fn alloc(
        &self,
        backing: Backing,
        layout: Layout,
        reason: Reason,
        zeroed: bool,
    ) -> *mut u8 {
        let operation = if zeroed {
            Operation::AllocZeroed
        } else {
            Operation::Alloc
        };
        self.count(operation, layout.size());
        self.reasons[reason as usize].fetch_add(1, Relaxed);
        debug_assert!(layout.size() > 0);
        let start = if !faults::permit() {
            core::ptr::null_mut()
        } else if zeroed {
            // SAFETY: FBK-1; the layout is not empty: doors do not pass empty requests on.
            on_backing!(backing, allocator => unsafe { allocator.alloc_zeroed(layout) })
        } else {
            // SAFETY: FBK-1; as above.
            on_backing!(backing, allocator => unsafe { allocator.alloc(layout) })
        };
        if start.is_null() {
            self.refused.fetch_add(1, Relaxed);
        } else {
            self.bytes_in.fetch_add(layout.size() as u64, Relaxed);
        }
        start
    }

    /// Gives a block back.
    ///
    /// # Safety
    /// `start` came from [`alloc`](Self::alloc) or [`realloc`](Self::realloc) with this backing and
    /// layout and is not used any more.
    pub(crate) unsafe fn dealloc(&self, backing: Backing, start: *mut u8, layout: Layout) {
        self.count(Operation::Dealloc, layout.size());
        self.bytes_out.fetch_add(layout.size() as u64, Relaxed);
        // SAFETY: FBK-1; passed on to the caller.
        on_backing!(backing, allocator => unsafe { allocator.dealloc(start, layout) });
    }

    /// Changes the size of a block by the backing allocator's own means; null leaves it as it was.
    ///
    /// # Safety
    /// As for [`dealloc`](Self::dealloc), and `size` is not 0 and fits a `Layout`.
    pub(crate) unsafe fn realloc(
        &self,
        backing: Backing,
        start: *mut u8,
        layout: Layout,
        size: usize,
    ) -> *mut u8 {
        self.count(Operation::Realloc, size);
        if !faults::permit() {
            self.refused.fetch_add(1, Relaxed);
            return core::ptr::null_mut();
        }
        let moved = on_backing!(backing, allocator => {
            // SAFETY: FBK-1; passed on to the caller.
            unsafe { allocator.realloc(start, layout, size) }
        });
        if moved.is_null() {
            self.refused.fetch_add(1, Relaxed);
        } else {
            self.bytes_in.fetch_add(size as u64, Relaxed);
            self.bytes_out.fetch_add(layout.size() as u64, Relaxed);
        }
        moved
    }

    /// The counters as plain numbers.
    pub(crate) fn figures(&self) -> FallbackFigures {
        let sizes = |operation: Operation| {
            core::array::from_fn(|bin| self.sizes[operation as usize][bin].load(Relaxed))
        };
        let sum = |bins: [u64; HISTOGRAM_BINS]| bins.iter().sum::<u64>();
        let alloc_sizes = sizes(Operation::Alloc);
        let alloc_zeroed_sizes = sizes(Operation::AllocZeroed);
        let dealloc_sizes = sizes(Operation::Dealloc);
        let realloc_sizes = sizes(Operation::Realloc);
        let reason = |reason: Reason| self.reasons[reason as usize].load(Relaxed);
        let bytes_out = self.bytes_out.load(Relaxed);
        FallbackFigures {
            allocs: sum(alloc_sizes) + sum(alloc_zeroed_sizes),
            frees: sum(dealloc_sizes),
            reallocs: sum(realloc_sizes),
            refused: self.refused.load(Relaxed),
            too_large: reason(Reason::TooLarge),
            over_aligned: reason(Reason::OverAligned),
            refill_failed: reason(Reason::RefillFailed),
            bytes: self.bytes_in.load(Relaxed).saturating_sub(bytes_out),
            alloc_sizes,
            alloc_zeroed_sizes,
            dealloc_sizes,
            realloc_sizes,
        }
    }
}

/// What the fallback has served since the process started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FallbackFigures {
    /// Allocations, zeroed ones included, refused ones too.
    pub allocs: u64,
    /// Frees.
    pub frees: u64,
    /// Reallocations of blocks that the fallback holds.
    pub reallocs: u64,
    /// Requests that the backing allocator refused.
    pub refused: u64,
    /// Allocations larger than 32 MiB, or than the largest of the classes that were listed.
    pub too_large: u64,
    /// Allocations with an alignment that no class serves.
    pub over_aligned: u64,
    /// Allocations that a pool should have served but could get no memory for.
    pub refill_failed: u64,
    /// Bytes allocated and not yet freed.
    pub bytes: u64,
    /// Sizes of allocations, by [`HISTOGRAM_BOUNDS`]; the last bin is everything above.
    pub alloc_sizes: [u64; HISTOGRAM_BINS],
    /// Sizes of zeroed allocations.
    pub alloc_zeroed_sizes: [u64; HISTOGRAM_BINS],
    /// Sizes of frees.
    pub dealloc_sizes: [u64; HISTOGRAM_BINS],
    /// New sizes of reallocations.
    pub realloc_sizes: [u64; HISTOGRAM_BINS],
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn bins_follow_their_bounds() {
        for (index, bound) in HISTOGRAM_BOUNDS.into_iter().enumerate() {
            assert_eq!((bin(bound), bin(bound + 1)), (index, index + 1));
        }
    }

    #[test]
    fn operations_are_counted_apart() {
        let fallback = Fallback::new();
        let Ok(layout) = Layout::from_size_align(100, 8) else {
            return;
        };
        let start = fallback.alloc(Backing::System, layout, Reason::TooLarge, true);
        assert!(!start.is_null());
        // SAFETY: FBK-1; allocated above with this layout.
        let start = unsafe { fallback.realloc(Backing::System, start, layout, 5000) };
        assert_eq!(fallback.figures().bytes, 5000);
        let Ok(larger) = Layout::from_size_align(5000, 8) else {
            return;
        };
        // SAFETY: FBK-1; reallocated above to this layout.
        unsafe { fallback.dealloc(Backing::System, start, larger) };
        let figures = fallback.figures();
        assert_eq!((figures.allocs, figures.frees, figures.reallocs), (1, 1, 1));
        assert_eq!(
            (figures.alloc_zeroed_sizes[1], figures.alloc_sizes[1]),
            (1, 0)
        );
        assert_eq!((figures.realloc_sizes[7], figures.dealloc_sizes[7]), (1, 1));
        assert_eq!((figures.too_large, figures.bytes), (1, 0));
    }
}
