//! Where entries live and how they are reclaimed: what the contestants differ in.
//!
//! An **entry** is what one write makes: a node of 64 bytes that owns a header of 48 and a record of 200. Whoever drops the
//! node drops the other two. All three carry the same number, so a reader sees at once if one of them was freed under it.
//!
//! # Invariants
//! - `ING-1`: a pointer that is not null was made by [`Memory::make`] or loaded under a guard from a slot of an index that
//!   lives; its entry is not freed while that guard lives. Kept by `ING-2`; used by [`Memory::entry`].
//! - `ING-2`: an entry is retired once, by the thread whose exchange took it out of the only slot that led to it. Kept by
//!   `Index::replace`; used by [`Memory::retire`].
//! - `ING-3`: an entry that is freed at once is one that nobody else can come to, because the index is being dropped. Kept by
//!   `Index::drop`; used by [`Memory::free`].

use core::fmt::Debug;
use core::ops::Deref;
use core::sync::atomic::Ordering;

use crossbeam_epoch as crossbeam;

use super::tally;
use crate::lab::hot::{Header, Item, Record};

/// The bytes of an entry, as they were asked for.
pub(in crate::lab::loads) const ENTRY_BYTES: usize = 64 + 48 + 200;

/// A node. `H` and `R` own its header and its record.
#[derive(Debug)]
#[repr(C)]
pub struct Entry<H, R> {
    key: u64,
    stamp: u64,
    at: i64,
    value: f64,
    header: H,
    record: R,
    labels: [u64; 2],
}

impl<H: Deref<Target: Item>, R: Deref<Target: Item>> Entry<H, R> {
    /// An entry every word of which is written.
    #[inline(always)]
    pub(super) fn new(key: u64, stamp: u64, header: H, record: R) -> Self {
        Self {
            key,
            stamp,
            at: stamp as i64,
            value: f64::from_bits(stamp),
            header,
            record,
            labels: [stamp; 2],
        }
    }

    /// Whether this is an entry of `key` and its three parts were made together.
    #[inline(always)]
    pub(super) fn is_whole(&self, key: u64) -> bool {
        self.key == key && self.header.stamp() == self.stamp && self.record.stamp() == self.stamp
    }
}

impl<H, R> Drop for Entry<H, R> {
    #[inline(always)]
    fn drop(&mut self) {
        tally::dropped();
    }
}

/// A home for entries with the reclaimer that goes with it.
///
/// Loads are `Acquire`, an exchange is `AcqRel`, as a careful user writes them.
pub trait Memory: Debug + Sized + 'static {
    /// While it lives, nothing loaded under it is freed.
    type Guard;
    /// A place for an entry. Its default is empty.
    type Slot: Debug + Default + Send + Sync;
    /// An entry or nothing.
    type Pointer<'g>: Copy;
    /// An entry.
    type Node: Whole;

    /// Pins the thread.
    fn pin() -> Self::Guard;
    /// Makes an entry: three allocations.
    fn make<'g>(key: u64, stamp: u64, guard: &'g Self::Guard) -> Self::Pointer<'g>;
    /// A pointer to nothing.
    fn null<'g>() -> Self::Pointer<'g>;
    /// Whether it leads nowhere.
    fn is_null(pointer: Self::Pointer<'_>) -> bool;
    /// Reads a slot.
    fn load<'g>(slot: &Self::Slot, guard: &'g Self::Guard) -> Self::Pointer<'g>;
    /// Writes a slot and returns what was there.
    fn swap<'g>(
        slot: &Self::Slot,
        new: Self::Pointer<'_>,
        guard: &'g Self::Guard,
    ) -> Self::Pointer<'g>;
    /// The entry, if there is one.
    ///
    /// # Safety
    /// ING-1.
    unsafe fn entry<'g>(pointer: Self::Pointer<'g>) -> Option<&'g Self::Node>;
    /// Frees an entry when nobody can hold it any more.
    ///
    /// # Safety
    /// ING-2, and the pointer is not null.
    unsafe fn retire(pointer: Self::Pointer<'_>, guard: &Self::Guard);
    /// Frees an entry at once.
    ///
    /// # Safety
    /// ING-3, and the pointer is not null.
    unsafe fn free(pointer: Self::Pointer<'_>);
    /// What the reclaimer offers to those who want to see everything freed that can be.
    fn collect();
}

/// Can tell whether it is what it was.
pub trait Whole {
    /// Whether this is an entry of `key` and its three parts were made together.
    fn is_whole(&self, key: u64) -> bool;
}

/// `Box` on the global allocator, and crossbeam-epoch, which allocates there too.
#[derive(Debug)]
pub struct Boxes;

/// A node in a `Box`.
pub type BoxNode = Entry<Box<Header>, Box<Record>>;

const _: () = assert!(size_of::<BoxNode>() == 64);

impl Whole for BoxNode {
    #[inline(always)]
    fn is_whole(&self, key: u64) -> bool {
        Entry::is_whole(self, key)
    }
}

impl Memory for Boxes {
    type Guard = crossbeam::Guard;
    type Slot = crossbeam::Atomic<BoxNode>;
    type Pointer<'g> = crossbeam::Shared<'g, BoxNode>;
    type Node = BoxNode;

    #[inline(always)]
    fn pin() -> Self::Guard {
        crossbeam::pin()
    }

    #[inline(always)]
    fn make<'g>(key: u64, stamp: u64, guard: &'g Self::Guard) -> Self::Pointer<'g> {
        let header = Box::new(Header::new(stamp));
        let record = Box::new(Record::new(stamp));
        crossbeam::Owned::new(Entry::new(key, stamp, header, record)).into_shared(guard)
    }

    #[inline(always)]
    fn null<'g>() -> Self::Pointer<'g> {
        crossbeam::Shared::null()
    }

    #[inline(always)]
    fn is_null(pointer: Self::Pointer<'_>) -> bool {
        pointer.is_null()
    }

    #[inline(always)]
    fn load<'g>(slot: &Self::Slot, guard: &'g Self::Guard) -> Self::Pointer<'g> {
        slot.load(Ordering::Acquire, guard)
    }

    #[inline(always)]
    fn swap<'g>(
        slot: &Self::Slot,
        new: Self::Pointer<'_>,
        guard: &'g Self::Guard,
    ) -> Self::Pointer<'g> {
        slot.swap(new, Ordering::AcqRel, guard)
    }

    #[inline(always)]
    unsafe fn entry<'g>(pointer: Self::Pointer<'g>) -> Option<&'g BoxNode> {
        // SAFETY: ING-1.
        unsafe { pointer.as_ref() }
    }

    #[inline(always)]
    unsafe fn retire(pointer: Self::Pointer<'_>, guard: &Self::Guard) {
        tally::retired();
        // SAFETY: ING-2.
        unsafe { guard.defer_destroy(pointer) };
    }

    #[inline(always)]
    unsafe fn free(pointer: Self::Pointer<'_>) {
        // SAFETY: ING-3.
        drop(unsafe { pointer.into_owned() });
    }

    fn collect() {
        crossbeam::pin().flush();
    }
}
