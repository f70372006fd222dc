//! A stack and a queue built on `Atomic`, as users build them, whose nodes are poisoned when dropped.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::thread;

use sydra_pool::epoch::{self, Atomic, Shared};
use sydra_pool::{PoolBox, Pooled};
use tests::rng::mix;

/// Small magazines, so that nodes change hands soon.
#[derive(Pooled)]
#[pooled(magazine = 2)]
struct Node {
    value: AtomicU64,
    next: Atomic<Node>,
}

impl Node {
    fn boxed(value: u64) -> PoolBox<Self> {
        PoolBox::new(Self {
            value: AtomicU64::new(value),
            next: Atomic::null(),
        })
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.value.store(u64::MAX, Relaxed);
    }
}

/// Now and then gives way to the other threads, where it matters: between a look and an exchange.
fn hesitate() {
    static TIMES: AtomicU64 = AtomicU64::new(0);
    if mix(TIMES.fetch_add(1, Relaxed)).is_multiple_of(3) {
        thread::yield_now();
    }
}

/// What both structures do.
pub(crate) trait Line: Sync {
    fn push(&self, value: u64);
    fn pop(&self) -> Option<u64>;
}

/// Treiber's stack.
pub(crate) struct Stack(Atomic<Node>);

impl Stack {
    pub(crate) const fn new() -> Self {
        Self(Atomic::null())
    }
}

impl Line for Stack {
    fn push(&self, value: u64) {
        let guard = epoch::pin();
        let mut node = Node::boxed(value);
        loop {
            let head = self.0.load(Relaxed, &guard);
            node.next.store(head, Relaxed);
            hesitate();
            let done = self
                .0
                .compare_exchange_weak(head, node, Release, Relaxed, &guard);
            match done {
                Ok(_) => return,
                Err(failed) => node = failed.new,
            }
        }
    }

    fn pop(&self) -> Option<u64> {
        let guard = epoch::pin();
        loop {
            let head = self.0.load(Acquire, &guard);
            // SAFETY: loaded under the guard, published complete.
            let node = unsafe { head.as_ref() }?;
            let next = node.next.load(Relaxed, &guard);
            hesitate();
            let done = self
                .0
                .compare_exchange_weak(head, next, Relaxed, Relaxed, &guard);
            if done.is_ok() {
                let value = node.value.load(Relaxed);
                // SAFETY: unlinked by this thread alone.
                unsafe { guard.retire(head) };
                // Whatever may go, goes now.
                guard.flush();
                return Some(value);
            }
        }
    }
}

/// Michael's and Scott's queue: the first node is a dummy.
pub(crate) struct Queue {
    head: Atomic<Node>,
    tail: Atomic<Node>,
}

impl Queue {
    pub(crate) fn new() -> Self {
        let guard = epoch::pin();
        let dummy = Shared::from_box(Node::boxed(0), &guard);
        Self {
            head: Atomic::from(dummy),
            tail: Atomic::from(dummy),
        }
    }
}

impl Line for Queue {
    fn push(&self, value: u64) {
        let guard = epoch::pin();
        let node = Shared::from_box(Node::boxed(value), &guard);
        loop {
            let tail = self.tail.load(Acquire, &guard);
            // SAFETY: never null; loaded under the guard; `pop` leaves no tail behind.
            let next = &unsafe { tail.deref() }.next;
            let found = next.load(Acquire, &guard);
            hesitate();
            if !found.is_null() {
                _ = self
                    .tail
                    .compare_exchange(tail, found, Release, Relaxed, &guard);
            } else if next
                .compare_exchange(found, node, Release, Relaxed, &guard)
                .is_ok()
            {
                _ = self
                    .tail
                    .compare_exchange(tail, node, Release, Relaxed, &guard);
                return;
            }
        }
    }

    fn pop(&self) -> Option<u64> {
        let guard = epoch::pin();
        loop {
            let head = self.head.load(Acquire, &guard);
            hesitate();
            // SAFETY: never null; loaded under the guard.
            let next = unsafe { head.deref() }.next.load(Acquire, &guard);
            // SAFETY: loaded under the guard, published complete.
            let front = unsafe { next.as_ref() }?;
            let tail = self.tail.load(Relaxed, &guard);
            if tail == head {
                _ = self
                    .tail
                    .compare_exchange(tail, next, Release, Relaxed, &guard);
            }
            let done = self
                .head
                .compare_exchange(head, next, Release, Relaxed, &guard);
            if done.is_ok() {
                let value = front.value.load(Relaxed);
                // SAFETY: the old dummy, unlinked by this thread alone.
                unsafe { guard.retire(head) };
                // Whatever may go, goes now.
                guard.flush();
                return Some(value);
            }
        }
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        while self.pop().is_some() {}
        let dummy = std::mem::take(&mut self.head);
        // SAFETY: nobody else is left; the tail takes nothing out.
        drop(unsafe { dummy.into_box() });
    }
}
