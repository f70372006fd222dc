//! crossbeam-epoch: the default collector, pinned as its users pin it.

use core::sync::atomic::Ordering;

use crossbeam_epoch::{Atomic, Guard, Owned, Shared};

use super::reclaim::{Body, Reclaim};

/// The collector that all of the process shares.
#[derive(Debug, Default)]
pub struct Crossbeam;

/// A node with crossbeam's links.
#[derive(Debug)]
pub struct Node(Body<Link>);

/// A link, which is null by default.
pub type Link = Atomic<Node>;

impl Reclaim for Crossbeam {
    type Guard<'r> = Guard;
    type Link = Link;
    type Pointer<'g> = Shared<'g, Node>;

    #[inline(always)]
    fn pin(&self) -> Guard {
        crossbeam_epoch::pin()
    }

    #[inline(always)]
    fn null<'g>() -> Shared<'g, Node> {
        Shared::null()
    }

    #[inline(always)]
    fn alloc<'g>(body: Body<Link>, guard: &'g Guard) -> Shared<'g, Node> {
        Owned::new(Node(body)).into_shared(guard)
    }

    #[inline(always)]
    fn load<'g>(link: &Link, guard: &'g Guard) -> Shared<'g, Node> {
        link.load(Ordering::Acquire, guard)
    }

    #[inline(always)]
    fn store(link: &Link, new: Shared<'_, Node>) {
        link.store(new, Ordering::Release);
    }

    #[inline(always)]
    fn swap<'g>(link: &Link, new: Shared<'_, Node>, guard: &'g Guard) -> Shared<'g, Node> {
        link.swap(new, Ordering::AcqRel, guard)
    }

    #[inline(always)]
    fn cas<'g>(
        link: &Link,
        current: Shared<'g, Node>,
        new: Shared<'g, Node>,
        guard: &'g Guard,
    ) -> bool {
        link.compare_exchange(current, new, Ordering::AcqRel, Ordering::Acquire, guard)
            .is_ok()
    }

    #[inline(always)]
    fn tag(pointer: Shared<'_, Node>) -> usize {
        pointer.tag()
    }

    #[inline(always)]
    fn with_tag<'g>(pointer: Self::Pointer<'g>, tag: usize) -> Self::Pointer<'g> {
        pointer.with_tag(tag)
    }

    #[inline(always)]
    unsafe fn body<'g>(pointer: Self::Pointer<'g>) -> Option<&'g Body<Link>> {
        // SAFETY: RIV-1.
        unsafe { pointer.as_ref() }.map(|node| &node.0)
    }

    #[inline(always)]
    unsafe fn retire(pointer: Shared<'_, Node>, guard: &Guard) {
        // SAFETY: RIV-2.
        unsafe { guard.defer_destroy(pointer) };
    }

    /// crossbeam-epoch collects at most 8 bags of 64 in every 128th pin. Who retires more than 4 nodes a pin has to flush, or
    /// the garbage grows without end (and the time with it, for every node is then fresh memory).
    #[inline(always)]
    fn keep_up(guard: &Guard) {
        guard.flush();
    }

    #[inline(always)]
    unsafe fn free(pointer: Shared<'_, Node>) {
        // SAFETY: RIV-3.
        drop(unsafe { pointer.into_owned() });
    }
}
