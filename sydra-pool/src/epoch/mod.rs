//! Epochs: a value that readers may still be looking at waits until they have let go.
//!
//! # The problem
//! A lock-free structure takes a node out by changing one pointer. Another thread may have loaded
//! that pointer a moment ago and be reading the node; freeing the node now would pull it from under
//! that reader. Dropping is safe for what one thread owns; what is *published* needs another verb.
//!
//! * [`PoolBox`](crate::PoolBox)'s drop frees at once: nobody else can see the value.
//! * [`PoolBox::retire`](crate::PoolBox::retire) and [`Guard::retire`] free later: once every thread
//!   that was reading has let go.
//!
//! The two are told apart by type, and everything that is not retired never waits: no free of the
//! global allocator, and no drop of a box, knows of epochs.
//!
//! # How it works
//! There is one *epoch* for the process, a number. A reader [`pin`]s: it shows the epoch in a place of
//! its own, where others can see it, and hides it again when its [`Guard`] goes. What is retired goes
//! into the thread's *bag*, which is noted with the epoch when it is full. The epoch moves from `e` to
//! `e + 1` only when every thread that is pinned has been seen at `e`. So when it stands at `e + 2`,
//! every reader that could have seen what was noted with `e` has let go, and the bag is emptied: drop
//! glue runs, and the blocks go where freed blocks go. The scheme is Keir Fraser's ("Practical
//! lock-freedom", 2004); the argument that two steps are enough here is at the head of `limbo`, and
//! checked by loom.
//!
//! Showing the epoch must be seen by others before anything is loaded. That takes a fence, which would
//! be most of the cost of a pin. On Linux the other side pays: whoever wants to move the epoch has the
//! kernel make every running thread pass a fence (`membarrier`). Elsewhere both sides fence.
//!
//! # When things are dropped
//! Of one thread and one type in the order of retiring, bag by bag; nothing is promised between two types,
//! and two threads may empty two bags at once. Full bags are emptied by the thread that retires (up to
//! four when it has filled one, its own and those of ended threads), and whatever waits in any thread by
//! [`maintain`](crate::maintain), [`collect_garbage`](crate::collect_garbage) and, every 50 ms, by whoever
//! retires. Values whose drop has nothing to do are also freed on the slow paths of allocations and frees;
//! drops that run code of the program never run there. The value's drop may run in any thread; it may
//! allocate, free, pin and retire, but not wait for a lock that its program holds while it retires,
//! maintains or collects. If it panics, the panic is caught and counted
//! ([`EpochFigures::drop_panics`](crate::EpochFigures::drop_panics)), its block is freed, and the rest
//! goes on (with `panic = "abort"` the process ends, as ever). Until it is dropped, the bytes of a retired
//! value stay as they were.
//!
//! A reader that never lets go keeps everything that is retired after it pinned: limbo grows. From
//! `max_limbo` bytes on (of the process, or of a type) each full bag makes its thread force the epoch
//! on; if a reader stands in the way, that is counted as a stall, retiring goes on, and
//! [`EpochFigures::oldest_pin`](crate::EpochFigures::oldest_pin) names the thread.
//!
//! # From crossbeam-epoch
//! | there | here |
//! |---|---|
//! | `Owned<T>` | [`PoolBox<T>`](crate::PoolBox), `T: Pooled`; always tag 0 |
//! | `Owned::into_shared` | [`Shared::from_box`] |
//! | `Shared::into_owned`, `Atomic::into_owned` | [`Shared::into_box`], [`Atomic::into_box`] |
//! | `Guard::defer_destroy` | [`Guard::retire`], or safe, of a box: [`PoolBox::retire`](crate::PoolBox::retire) |
//! | `unprotected()` | [`Atomic::load_unprotected`], or `into_box`; to retire takes a guard |
//! | `Guard::repin_after`, `Atomic::fetch_update`, `Shared::deref_mut`, `Shared::from(*const T)` | not there |
//! | `Guard::defer` of a closure | not there: retire a value whose `Drop` does it |
//! | `Collector`, `LocalHandle` | not there: one epoch for the process, so a reader of one structure holds up all |
//! | slices (`Atomic<[T]>`) | not there: a value of one size |
//! | a leaked guard | stays pinned there; here it stops the process when its thread ends |
//!
//! # A stack
//! Treiber's: push and pop exchange the head. The one who takes a node out retires it.
//!
//! ```
//! use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
//! use sydra_pool::{PoolBox, Pooled, epoch::{self, Atomic, Shared}};
//!
//! #[derive(Pooled)]
//! struct Node { value: u64, next: Atomic<Node> }
//!
//! struct Stack { head: Atomic<Node> }
//!
//! impl Stack {
//!     fn push(&self, value: u64) {
//!         let guard = epoch::pin();
//!         let mut node = PoolBox::new(Node { value, next: Atomic::null() });
//!         loop {
//!             let head = self.head.load(Relaxed, &guard);
//!             node.next.store(head, Relaxed);
//!             match self.head.compare_exchange_weak(head, node, Release, Relaxed, &guard) {
//!                 Ok(_) => return,
//!                 Err(failed) => node = failed.new,
//!             }
//!         }
//!     }
//!
//!     fn pop(&self) -> Option<u64> {
//!         let guard = epoch::pin();
//!         loop {
//!             let head = self.head.load(Acquire, &guard);
//!             // SAFETY: loaded under the guard; nodes are published complete, and never changed.
//!             let node = unsafe { head.as_ref() }?;
//!             let next = node.next.load(Relaxed, &guard);
//!             if self.head.compare_exchange_weak(head, next, Relaxed, Relaxed, &guard).is_ok() {
//!                 let value = node.value;
//!                 // SAFETY: unlinked by this thread, which alone retires it; a `u64` may go anywhere.
//!                 unsafe { guard.retire(head) };
//!                 return Some(value);
//!             }
//!         }
//!     }
//! }
//!
//! impl Drop for Stack {
//!     fn drop(&mut self) {
//!         while self.pop().is_some() {}
//!     }
//! }
//!
//! let stack = Stack { head: Atomic::null() };
//! std::thread::scope(|scope| {
//!     scope.spawn(|| (0..100).for_each(|value| stack.push(value)));
//!     scope.spawn(|| (100..200).for_each(|value| stack.push(value)));
//! });
//! let mut all: Vec<u64> = std::iter::from_fn(|| stack.pop()).collect();
//! all.sort();
//! assert_eq!(all, (0..200).collect::<Vec<_>>());
//! ```
//!
//! # A queue
//! Michael's and Scott's: the first node is a dummy, whose successor holds the front value; the tail
//! may lag one node behind, and whoever sees that helps it on.
//!
//! ```
//! use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
//! use sydra_pool::{PoolBox, Pooled, epoch::{self, Atomic, Shared}};
//!
//! #[derive(Pooled)]
//! struct Node { value: u64, next: Atomic<Node> }
//!
//! struct Queue { head: Atomic<Node>, tail: Atomic<Node> }
//!
//! impl Queue {
//!     fn new() -> Self {
//!         let guard = epoch::pin();
//!         let dummy = PoolBox::new(Node { value: 0, next: Atomic::null() });
//!         let dummy = Shared::from_box(dummy, &guard);
//!         Self { head: Atomic::from(dummy), tail: Atomic::from(dummy) }
//!     }
//!
//!     fn push(&self, value: u64) {
//!         let guard = epoch::pin();
//!         let node = PoolBox::new(Node { value, next: Atomic::null() });
//!         let node = Shared::from_box(node, &guard);
//!         loop {
//!             let tail = self.tail.load(Acquire, &guard);
//!             // SAFETY: never null; loaded under the guard; the tail is behind no node that is retired,
//!             // as `pop` moves it on first.
//!             let last = unsafe { tail.deref() };
//!             let next = last.next.load(Acquire, &guard);
//!             if next.is_null() {
//!                 let linked = last.next.compare_exchange(next, node, Release, Relaxed, &guard);
//!                 if linked.is_ok() {
//!                     let _ = self.tail.compare_exchange(tail, node, Release, Relaxed, &guard);
//!                     return;
//!                 }
//!             } else {
//!                 let _ = self.tail.compare_exchange(tail, next, Release, Relaxed, &guard);
//!             }
//!         }
//!     }
//!
//!     fn pop(&self) -> Option<u64> {
//!         let guard = epoch::pin();
//!         loop {
//!             let head = self.head.load(Acquire, &guard);
//!             // SAFETY: never null; loaded under the guard.
//!             let next = unsafe { head.deref() }.next.load(Acquire, &guard);
//!             // SAFETY: loaded under the guard; published complete.
//!             let front = unsafe { next.as_ref() }?;
//!             let tail = self.tail.load(Relaxed, &guard);
//!             if tail == head {
//!                 // The tail must not stay on a node that is about to be retired.
//!                 let _ = self.tail.compare_exchange(tail, next, Release, Relaxed, &guard);
//!             }
//!             if self.head.compare_exchange(head, next, Release, Relaxed, &guard).is_ok() {
//!                 // SAFETY: the old dummy is unlinked, by this thread alone.
//!                 unsafe { guard.retire(head) };
//!                 return Some(front.value);
//!             }
//!         }
//!     }
//! }
//!
//! impl Drop for Queue {
//!     fn drop(&mut self) {
//!         while self.pop().is_some() {}
//!         let dummy = std::mem::take(&mut self.head);
//!         // SAFETY: nobody else is left; `tail` leads to the same node and takes nothing out.
//!         drop(unsafe { dummy.into_box() });
//!     }
//! }
//!
//! let queue = Queue::new();
//! std::thread::scope(|scope| {
//!     scope.spawn(|| (0..1000).for_each(|value| queue.push(value)));
//!     let mut expected = 0;
//!     while expected < 1000 {
//!         if let Some(value) = queue.pop() {
//!             assert_eq!(value, expected);
//!             expected += 1;
//!         }
//!     }
//! });
//! assert_eq!(queue.pop(), None);
//! ```

mod guard;
mod shared;
mod retire;
mod atomic;
mod cell;

pub use atomic::{Atomic, CompareExchangeError};
pub use cell::EpochCell;
pub use guard::{Guard, advance, current, enter, is_pinned, leave, pin, quiescent};
pub use shared::{Pointer, Shared};
