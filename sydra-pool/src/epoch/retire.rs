//! Retiring: a value waits until no reader can see it, then it is dropped and its block freed.
//!
//! # Invariants
//! - `RTR-1`: what is retired came out of a `PoolBox<T>`, holds its value, is reachable by nobody but
//!   readers pinned now, and is retired once. Made by `PoolBox::retire`, which owns it, and promised
//!   by the callers of `Guard::retire`.

use super::guard::Guard;
use super::shared::Shared;
use crate::block::Block;
use crate::home::Home;
use crate::limbo::Open;
use crate::local;
use crate::reclaim::{self, Kind};
use crate::typed::{PoolBox, Pooled, comes_in_batches, home_pool, plan};
use core::ptr::NonNull;
use std::panic::{AssertUnwindSafe, catch_unwind};

impl<T: Pooled> PoolBox<T> {
    /// Gives the value up: it is dropped, in whichever thread, and its block freed, once every thread
    /// that is pinned now has let go. Until then its bytes stay as they are.
    ///
    /// For a value that was published and taken back, so that readers may still look at it. One that
    /// nobody else has seen is dropped as ever.
    ///
    /// Constant time, unless a bag is full (about half a magazine of blocks): then up to four bags are
    /// emptied, and now and then a share of the maintenance is done; see [`epoch`](crate::epoch). Values
    /// that any thread has retired may be dropped within, never this one.
    ///
    /// ```
    /// use sydra_pool::{PoolBox, Pooled, epoch};
    ///
    /// #[derive(Pooled)]
    /// struct Order(u64);
    ///
    /// let guard = epoch::pin();
    /// PoolBox::retire(PoolBox::new(Order(7)), &guard);
    /// drop(guard);
    /// sydra_pool::collect_garbage();
    /// ```
    ///
    /// A value that may not be dropped elsewhere cannot be retired:
    ///
    /// ```compile_fail,E0277
    /// use std::rc::Rc;
    /// use sydra_pool::{PoolBox, Pooled, epoch};
    ///
    /// #[derive(Pooled)]
    /// struct Local(Rc<u64>);
    ///
    /// PoolBox::retire(PoolBox::new(Local(Rc::new(7))), &epoch::pin());
    /// ```
    ///
    /// # Aborts
    /// If there is no memory to note it in.
    #[inline]
    pub fn retire(this: Self, guard: &Guard)
    where
        T: Send + 'static,
    {
        // SAFETY: RTR-1; owned, so nobody else can load or retire it; `Send + 'static`.
        unsafe { retire_raw(guard, Self::into_non_null(this)) };
    }
}

impl Guard {
    /// Retires what a shared pointer leads to: it is dropped, in whichever thread, and its block
    /// freed, once every thread that is pinned now has let go. Null is left alone.
    ///
    /// Constant time, unless a bag is full, as for [`PoolBox::retire`].
    ///
    /// # Safety
    /// - The pointer is unlinked: nobody who pins from now on can load it.
    /// - It is retired once, and was made of a `PoolBox<T>`.
    /// - If `T` is not `Send`, it must be sound to drop the value in another thread; if it is not
    ///   `'static`, to drop it at any later time.
    ///
    /// # Aborts
    /// If there is no memory to note it in.
    #[inline]
    pub unsafe fn retire<T: Pooled>(&self, shared: Shared<'_, T>) {
        if let Some(start) = shared.as_non_null() {
            // SAFETY: RTR-1; passed on to the caller.
            unsafe { retire_raw(self, start) };
        }
    }
}

const fn kind<T: Pooled>() -> &'static Kind {
    const {
        &Kind {
            plan: *plan::<T>(),
            pool: home_pool::<T>,
            drops: core::mem::needs_drop::<T>(),
            reclaim: reclaim_all::<T>,
        }
    }
}

/// Puts a value into limbo.
///
/// # Safety
/// RTR-1; and it is sound to drop the value in another thread, later.
#[inline(always)]
pub(super) unsafe fn retire_raw<T: Pooled>(guard: &Guard, start: NonNull<T>) {
    let kind = kind::<T>();
    let block = Block(start.cast());
    <T::__Home as Home>::with_magazine(|magazine| {
        // SAFETY: PTC-2; this thread's own magazine.
        let open = unsafe { Open::at(&magazine.side) };
        let refused = match open {
            // SAFETY: PTC-2; the guard shows that this thread is the owner and pinned.
            Some(open) => unsafe { open.put(NonNull::from(kind).cast(), block) }.err(),
            None => Some(block),
        };
        if let Some(block) = refused {
            retire_slow(guard, magazine, kind, block);
        }
    });
}

#[cold]
#[inline(never)]
fn retire_slow(
    guard: &Guard,
    magazine: &crate::magazine::Magazine,
    kind: &'static Kind,
    block: Block,
) {
    let mut waiting = Some(block);
    // The second try comes after all that could be reclaimed gave its memory back.
    for _ in 0..2 {
        let Some(block) = waiting else {
            return;
        };
        // SAFETY: RTR-1; the guard shows that this thread is pinned; the magazine is its own.
        waiting = unsafe { local::retire_slow(guard.place(), magazine, kind, block) };
        if waiting.is_some() {
            reclaim::flush(guard.place());
        }
    }
    if waiting.is_some() {
        std::alloc::handle_alloc_error(kind.plan.layout());
    }
}

/// Drops and frees values that were retired; returns how many drops panicked.
///
/// # Safety
/// RTR-1; no reader can see them any more, and the caller gives them up.
unsafe fn reclaim_all<T: Pooled>(blocks: NonNull<Block>, count: usize) -> usize {
    let mut panics = 0;
    let mut next = 0;
    let drop_rest = |next: &mut usize| {
        while *next < count {
            // SAFETY: RTR-1; within the blocks.
            let place = unsafe { blocks.add(*next) };
            *next += 1;
            // SAFETY: RTR-1; each is read once.
            let Block(start) = unsafe { place.read() };
            // SAFETY: BOX-1, RTR-1; it came out of a box of this type.
            drop(unsafe { PoolBox::<T>::from_non_null(start.cast()) });
        }
    };
    if !core::mem::needs_drop::<T>() {
        if const { comes_in_batches::<T>() } {
            <T::__Home as Home>::with_magazine(|magazine| {
                // SAFETY: RTR-1, PLD-1; blocks of this type's pool, which hold nothing to drop.
                unsafe { local::push_all(home_pool::<T>(), magazine, blocks, count) }
            });
        } else {
            drop_rest(&mut next);
        }
        return 0;
    }
    // A drop that panics ends one round; the box has freed its block all the same.
    while next < count {
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop_rest(&mut next))) {
            panics += 1;
            // The payload's own drop may panic; then it is left.
            if let Err(worse) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
                core::mem::forget(worse);
            }
        }
    }
    panics
}
