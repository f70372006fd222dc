//! The magazine: a small stack of free blocks for one thread and one pool. The whole fast path.
//!
//! ```text
//! word   [ allocations : 48 | length : 16 ]      pop adds 0xFFFF: one more, one less; push adds 1
//! slots  [ oldest ................ newest ]      addresses of free blocks, in the engine's memory
//! ```
//!
//! One load gives length and statistics, one store writes both back, so exact counters cost one
//! addition. Blocks are never touched here: not when freed (a retired reader may still look, and a
//! `Box` argument is still protected in Rust's aliasing models), not when handed out.
//!
//! The push limit is 0 until the thread has registered and again after it was torn down, and the
//! length is 0 then too: one comparison on each side covers empty or full, unregistered and dead,
//! and the thread-local image is all zero.
//!
//! `floor` is the lowest length since the last slow path. It is what makes the peak of live blocks
//! exact (live is what was refilled, less what was flushed, less the length), and it adds no
//! instruction in the steady state: the comparison against it replaces the one against zero.
//!
//! # Invariants
//! - `MAG-1`: `slots[..length]` are initialised, each a free block of the pool that this magazine
//!   alone holds. Made by refills and `push`; ended by `pop` and flushes.
//! - `MAG-2`: `length <= limit <=` the capacity of `slots`; `floor <= length`.
//! - `MAG-3`: only the owning thread calls anything but `read`; there is no re-entrance, as nothing
//!   here calls out.
//! - `MAG-4`: an empty assembly block returns the pointer it was given.
//!
//! # Concurrency
//! Everything is written by the owning thread, relaxed; a snapshot reads `word` and `floor`.
//!
//! # Not here
//! Where blocks come from and go to: a dry or full magazine returns that fact.

use crate::block::Block;
use crate::sync::{AtomicPtr, AtomicU16, AtomicU64, Ordering::Relaxed};
use core::ptr::NonNull;

/// What pop adds to the word: one to the allocations, minus one to the length.
const POP: u64 = 0xFFFF;
/// What push adds to the word.
const PUSH: u64 = 1;
/// Where the allocations start.
pub(crate) const COUNT_SHIFT: u32 = 16;

/// A thread's stack of free blocks of one pool. Thread-local, zero until first used.
#[derive(Debug)]
#[repr(C)]
pub struct Magazine {
    word: AtomicU64,
    slots: AtomicPtr<Block>,
    floor: AtomicU16,
    limit: AtomicU16,
    /// What the thread retires to, of this memory; of no meaning here.
    pub(crate) side: AtomicPtr<()>,
}

/// What a magazine holds and has done, read at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) allocations: u64,
    pub(crate) length: usize,
    pub(crate) floor: usize,
}

impl Default for Magazine {
    fn default() -> Self {
        Self::new()
    }
}

impl Magazine {
    /// An unregistered magazine.
    pub const fn new() -> Self {
        Self {
            word: AtomicU64::new(0),
            slots: AtomicPtr::new(core::ptr::null_mut()),
            floor: AtomicU16::new(0),
            limit: AtomicU16::new(0),
            side: AtomicPtr::new(core::ptr::null_mut()),
        }
    }

    /// The same magazine, by an address that is in a register.
    ///
    /// A thread-local at a constant distance is otherwise addressed through the segment register
    /// alone, and then the processor does not forward a store to the next load of the same place
    /// within a cycle, as it does for an address with a base register (seen on Zen 4: a pop and a
    /// push in a row take 1.1 ns instead of 2.4; ADR 0002).
    #[inline(always)]
    #[allow(clippy::pointers_in_nomem_asm_block)]
    fn by_register(&self) -> &Self {
        #[cfg(all(target_arch = "x86_64", not(any(miri, loom))))]
        {
            let mut place: *const Self = self;
            // SAFETY: MAG-4; the template is a comment, so nothing is executed.
            unsafe {
                core::arch::asm!(
                    "# {0}",
                    inout(reg) place,
                    options(pure, nomem, nostack, preserves_flags)
                );
            };
            // SAFETY: MAG-4; the pointer is the one of `self`.
            unsafe { &*place }
        }
        #[cfg(not(all(target_arch = "x86_64", not(any(miri, loom)))))]
        {
            self
        }
    }

    /// Takes the newest block, or `None` if the magazine is empty, unregistered or dead.
    #[inline(always)]
    pub(crate) fn pop(&self) -> Option<Block> {
        let this = self.by_register();
        let word = this.word.load(Relaxed);
        let length = word as u16;
        if length <= this.floor.load(Relaxed) {
            if length == 0 {
                return None;
            }
            this.floor.store(length - 1, Relaxed);
        }
        let slots = this.slots.load(Relaxed);
        // SAFETY: MAG-1, MAG-2; the length is not 0, so the slot below it is within the array.
        let slot = unsafe { slots.add(length as usize - 1) };
        // SAFETY: MAG-1; initialised, and the word stored next forgets it, so the block moves out.
        let block = unsafe { slot.read() };
        this.word.store(word.wrapping_add(POP), Relaxed);
        Some(block)
    }

    /// Puts a block on top, or gives it back if the magazine is full, unregistered or dead.
    #[inline(always)]
    pub(crate) fn push(&self, block: Block) -> Result<(), Block> {
        let this = self.by_register();
        let word = this.word.load(Relaxed);
        let length = word as u16;
        if length >= this.limit.load(Relaxed) {
            return Err(block);
        }
        let slots = this.slots.load(Relaxed);
        // SAFETY: MAG-2; the length is below the limit, so the slot is within the array.
        let slot = unsafe { slots.add(length as usize) };
        // SAFETY: MAG-1, MAG-3; the slot is ours and free.
        unsafe { slot.write(block) };
        this.word.store(word.wrapping_add(PUSH), Relaxed);
        Ok(())
    }

    /// Puts as many of `count` blocks on top as there is room for; returns how many.
    ///
    /// # Safety
    /// `blocks[..count]` are initialised free blocks of the pool; those that were put have moved.
    pub(crate) unsafe fn push_many(&self, blocks: *const Block, count: usize) -> usize {
        let word = self.word.load(Relaxed);
        let length = word as u16;
        let room = self.limit.load(Relaxed).saturating_sub(length);
        let put = count.min(usize::from(room));
        if put > 0 {
            // SAFETY: MAG-2; the length is below the limit, so the slot is within the array.
            let place = unsafe { self.slots.load(Relaxed).add(usize::from(length)) };
            // SAFETY: MAG-1, MAG-3; as many slots from there on are ours and free.
            unsafe { place.copy_from_nonoverlapping(blocks, put) };
            self.word.store(word.wrapping_add(put as u64), Relaxed);
        }
        put
    }

    /// Whether this thread has registered it and has not been torn down.
    #[inline]
    pub(crate) fn is_registered(&self) -> bool {
        self.limit.load(Relaxed) != 0
    }

    /// The slots, null when unregistered.
    pub(crate) fn slots(&self) -> *mut Block {
        self.slots.load(Relaxed)
    }

    /// What a snapshot may see; the owner sees it exactly.
    pub(crate) fn read(&self) -> Reading {
        let word = self.word.load(Relaxed);
        Reading {
            allocations: word >> COUNT_SHIFT,
            length: usize::from(word as u16),
            floor: usize::from(self.floor.load(Relaxed)),
        }
    }

    /// Gives the magazine its slots. It holds no blocks.
    pub(crate) fn open(&self, slots: NonNull<Block>, capacity: usize) {
        debug_assert!(!self.is_registered() && self.read().length == 0);
        self.slots.store(slots.as_ptr(), Relaxed);
        self.limit.store(capacity as u16, Relaxed);
    }

    /// Takes the slots and the count away; the blocks must have been moved out before.
    pub(crate) fn close(&self) {
        self.limit.store(0, Relaxed);
        self.floor.store(0, Relaxed);
        self.word.store(0, Relaxed);
        self.slots.store(core::ptr::null_mut(), Relaxed);
    }

    /// Sets the length after slots were filled or emptied, and starts a new window for `floor`.
    pub(crate) fn set_length(&self, length: usize) {
        let counted = self.word.load(Relaxed) >> COUNT_SHIFT << COUNT_SHIFT;
        self.word.store(counted | length as u64, Relaxed);
        self.floor.store(length as u16, Relaxed);
    }

    /// Takes the count of allocations away and returns it; the length stays.
    pub(crate) fn take_allocations(&self) -> u64 {
        let word = self.word.load(Relaxed);
        self.word.store(u64::from(word as u16), Relaxed);
        word >> COUNT_SHIFT
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn a_stack_that_counts() {
        let mut memory = [0_u8; 64];
        let base = NonNull::from(&mut memory).cast::<u8>();
        let mut slots: Vec<core::mem::MaybeUninit<Block>> =
            (0..4).map(|_| core::mem::MaybeUninit::uninit()).collect();
        let magazine = Magazine::new();
        assert!(magazine.pop().is_none());
        assert!(magazine.push(Block(base)).is_err(), "unregistered");
        let place = NonNull::new(slots.as_mut_ptr().cast::<Block>()).expect("a vector's memory");
        magazine.open(place, 4);
        // SAFETY: MAG-1; addresses within `memory`, used as numbers only.
        let block = |n: usize| Block(unsafe { base.add(n) });
        for n in 0..4 {
            assert!(magazine.push(block(n)).is_ok());
        }
        assert!(magazine.push(block(4)).is_err(), "full");
        magazine.set_length(4);
        for n in (1..4).rev() {
            assert_eq!(magazine.pop().map(|b| b.0), Some(block(n).0));
        }
        assert_eq!(
            magazine.read(),
            Reading {
                allocations: 3,
                length: 1,
                floor: 1
            }
        );
        assert!(magazine.push(block(1)).is_ok());
        assert_eq!(
            magazine.read().floor,
            1,
            "the lowest since the window began"
        );
        assert_eq!(magazine.take_allocations(), 3);
        assert!(magazine.pop().is_some() && magazine.pop().is_some() && magazine.pop().is_none());
        assert_eq!(
            magazine.read(),
            Reading {
                allocations: 2,
                length: 0,
                floor: 0
            }
        );
        magazine.close();
        assert!(magazine.push(block(0)).is_err(), "dead");
    }
}
