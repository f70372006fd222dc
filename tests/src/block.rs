//! A block of memory as an owned value, and the door it came through.
//!
//! [`Door`] turns the unsafe surface of a [`GlobalAlloc`] into one a test can use without `unsafe`:
//! a [`Block`] is neither `Copy` nor `Clone`, carries the layout it was made with, and is branded
//! with the type of its heap, so that freeing twice, freeing with another layout or freeing
//! into another heap does not type-check.
//!
//! # Invariants
//! - A `Block` is `layout.size()` bytes that its heap promised to its owner alone. Whether the heap
//!   keeps the promise is what the tests are about; the broken heaps of this crate break it only
//!   inside one big allocation, where a stray write stays harmless.
//!
//! # Not here
//! What the bytes should be: that is the judge's.

use core::alloc::{GlobalAlloc, Layout};
use core::fmt;
use core::marker::PhantomData;
use core::ptr::NonNull;

use crate::rng::mix;

/// The contents repeat after so many bytes: 31 words, so that no shift by a power of two, a stride
/// or a page looks right.
const PERIOD: usize = 31 * 8;

/// Zeros to compare with.
static ZEROS: [u8; 4096] = [0; 4096];

/// A live block, owned.
pub struct Block<A> {
    start: NonNull<u8>,
    layout: Layout,
    heap: PhantomData<fn(A)>,
}

// SAFETY: a block is exclusive ownership of plain bytes; who frees it passes it by value.
unsafe impl<A> Send for Block<A> {}

impl<A> fmt::Debug for Block<A> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Block({:p}, {:?})", self.start, self.layout)
    }
}

impl<A> Block<A> {
    /// The layout the block was made with.
    #[must_use]
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The address of the first byte.
    #[must_use]
    pub fn address(&self) -> usize {
        self.start.addr().get()
    }

    /// The address after the last byte.
    #[must_use]
    pub fn end(&self) -> usize {
        self.address() + self.layout.size()
    }

    /// True if the address is a multiple of the alignment asked for.
    #[must_use]
    pub fn is_aligned(&self) -> bool {
        self.address().is_multiple_of(self.layout.align())
    }

    /// True if every byte is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.bytes()
            .chunks(ZEROS.len())
            .all(|bytes| *bytes == ZEROS[..bytes.len()])
    }

    /// Writes the pattern of `tag` over the whole block.
    pub fn fill(&mut self, tag: u64) {
        self.fill_from(tag, 0);
    }

    /// Writes the pattern of `tag` over the bytes from `first` on; those of the period that holds
    /// `first` are written whole.
    pub fn fill_from(&mut self, tag: u64, first: usize) {
        let size = self.layout.size();
        let pattern = pattern(tag, size);
        for at in (first - first % PERIOD..size).step_by(PERIOD) {
            let length = PERIOD.min(size - at);
            // SAFETY: `at < size`.
            let target = unsafe { self.start.as_ptr().add(at) };
            // SAFETY: `at + length <= size`, and the bytes are this block's own.
            unsafe { core::ptr::copy_nonoverlapping(pattern.as_ptr(), target, length) };
        }
    }

    /// The first byte among the first `length` that does not carry the pattern of `tag`.
    #[must_use]
    pub fn first_stray(&self, tag: u64, length: usize) -> Option<usize> {
        let pattern = pattern(tag, length);
        // Whole slices are compared first: that is fast, under an interpreter as well.
        let mut periods = self.bytes()[..length].chunks(PERIOD).enumerate();
        let (number, found) = periods.find(|(_, found)| **found != pattern[..found.len()])?;
        let within = found
            .iter()
            .zip(pattern)
            .position(|(&is, should)| is != should);
        within.map(|offset| number * PERIOD + offset)
    }

    /// The bytes. Call it only on a block that was filled or zeroed.
    fn bytes(&self) -> &[u8] {
        // SAFETY: the block is `size` bytes long and every caller reads only what was
        // written or promised to be zero; nobody else may write while we hold the block.
        unsafe { core::slice::from_raw_parts(self.start.as_ptr(), self.layout.size()) }
    }
}

/// One period of the contents of a block with `tag`, as much of it as `length` bytes show.
fn pattern(tag: u64, length: usize) -> [u8; PERIOD] {
    let mut bytes = [0; PERIOD];
    let shown = length.div_ceil(8);
    for (number, word) in bytes.chunks_exact_mut(8).enumerate().take(shown) {
        word.copy_from_slice(&mix(tag ^ (number as u64) << 56).to_ne_bytes());
    }
    bytes
}

/// A heap's surface without `unsafe`.
pub struct Door<'h, A> {
    heap: &'h A,
}

impl<A> Clone for Door<'_, A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for Door<'_, A> {}

impl<A> fmt::Debug for Door<'_, A> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Door({})", core::any::type_name::<A>())
    }
}

impl<'h, A: GlobalAlloc> Door<'h, A> {
    /// The door of `heap`.
    pub fn new(heap: &'h A) -> Self {
        Self { heap }
    }

    /// A block of `layout`, its bytes not to be read yet; `None` if the heap refuses.
    ///
    /// # Panics
    /// If `layout` has no size.
    #[must_use]
    pub fn take(&self, layout: Layout) -> Option<Block<A>> {
        assert!(layout.size() > 0, "a heap is never asked for nothing");
        // SAFETY: the size is not zero.
        let start = unsafe { self.heap.alloc(layout) };
        Self::own(start, layout)
    }

    /// A block of `layout` that should read zero; `None` if the heap refuses.
    ///
    /// # Panics
    /// If `layout` has no size.
    #[must_use]
    pub fn take_zeroed(&self, layout: Layout) -> Option<Block<A>> {
        assert!(layout.size() > 0, "a heap is never asked for nothing");
        // SAFETY: the size is not zero.
        let start = unsafe { self.heap.alloc_zeroed(layout) };
        Self::own(start, layout)
    }

    /// Gives `block` back.
    pub fn give(&self, block: Block<A>) {
        // SAFETY: an owned block of this heap, given away by value, with its own layout.
        unsafe { self.heap.dealloc(block.start.as_ptr(), block.layout) }
    }

    /// `block` with `new_size` bytes at the same alignment; the old one if the heap refuses.
    ///
    /// # Errors
    /// The untouched old block.
    ///
    /// # Panics
    /// If `new_size` is zero or too large for a layout.
    pub fn resize(&self, block: Block<A>, new_size: usize) -> Result<Block<A>, Block<A>> {
        let layout = Layout::from_size_align(new_size, block.layout.align());
        let layout = layout.expect("the tests ask for sizes that a layout can hold");
        assert!(new_size > 0, "a heap is never asked for nothing");
        // SAFETY: an owned block of this heap with its own layout; the new size is a valid one.
        let start = unsafe {
            self.heap
                .realloc(block.start.as_ptr(), block.layout, new_size)
        };
        Self::own(start, layout).ok_or(block)
    }

    fn own(start: *mut u8, layout: Layout) -> Option<Block<A>> {
        let start = NonNull::new(start)?;
        Some(Block {
            start,
            layout,
            heap: PhantomData,
        })
    }
}
