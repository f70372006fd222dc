//! The layout of a fixed pool: where a block, its link and the core lie, and the ways between them.
//!
//! ```text
//! StaticPool   | core: list, hands | slot 0 | slot 1 | .. | slot N - 1 |
//! slot         | value | link | up to the next multiple of the alignment
//! ```
//!
//! From the pool to a block with a number it is base + number * stride, and back likewise, with the number that the block's own
//! link tells. A block with a home has the distance to that cell in its link (where words are wide), and the cell has it too, so
//! that neither way multiplies: the chain of loads from one exchange to the next is what a pair costs. `N` is in none of them.
//!
//! # Invariants
//! - `STP-1`: the slots begin at `SLOTS_AT` from the pool's start and are `STRIDE` apart, whatever `N` is. Made by `repr(C)`;
//!   checked by the const assertion in `StaticPool::new`.
//! - `STP-2`: a block's pointer derives from the pool's own, without a reference to the slot or the value between, so it may be
//!   used for the whole pool.

use crate::fixed::{NativeCore, NativeWord};
use core::cell::UnsafeCell;
use core::mem::{MaybeUninit, offset_of};
use core::ptr::NonNull;

/// An alignment that blocks can have, as a type.
#[derive(Debug)]
pub struct Alignment<const BYTES: usize>;

/// The alignments that blocks can have: the powers of two from 1 to 4096.
#[diagnostic::on_unimplemented(
    message = "the blocks of a `StaticPool` cannot have this alignment",
    label = "not a power of two from 1 to 4096",
    note = "`ALIGN` is the least alignment of each block in bytes: 1 leaves the type's own, 64 or 128 gives each block cache \
            lines of its own"
)]
pub trait BlockAlignment: sealed::Marked {}

mod sealed {
    /// A type without bytes that has the alignment.
    pub trait Marked {
        type Marker: Copy;
    }
}

macro_rules! alignments {
    ($($name:ident $bytes:literal)*) => {$(
        #[derive(Clone, Copy, Debug)]
        #[repr(align($bytes))]
        pub struct $name;
        impl sealed::Marked for Alignment<$bytes> {
            type Marker = $name;
        }
        impl BlockAlignment for Alignment<$bytes> {}
    )*};
}

mod markers {
    use super::{Alignment, BlockAlignment, sealed};

    alignments! {
        To1 1 To2 2 To4 4 To8 8 To16 16 To32 32 To64 64 To128 128 To256 256 To512 512 To1024 1024 To2048 2048 To4096 4096
    }
}

/// A block: room for a value, and its link behind it.
#[repr(C)]
pub(super) struct Slot<T, const ALIGN: usize>
where
    Alignment<ALIGN>: BlockAlignment,
{
    aligned: [<Alignment<ALIGN> as sealed::Marked>::Marker; 0],
    value: UnsafeCell<MaybeUninit<T>>,
    pub(super) link: NativeWord,
}

impl<T, const ALIGN: usize> Slot<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    pub(super) const STRIDE: usize = size_of::<Self>();
    pub(super) const SLOTS_AT: usize = size_of::<NativeCore>().next_multiple_of(align_of::<Self>());
    const _VALUE_FIRST: () = assert!(offset_of!(Self, value) == 0);

    /// The block with a number.
    ///
    /// # Safety
    /// `pool` is a pool of these slots, with more than `number` of them.
    #[inline(always)]
    pub(super) unsafe fn block(pool: NonNull<u8>, number: usize) -> NonNull<T> {
        const { Self::_VALUE_FIRST };
        // SAFETY: STP-1; within the pool.
        unsafe { pool.byte_add(Self::SLOTS_AT + number * Self::STRIDE) }.cast()
    }

    /// The pool that a block with a number is in.
    ///
    /// # Safety
    /// `block` is that block of a pool of these slots, and may be used for all of it.
    #[inline(always)]
    unsafe fn pool(block: NonNull<T>, number: usize) -> NonNull<u8> {
        // SAFETY: STP-1, STP-2; the pool's start.
        unsafe { block.byte_sub(Self::SLOTS_AT + number * Self::STRIDE) }.cast()
    }

    /// The link of a block.
    ///
    /// # Safety
    /// `block` is one of a pool of these slots, and may be used for all of it.
    #[inline(always)]
    pub(super) unsafe fn link<'a>(block: NonNull<T>) -> &'a NativeWord {
        // SAFETY: STP-1, STP-2; a slot begins with its value.
        let link = unsafe { block.byte_add(offset_of!(Self, link)) };
        // SAFETY: STP-1, STP-2; links are there as long as the pool, which is for ever.
        unsafe { link.cast().as_ref() }
    }

    /// Gives a block back to the pool it is in.
    ///
    /// # Safety
    /// `block` was taken from a pool of these slots, may still be used for all of it, holds no value any more, and nobody uses it
    /// again.
    #[inline(always)]
    pub(super) unsafe fn give(block: NonNull<T>) {
        // SAFETY: STP-2; passed on to the caller.
        let link = unsafe { Self::link(block) };
        let read = NativeCore::read(link);
        match NativeCore::home(read) {
            Some(place) => {
                // SAFETY: STP-2, FIX-3; passed on to the caller, and a block that is out has its home's place in its link.
                let cell = unsafe { Self::home(block, place) };
                NativeCore::give_home(cell, read);
            }
            None => {
                // SAFETY: STP-2; passed on to the caller, and a block that is out and has no home has its number in its link.
                let core = unsafe { Self::core(block, read as usize) };
                core.give_loose(read as usize, link);
            }
        }
    }

    /// The core of the pool that a block with a number is in.
    ///
    /// # Safety
    /// `block` is that block of a pool of these slots, and may be used for all of it.
    #[inline(always)]
    unsafe fn core<'a>(block: NonNull<T>, number: usize) -> &'a NativeCore {
        // SAFETY: STP-2; passed on to the caller.
        let pool = unsafe { Self::pool(block, number) };
        // SAFETY: STP-1, STP-2; the core is first, and there as long as the pool, which is for ever.
        unsafe { pool.cast().as_ref() }
    }
}

/// Places in wide words: the distance from a cell to a block.
#[cfg(all(target_has_atomic = "64", not(sydra_narrow)))]
impl<T, const ALIGN: usize> Slot<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    /// What a place is counted in: the alignment that cells and slots have in common.
    const UNIT: usize = align_of::<NativeWord>();
    /// Bytes of a pool, at most: a place has 32 bits.
    pub(super) const MOST_BYTES: usize = match Self::UNIT.checked_shl(32) {
        Some(bytes) => bytes,
        // Addresses of 32 bits, and atomics of 64: no pool is larger than that.
        None => isize::MAX as usize,
    };

    #[inline(always)]
    pub(super) fn place(_pool: NonNull<u8>, block: NonNull<T>, cell: &NativeWord) -> u64 {
        let from = core::ptr::from_ref(cell).addr();
        ((block.addr().get() - from) / Self::UNIT) as u64
    }

    /// # Safety
    /// `place` came from `place` of the same cell, for a block of this pool.
    #[inline(always)]
    pub(super) unsafe fn at(pool: NonNull<u8>, cell: &NativeWord, place: u64) -> NonNull<T> {
        let from = core::ptr::from_ref(cell).addr() - pool.addr().get();
        // SAFETY: STP-1, STP-2; a block of this pool, by its pointer.
        unsafe { pool.byte_add(from + place as usize * Self::UNIT) }.cast()
    }

    /// The cell that is a block's home.
    ///
    /// # Safety
    /// `block` is one of a pool of these slots, may be used for all of it, and `place` is in its link.
    #[inline(always)]
    unsafe fn home<'a>(block: NonNull<T>, place: u64) -> &'a NativeWord {
        // SAFETY: STP-2; the way that `place` measured, back.
        let cell = unsafe { block.byte_sub(place as usize * Self::UNIT) };
        // SAFETY: STP-1, STP-2; cells are there as long as the pool, which is for ever.
        unsafe { cell.cast().as_ref() }
    }
}

/// Places in narrow words: the block's number and 1. There is one cell.
#[cfg(any(not(target_has_atomic = "64"), sydra_narrow))]
impl<T, const ALIGN: usize> Slot<T, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    /// Bytes of a pool, at most.
    pub(super) const MOST_BYTES: usize = isize::MAX as usize;

    #[inline(always)]
    pub(super) fn place(pool: NonNull<u8>, block: NonNull<T>, _cell: &NativeWord) -> u64 {
        let from = pool.addr().get() + Self::SLOTS_AT;
        ((block.addr().get() - from) / Self::STRIDE + 1) as u64
    }

    /// # Safety
    /// `place` came from `place`, for a block of this pool.
    #[inline(always)]
    pub(super) unsafe fn at(pool: NonNull<u8>, _cell: &NativeWord, place: u64) -> NonNull<T> {
        // SAFETY: STP-1; passed on to the caller.
        unsafe { Self::block(pool, place as usize - 1) }
    }

    /// The cell that is a block's home.
    ///
    /// # Safety
    /// `block` is one of a pool of these slots, may be used for all of it, and `place` is in its link.
    #[inline(always)]
    unsafe fn home<'a>(block: NonNull<T>, place: u64) -> &'a NativeWord {
        // SAFETY: STP-2; passed on to the caller.
        unsafe { Self::core(block, place as usize - 1) }.only_cell()
    }
}
