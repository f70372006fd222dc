//! Heaps that lie, each in one way, to prove that the judge bites.
//!
//! All of them cut blocks from one arena that is never reused and whose bytes start as garbage, so
//! that a lie costs no more than a wrong byte inside the arena. With [`Lie::Nothing`] the
//! same code is a correct heap: what the judge finds in the others is the lie and not the arena.

use core::alloc::{GlobalAlloc, Layout};
use core::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::verdict::{Counted, Counts};

/// The arena's size: room for some thousand small blocks.
const ARENA_BYTES: usize = if cfg!(miri) { 128 << 10 } else { 4 << 20 };

/// Every lie is told on each call whose number is a multiple of this.
const EVERY: u64 = 5;

/// What every byte of the arena holds at first.
const GARBAGE: u8 = 0xA5;

/// What is wrong with a heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Nothing: the control.
    Nothing,
    /// A block reaches into the one before it.
    Overlaps,
    /// The last block is handed out again while it is live.
    HandsOutTwice,
    /// Blocks are shorter than asked for.
    CutsShort,
    /// The alignment is forgotten.
    Misaligns,
    /// A resize copies half of the prefix.
    ForgetsOnResize,
    /// A resize copies from one byte further on.
    ShiftsOnResize,
    /// Zeroed memory is not.
    SkipsZeroing,
    /// Only the first word of zeroed memory is zero.
    ZeroesOneWord,
    /// A free writes a link into a block that is live.
    ScribblesOnFree,
    /// A free is not counted.
    MissesFrees,
    /// An allocation is counted twice.
    CountsTwice,
    /// A request is refused without need.
    Refuses,
}

impl Lie {
    /// All lies, the control not among them.
    pub const ALL: [Self; 12] = [
        Self::Overlaps,
        Self::HandsOutTwice,
        Self::CutsShort,
        Self::Misaligns,
        Self::ForgetsOnResize,
        Self::ShiftsOnResize,
        Self::SkipsZeroing,
        Self::ZeroesOneWord,
        Self::ScribblesOnFree,
        Self::MissesFrees,
        Self::CountsTwice,
        Self::Refuses,
    ];
}

/// A heap on an arena of its own.
#[derive(Debug)]
pub struct BrokenHeap {
    lie: Lie,
    arena: Mutex<Arena>,
}

#[derive(Debug)]
struct Arena {
    start: NonNull<u8>,
    used: usize,
    calls: u64,
    /// Offset of the block handed out last.
    last: usize,
    counts: Counts,
}

// SAFETY: the arena owns its memory, and the pointer is used under the mutex or, as a block, by
// the block's owner.
unsafe impl Send for Arena {}

impl BrokenHeap {
    /// A heap that tells `lie`.
    #[must_use]
    pub fn new(lie: Lie) -> Self {
        let memory = vec![GARBAGE; ARENA_BYTES].into_boxed_slice();
        let start = NonNull::from(Box::leak(memory)).cast();
        let arena = Arena {
            start,
            used: 0,
            calls: 0,
            last: 0,
            counts: Counts::default(),
        };
        Self {
            lie,
            arena: Mutex::new(arena),
        }
    }

    fn arena(&self) -> MutexGuard<'_, Arena> {
        self.arena.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for BrokenHeap {
    fn drop(&mut self) {
        let whole = core::ptr::slice_from_raw_parts_mut(self.arena().start.as_ptr(), ARENA_BYTES);
        // SAFETY: the arena is a leaked box of this length; with the heap gone nobody may use a
        // block of it.
        drop(unsafe { Box::from_raw(whole) });
    }
}

impl Arena {
    /// True when a lie is due.
    fn is_due(&mut self) -> bool {
        self.calls += 1;
        self.calls.is_multiple_of(EVERY)
    }

    /// Cuts a block, with the lies that concern its place.
    fn cut(&mut self, layout: Layout, lie: Lie) -> *mut u8 {
        let due = self.is_due();
        if due && lie == Lie::Refuses {
            return core::ptr::null_mut();
        }
        let base = self.start.addr().get();
        let honest = (base + self.used).next_multiple_of(layout.align()) - base;
        let offset = match lie {
            Lie::Overlaps if due => honest.saturating_sub(layout.align().max(8)),
            Lie::HandsOutTwice if due && (base + self.last).is_multiple_of(layout.align()) => {
                self.last
            }
            Lie::Misaligns if due && layout.align() > 1 => honest + layout.align() / 2,
            _ => honest,
        };
        let length = if due && lie == Lie::CutsShort {
            layout.size() / 2
        } else {
            layout.size()
        };
        assert!(
            offset + layout.size() <= ARENA_BYTES,
            "the arena holds the whole play"
        );
        self.used = self.used.max(offset + length);
        self.last = offset;
        self.counts.allocations += if due && lie == Lie::CountsTwice { 2 } else { 1 };
        self.counts.live += 1;
        // SAFETY: asserted above: the offset lies within the arena.
        unsafe { self.start.as_ptr().add(offset) }
    }

    fn take_back(&mut self, lie: Lie) {
        let due = self.is_due();
        if due && lie == Lie::ScribblesOnFree {
            // SAFETY: the offset was handed out, so eight bytes from it lie within the arena or
            // just before its end, which `cut` never reaches in these plays.
            let victim = unsafe { self.start.as_ptr().add(self.last) };
            // SAFETY: as above; a plain write, which the victim's owner will notice: the lie.
            unsafe { victim.cast::<u64>().write_unaligned(0xDEAD_BEEF) };
        }
        if !(due && lie == Lie::MissesFrees) {
            self.counts.frees += 1;
            self.counts.live -= 1;
        }
    }
}

// SAFETY: it is not a correct allocator, that is its purpose; but every pointer it returns lies in
// the arena with at least the size asked for before the arena's end.
unsafe impl GlobalAlloc for BrokenHeap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        self.arena().cut(layout, self.lie)
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {
        self.arena().take_back(self.lie);
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let start = self.arena().cut(layout, self.lie);
        let length = match self.lie {
            Lie::SkipsZeroing => 0,
            Lie::ZeroesOneWord => layout.size().min(8),
            _ => layout.size(),
        };
        if !start.is_null() {
            // SAFETY: `cut` returned this many bytes of the arena.
            unsafe { start.write_bytes(0, length) };
        }
        start
    }

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let Ok(new_layout) = Layout::from_size_align(new_size, layout.align()) else {
            return core::ptr::null_mut();
        };
        let new = self.arena().cut(new_layout, self.lie);
        if new.is_null() {
            return new;
        }
        let kept = layout.size().min(new_size);
        let (from, length) = match self.lie {
            Lie::ForgetsOnResize => (0, kept / 2),
            Lie::ShiftsOnResize => (1, kept - 1),
            _ => (0, kept),
        };
        // SAFETY: `from` is at most one, and a block has at least one byte.
        let source = unsafe { old.add(from) };
        // SAFETY: both ranges lie in the arena; a lie may make them overlap, which `copy` allows.
        unsafe { core::ptr::copy(source, new, length) };
        self.arena().take_back(self.lie);
        new
    }
}

impl Counted for BrokenHeap {
    fn counts(&self) -> Counts {
        self.arena().counts
    }
}
