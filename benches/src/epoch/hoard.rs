//! A reclaimer that is simple enough to trust: it keeps all that is retired until it is dropped itself, and knows when that was.
//!
//! So a structure that retires a node twice, never, or while new readers can still come to it, is caught: a thread that goes to
//! a node which was retired before the thread was pinned panics. Threads give their core away in the middle of operations, so
//! that they meet on a machine with one core as well.

use core::cell::Cell;
use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use super::reclaim::{Body, Reclaim};

/// Counts pins and retirements; 0 is before all of them.
static CLOCK: AtomicU64 = AtomicU64::new(1);

thread_local! {
    /// When this thread was pinned.
    static PINNED_AT: Cell<u64> = const { Cell::new(0) };
    /// Decides when this thread stumbles.
    static STEPS: Cell<u32> = const { Cell::new(0) };
}

#[derive(Debug, Default)]
pub(super) struct Hoard {
    kept: Mutex<Vec<AtomicPtr<Node>>>,
    pub(super) counts: Arc<Counts>,
}

/// What has become of the nodes.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub(super) made: AtomicUsize,
    pub(super) retired: AtomicUsize,
    pub(super) freed: AtomicUsize,
}

#[derive(Debug)]
pub(super) struct Node {
    body: Body<AtomicPtr<Node>>,
    /// 0 if it was not.
    retired_at: AtomicU64,
    counts: Arc<Counts>,
}

impl Hoard {
    /// Whether the node of a pointer has been retired.
    pub(super) fn is_retired(pointer: *mut Node) -> bool {
        // SAFETY: RIV-1; a hoard frees nothing while it lives.
        let node = unsafe { Self::with_tag(pointer, 0).as_ref() };
        node.is_some_and(|node| node.retired_at.load(Ordering::SeqCst) != 0)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.counts.freed.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Hoard {
    fn drop(&mut self) {
        for node in self.kept.get_mut().unwrap() {
            // SAFETY: RIV-3; the structure is gone.
            unsafe { Self::free(*node.get_mut()) };
        }
    }
}

/// Gives the core away once in 64 times.
fn stumble() {
    let steps = STEPS.get().wrapping_mul(0x9E37_79B1).wrapping_add(1);
    STEPS.set(steps);
    if steps >> 26 == 0 {
        thread::yield_now();
    }
}

impl Reclaim for Hoard {
    type Guard<'r> = &'r Self;
    type Link = AtomicPtr<Node>;
    type Pointer<'g> = *mut Node;

    fn pin(&self) -> &Self {
        PINNED_AT.set(CLOCK.fetch_add(1, Ordering::SeqCst));
        self
    }

    fn null<'g>() -> Self::Pointer<'g> {
        ptr::null_mut()
    }

    fn alloc<'g>(body: Body<Self::Link>, guard: &'g &Self) -> Self::Pointer<'g> {
        let counts = guard.counts.clone();
        counts.made.fetch_add(1, Ordering::Relaxed);
        Box::into_raw(Box::new(Node {
            body,
            retired_at: AtomicU64::new(0),
            counts,
        }))
    }

    fn load<'g>(link: &Self::Link, _guard: &'g &Self) -> Self::Pointer<'g> {
        stumble();
        link.load(Ordering::Acquire)
    }

    fn store(link: &Self::Link, new: *mut Node) {
        link.store(new, Ordering::Release);
    }

    fn swap<'g>(link: &Self::Link, new: *mut Node, _guard: &'g &Self) -> Self::Pointer<'g> {
        link.swap(new, Ordering::AcqRel)
    }

    fn cas<'g>(
        link: &Self::Link,
        current: Self::Pointer<'g>,
        new: Self::Pointer<'g>,
        _guard: &'g &Self,
    ) -> bool {
        stumble();
        link.compare_exchange(current, new, Ordering::AcqRel, Ordering::Acquire)
            .is_ok()
    }

    fn tag(pointer: *mut Node) -> usize {
        pointer.addr() & 1
    }

    fn with_tag<'g>(pointer: Self::Pointer<'g>, tag: usize) -> Self::Pointer<'g> {
        pointer.map_addr(|address| address & !1 | tag)
    }

    unsafe fn body<'g>(pointer: Self::Pointer<'g>) -> Option<&'g Body<Self::Link>> {
        // SAFETY: RIV-1; a hoard frees nothing while it lives.
        let node = unsafe { Self::with_tag(pointer, 0).as_ref() }?;
        let retired_at = node.retired_at.load(Ordering::SeqCst);
        assert!(
            retired_at == 0 || retired_at > PINNED_AT.get(),
            "it was retired before this thread was pinned"
        );
        Some(&node.body)
    }

    unsafe fn retire(pointer: *mut Node, guard: &&Self) {
        // SAFETY: RIV-1; a hoard frees nothing while it lives.
        let node = unsafe { &*pointer };
        let now = CLOCK.fetch_add(1, Ordering::SeqCst);
        let before = node.retired_at.swap(now, Ordering::SeqCst);
        assert_eq!(before, 0, "retired twice");
        guard.counts.retired.fetch_add(1, Ordering::Relaxed);
        guard.kept.lock().unwrap().push(AtomicPtr::new(pointer));
    }

    unsafe fn free(pointer: *mut Node) {
        // SAFETY: RIV-3; the node came from a `Box`.
        drop(unsafe { Box::from_raw(pointer) });
    }
}
