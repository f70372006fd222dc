//! seize: a collector for each structure, its default batch, raw pointers with a tag in their lowest bit.

use core::ptr;
use core::sync::atomic::{AtomicPtr, Ordering};

use seize::{Collector, Guard, LocalGuard, reclaim};

use super::reclaim::{Body, Reclaim};

/// The collector of one structure.
#[derive(Debug, Default)]
pub struct Seize(Collector);

/// A node with plain links.
#[derive(Debug)]
pub struct Node(Body<Link>);

/// A link, which is null by default.
pub type Link = AtomicPtr<Node>;

const TAG: usize = 1;

const _: () = assert!(align_of::<Node>() > TAG);

fn untagged(pointer: *mut Node) -> *mut Node {
    pointer.map_addr(|address| address & !TAG)
}

impl Reclaim for Seize {
    type Guard<'r> = LocalGuard<'r>;
    type Link = Link;
    type Pointer<'g> = *mut Node;

    #[inline(always)]
    fn pin(&self) -> LocalGuard<'_> {
        self.0.enter()
    }

    #[inline(always)]
    fn null<'g>() -> Self::Pointer<'g> {
        ptr::null_mut()
    }

    #[inline(always)]
    fn alloc<'g>(body: Body<Link>, _guard: &'g LocalGuard<'_>) -> Self::Pointer<'g> {
        Box::into_raw(Box::new(Node(body)))
    }

    #[inline(always)]
    fn load<'g>(link: &Link, guard: &'g LocalGuard<'_>) -> Self::Pointer<'g> {
        guard.protect(link, Ordering::Acquire)
    }

    #[inline(always)]
    fn store(link: &Link, new: *mut Node) {
        link.store(new, Ordering::Release);
    }

    #[inline(always)]
    fn swap<'g>(link: &Link, new: *mut Node, guard: &'g LocalGuard<'_>) -> Self::Pointer<'g> {
        guard.swap(link, new, Ordering::AcqRel)
    }

    #[inline(always)]
    fn cas<'g>(
        link: &Link,
        current: Self::Pointer<'g>,
        new: Self::Pointer<'g>,
        guard: &'g LocalGuard<'_>,
    ) -> bool {
        guard
            .compare_exchange(link, current, new, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    #[inline(always)]
    fn tag(pointer: *mut Node) -> usize {
        pointer.addr() & TAG
    }

    #[inline(always)]
    fn with_tag<'g>(pointer: Self::Pointer<'g>, tag: usize) -> Self::Pointer<'g> {
        untagged(pointer).map_addr(|address| address | tag)
    }

    #[inline(always)]
    unsafe fn body<'g>(pointer: Self::Pointer<'g>) -> Option<&'g Body<Link>> {
        // SAFETY: RIV-1.
        unsafe { untagged(pointer).as_ref() }.map(|node| &node.0)
    }

    #[inline(always)]
    unsafe fn retire(pointer: *mut Node, guard: &LocalGuard<'_>) {
        // SAFETY: RIV-2; the node came from a `Box`.
        unsafe { guard.defer_retire(pointer, reclaim::boxed) };
    }

    #[inline(always)]
    unsafe fn free(pointer: *mut Node) {
        // SAFETY: RIV-3; the node came from a `Box`.
        drop(unsafe { Box::from_raw(pointer) });
    }
}
