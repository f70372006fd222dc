//! One interface to the rivals, so that all of them run the same structures, monomorphised and inlined to their own calls.
//!
//! There is one type of node, of 64 bytes, every word of which is written when it is made. Each rival wraps it in a type of
//! its own, because the links inside are the rival's own atomic pointers.
//!
//! # Invariants
//! - `RIV-1`: a pointer that is not null was made by [`Reclaim::alloc`] or loaded under a guard from a link that is reachable;
//!   the node is not freed while that guard lives. Made by `load` and `swap`, kept by `RIV-2`; used by [`Reclaim::body`].
//! - `RIV-2`: a node is retired once, by the thread that made it unreachable, when no link that a new reader can come to leads
//!   to it and none will. Kept by the structures; used by [`Reclaim::retire`].
//! - `RIV-3`: a node that is freed at once was never published, or nobody else has the structure any more. Kept by the
//!   structures; used by [`Reclaim::free`].

use core::fmt::Debug;
use core::sync::atomic::AtomicU64;

/// Links of a node: as many levels as a skip list may have.
pub const LEVELS: usize = 5;

/// What a node consists of, with `L` for its links.
#[derive(Debug)]
#[repr(C)]
pub struct Body<L> {
    /// What ordered structures order by.
    pub key: u64,
    /// What the node carries.
    pub value: u64,
    /// The height of a tower and what is to be done with it; 0 elsewhere.
    pub state: AtomicU64,
    /// Where the node leads; structures with one link use the first.
    pub links: [L; LEVELS],
}

const _: () = assert!(size_of::<Body<usize>>() == 64);

impl<L: Default> Body<L> {
    /// A node that leads nowhere. Every word of it is written.
    #[inline(always)]
    pub fn new(key: u64, value: u64, state: u64) -> Self {
        Self {
            key,
            value,
            state: AtomicU64::new(state),
            links: Default::default(),
        }
    }
}

/// A way to reclaim nodes. A value of it is what a structure owns: nothing, where the rival has one domain for all.
///
/// Orderings are those of a careful user: a load is `Acquire`, a store `Release`, an exchange `AcqRel`, or what the rival
/// asks for instead. (All are the same instructions on x86-64.)
pub trait Reclaim: Debug + Default + Send + Sync + 'static {
    /// While it lives, nothing loaded under it is freed.
    type Guard<'r>;
    /// An atomic pointer to a node with room for a tag. Its default is null.
    type Link: Debug + Default + Send + Sync + 'static;
    /// A pointer with its tag. Two are equal if both are.
    type Pointer<'g>: Copy + PartialEq;

    /// Pins the thread.
    fn pin(&self) -> Self::Guard<'_>;
    /// A pointer to nothing.
    fn null<'g>() -> Self::Pointer<'g>;
    /// A node of its own.
    fn alloc<'g>(body: Body<Self::Link>, guard: &'g Self::Guard<'_>) -> Self::Pointer<'g>;
    /// Reads a link.
    fn load<'g>(link: &Self::Link, guard: &'g Self::Guard<'_>) -> Self::Pointer<'g>;
    /// Writes a link.
    fn store(link: &Self::Link, new: Self::Pointer<'_>);
    /// Writes a link and returns what was there.
    fn swap<'g>(
        link: &Self::Link,
        new: Self::Pointer<'_>,
        guard: &'g Self::Guard<'_>,
    ) -> Self::Pointer<'g>;
    /// Writes a link if it is `current`, tag included. Returns whether it was.
    fn cas<'g>(
        link: &Self::Link,
        current: Self::Pointer<'g>,
        new: Self::Pointer<'g>,
        guard: &'g Self::Guard<'_>,
    ) -> bool;
    /// The tag: 0 or 1.
    fn tag(pointer: Self::Pointer<'_>) -> usize;
    /// The same pointer with another tag.
    fn with_tag<'g>(pointer: Self::Pointer<'g>, tag: usize) -> Self::Pointer<'g>;
    /// The node, if there is one. The tag does not matter.
    ///
    /// # Safety
    /// RIV-1.
    unsafe fn body<'g>(pointer: Self::Pointer<'g>) -> Option<&'g Body<Self::Link>>;
    /// Frees a node when nobody can hold it any more. The tag is 0.
    ///
    /// # Safety
    /// RIV-2, and the pointer is not null.
    unsafe fn retire(pointer: Self::Pointer<'_>, guard: &Self::Guard<'_>);
    /// What the rival needs after many retirements under one guard, so that it keeps up with them.
    #[inline(always)]
    fn keep_up(_guard: &Self::Guard<'_>) {}
    /// Frees a node at once. The tag is 0.
    ///
    /// # Safety
    /// RIV-3, and the pointer is not null.
    unsafe fn free(pointer: Self::Pointer<'_>);
}
