//! The queue of Michael and Scott: the first node is spent, its value has been taken.

use super::reclaim::{Body, Reclaim};
use crate::cores::Apart;

/// A queue of numbers.
#[derive(Debug)]
pub struct Queue<R: Reclaim> {
    /// The spent node. Moved by those who pop.
    head: Apart<R::Link>,
    /// The last node, or one before it. Moved by those who push, and by those who find it behind.
    tail: Apart<R::Link>,
    pub(super) reclaim: R,
}

impl<R: Reclaim> Default for Queue<R> {
    fn default() -> Self {
        let queue = Self {
            head: Apart(R::Link::default()),
            tail: Apart(R::Link::default()),
            reclaim: R::default(),
        };
        {
            let guard = queue.reclaim.pin();
            let spent = R::alloc(Body::new(0, 0, 0), &guard);
            R::store(&queue.head.0, spent);
            R::store(&queue.tail.0, spent);
        }
        queue
    }
}

impl<R: Reclaim> Queue<R> {
    /// Puts a value at the end.
    #[inline(always)]
    pub fn push(&self, value: u64) {
        let guard = self.reclaim.pin();
        let node = R::alloc(Body::new(0, value, 0), &guard);
        // Ends: a failure means that another thread has pushed.
        loop {
            let tail = R::load(&self.tail.0, &guard);
            // SAFETY: RIV-1; loaded under the guard.
            let Some(last) = (unsafe { R::body(tail) }) else {
                unreachable!("the queue has a node always");
            };
            let next = R::load(&last.links[0], &guard);
            if next != R::null() {
                R::cas(&self.tail.0, tail, next, &guard);
            } else if R::cas(&last.links[0], next, node, &guard) {
                R::cas(&self.tail.0, tail, node, &guard);
                return;
            }
        }
    }

    /// Takes the value at the front.
    #[inline(always)]
    pub fn pop(&self) -> Option<u64> {
        let guard = self.reclaim.pin();
        // Ends: a failure means that another thread has popped.
        loop {
            let head = R::load(&self.head.0, &guard);
            // SAFETY: RIV-1; loaded under the guard.
            let spent = unsafe { R::body(head) }?;
            let next = R::load(&spent.links[0], &guard);
            // SAFETY: RIV-1; loaded under the guard, from a node that is protected.
            let first = unsafe { R::body(next) }?;
            let tail = R::load(&self.tail.0, &guard);
            if tail == head {
                // The tail must not stay at a node that is about to be retired.
                R::cas(&self.tail.0, tail, next, &guard);
            }
            if R::cas(&self.head.0, head, next, &guard) {
                let value = first.value;
                // SAFETY: RIV-2; the exchange took it out, and the tail has passed it.
                unsafe { R::retire(head, &guard) };
                return Some(value);
            }
        }
    }
}

impl<R: Reclaim> Drop for Queue<R> {
    fn drop(&mut self) {
        while self.pop().is_some() {}
        let guard = self.reclaim.pin();
        let spent = R::load(&self.head.0, &guard);
        // SAFETY: RIV-3; nobody else has the queue.
        unsafe { R::free(spent) };
    }
}
