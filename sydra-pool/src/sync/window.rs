//! A range of addresses that is set once and then asked by everybody: "is this one ours?"
//!
//! # Invariants
//! - `WIN-1`: `base` is set before `bytes`, and both before any pointer into the range exists
//!   elsewhere. The range is one allocation, never freed, and does not start at null. So an offset
//!   below `bytes` that was read first is within the allocation `base` points to.
//! - `WIN-2`: an assembly block may do to its operands whatever Rust code could; the compiler must
//!   allow for `base.with_addr(pointer)`, which has the same bits and reads memory. Used by
//!   `rederive`. A block of the backing allocator keeps the provenance it came back with: the
//!   canonical layout may be larger than the box it was, which an allocator in C does not mind.
//!
//! # Concurrency
//! Written once by `set`; read by anyone. The order of the two reads matters: with the base read
//! first, a thread could combine "no base yet" with the full length and take a stranger's block at
//! a low address for its own.

use super::{AtomicPtr, AtomicUsize, Ordering, Ordering::Relaxed};
use core::ptr::NonNull;

/// A write-once range.
pub(crate) struct Window {
    base: AtomicPtr<u8>,
    bytes: AtomicUsize,
}

impl Window {
    #[cfg(not(loom))]
    pub(crate) const fn new() -> Self {
        Self {
            base: AtomicPtr::new(core::ptr::null_mut()),
            bytes: AtomicUsize::new(0),
        }
    }

    #[cfg(loom)]
    pub(crate) fn new() -> Self {
        Self {
            base: AtomicPtr::new(core::ptr::null_mut()),
            bytes: AtomicUsize::new(0),
        }
    }

    /// Opens the window on a range. Called at most once.
    pub(crate) fn set(&self, base: NonNull<u8>, bytes: usize) {
        self.base.store(base.as_ptr(), Relaxed);
        // ORDERING: Release pairs with the Acquire in `bytes`: who sees the length sees the base.
        self.bytes.store(bytes, Ordering::Release);
    }

    /// The length of the range, 0 before `set`.
    #[inline(always)]
    pub(crate) fn bytes(&self) -> usize {
        // ORDERING: Acquire pairs with the Release in `set`.
        self.bytes.load(Ordering::Acquire)
    }

    /// The distance of `address` from the start of the range, if it lies within.
    #[inline(always)]
    pub(crate) fn offset_of(&self, address: usize) -> Option<usize> {
        let bytes = self.bytes();
        let offset = address.wrapping_sub(self.base.load(Relaxed).addr());
        if offset < bytes { Some(offset) } else { None }
    }

    /// `pointer` with the provenance of the whole range, if it lies within.
    ///
    /// A pointer that a `Box` was made of may be used for the bytes of that box only; a block that
    /// is to be handed out again needs the range's own provenance.
    ///
    /// The address stays the same, so there is nothing to do for the processor: an assembly block
    /// without instructions stands for what the other branch, which Miri checks, spells out.
    #[inline(always)]
    pub(crate) fn rederive(&self, pointer: NonNull<u8>) -> NonNull<u8> {
        #[cfg(all(
            any(target_arch = "x86_64", target_arch = "aarch64"),
            not(any(miri, loom))
        ))]
        {
            let mut place = pointer.as_ptr();
            // SAFETY: WIN-2; the template is a comment, so nothing is executed.
            unsafe {
                core::arch::asm!(
                    "/* {0} */",
                    inout(reg) place,
                    options(pure, readonly, nostack, preserves_flags)
                );
            };
            // SAFETY: WIN-2; the address of `pointer`, which is not null.
            unsafe { NonNull::new_unchecked(place) }
        }
        #[cfg(not(all(
            any(target_arch = "x86_64", target_arch = "aarch64"),
            not(any(miri, loom))
        )))]
        match self.offset_of(pointer.addr().get()) {
            Some(offset) => self.at(offset),
            None => pointer,
        }
    }

    /// The pointer `offset` bytes into the range, which is open and longer than that.
    #[inline(always)]
    pub(crate) fn at(&self, offset: usize) -> NonNull<u8> {
        let base = self.base.load(Relaxed);
        // SAFETY: WIN-1; `offset` is below the length of the one allocation at `base`.
        let within = unsafe { base.add(offset) };
        // SAFETY: WIN-1; the range does not start at null, so nothing in it is null.
        unsafe { NonNull::new_unchecked(within) }
    }
}
