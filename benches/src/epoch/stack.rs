//! Treiber's stack.

use super::reclaim::{Body, Reclaim};

/// A stack of numbers.
#[derive(Debug, Default)]
pub struct Stack<R: Reclaim> {
    top: R::Link,
    pub(super) reclaim: R,
}

impl<R: Reclaim> Stack<R> {
    /// Puts a value on top.
    #[inline(always)]
    pub fn push(&self, value: u64) {
        let guard = self.reclaim.pin();
        let node = R::alloc(Body::new(0, value, 0), &guard);
        // SAFETY: RIV-1; just made.
        let Some(body) = (unsafe { R::body(node) }) else {
            return;
        };
        // Ends: a failure means that another thread has pushed or popped.
        loop {
            let top = R::load(&self.top, &guard);
            R::store(&body.links[0], top);
            if R::cas(&self.top, top, node, &guard) {
                return;
            }
        }
    }

    /// Takes the value on top.
    #[inline(always)]
    pub fn pop(&self) -> Option<u64> {
        let guard = self.reclaim.pin();
        // Ends: a failure means that another thread has pushed or popped.
        loop {
            let top = R::load(&self.top, &guard);
            // SAFETY: RIV-1; loaded under the guard.
            let body = unsafe { R::body(top) }?;
            let next = R::load(&body.links[0], &guard);
            if R::cas(&self.top, top, next, &guard) {
                let value = body.value;
                // SAFETY: RIV-2; the exchange took it out, and only one thread can do that.
                unsafe { R::retire(top, &guard) };
                return Some(value);
            }
        }
    }
}

impl<R: Reclaim> Drop for Stack<R> {
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}
