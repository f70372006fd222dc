//! The typed door: `PoolBox` and the handle of a type's pool.
//!
//! Everything that depends on the type is a constant here (route, stride, pool, magazine), so the
//! fast path is the magazine's few instructions, inlined into the caller.
//!
//! # Invariants
//! - `PLD-1`: an implementation of [`Pooled`] comes from the derive macro: its plan describes the
//!   type, its pool was made from that plan, and its magazine is a thread-local used with that pool
//!   only. So a block taken for `T` has room and alignment for a `T`, and goes back to where it
//!   came from.

use crate::base::breach::breach;
use crate::block::Block;
use crate::config::Backing;
use crate::error::Refusal;
use crate::fallback::{FALLBACK, Reason};
use crate::local;
use crate::magazine::Magazine;
use crate::pool::{Kind, Plan, Pool, Route};
use crate::space::SPACE;
use core::mem::MaybeUninit;
use core::ptr::NonNull;

mod handle;
mod pool_box;
mod traits;
mod uninit;

pub use handle::{TypePool, pool};
pub use pool_box::PoolBox;

/// A type whose values can live in a pool of their own. Implemented by `#[derive(Pooled)]` only.
///
/// # Safety
/// Not to be implemented by hand: the hidden items must describe the type and belong together.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no pool",
    label = "not `Pooled`",
    note = "write `#[derive(Pooled)]` on the type; for a generic type that lists `instances(..)`, \
            add this instance to the list"
)]
pub unsafe trait Pooled: Sized {
    #[doc(hidden)]
    const __PLAN: Plan;
    #[doc(hidden)]
    fn __pool() -> &'static Pool;
    #[doc(hidden)]
    fn __with_magazine<R>(body: impl FnOnce(&Magazine) -> R) -> R;
}

// SAFETY: PLD-1; the same size and alignment as `T`, and everything is `T`'s.
unsafe impl<T: Pooled> Pooled for MaybeUninit<T> {
    const __PLAN: Plan = T::__PLAN;
    #[inline(always)]
    fn __pool() -> &'static Pool {
        T::__pool()
    }
    #[inline(always)]
    fn __with_magazine<R>(body: impl FnOnce(&Magazine) -> R) -> R {
        T::__with_magazine(body)
    }
}

/// Room for one `T`.
#[inline(always)]
pub(crate) fn take<T: Pooled>() -> Result<NonNull<T>, Refusal> {
    match const { T::__PLAN.route } {
        Route::Nowhere => Ok(NonNull::dangling()),
        Route::Pool => {
            let block = T::__with_magazine(|magazine| match magazine.pop() {
                Some(block) => Some(block),
                None => local::pop_slow(T::__pool(), magazine),
            });
            match block {
                Some(Block(start)) => Ok(start.cast()),
                None => refused(&T::__PLAN).map(NonNull::cast),
            }
        }
        Route::TooLarge | Route::OverAligned => beyond_pools(&T::__PLAN).map(NonNull::cast),
    }
}

/// Gives the room of one `T` back.
///
/// # Safety
/// `start` came from `take::<T>()`, holds no value any more, and is not used again.
#[inline(always)]
pub(crate) unsafe fn give<T: Pooled>(start: NonNull<T>) {
    if const { matches!(T::__PLAN.route, Route::Nowhere) } {
        return;
    }
    let start = start.cast::<u8>();
    if const { T::__PLAN.zero_on_free } {
        // SAFETY: PLD-1; the room of a `T`, which nobody uses any more.
        unsafe { overwrite(start, T::__PLAN.size) };
    }
    if const { !matches!(T::__PLAN.route, Route::Pool) } {
        // SAFETY: FBK-1, PLD-1; the route is a constant of the type, so `take` went there too.
        unsafe { give_beyond_pools(&T::__PLAN, start) };
        return;
    }
    if const { matches!(T::__PLAN.kind, Kind::Shared) }
        && SPACE.window.offset_of(start.addr().get()).is_none()
    {
        // SAFETY: FBK-1, POL-2; outside the range, so `refused` served it.
        unsafe { give_beyond_pools(&T::__PLAN, start) };
        return;
    }
    T::__with_magazine(|magazine| {
        if let Err(block) = magazine.push(Block(start)) {
            local::push_slow(T::__pool(), magazine, block);
        }
    });
}

/// The pool has no memory.
#[cold]
#[inline(never)]
fn refused(plan: &Plan) -> Result<NonNull<u8>, Refusal> {
    if !plan.fallback {
        return Err(Refusal::FallbackOff);
    }
    if plan.kind != Kind::Shared {
        // A pool of the type's own has asked the backing allocator already.
        return Err(Refusal::OutOfMemory);
    }
    let start = FALLBACK.alloc(Backing::System, plan.layout(), Reason::RefillFailed, false);
    NonNull::new(start).ok_or(Refusal::OutOfMemory)
}

/// A type that no pool serves.
#[inline(never)]
fn beyond_pools(plan: &Plan) -> Result<NonNull<u8>, Refusal> {
    let (reason, refusal) = match plan.route {
        Route::OverAligned => (Reason::OverAligned, Refusal::OverAligned),
        _ => (Reason::TooLarge, Refusal::TooLarge),
    };
    if !plan.fallback {
        return Err(refusal);
    }
    local::count_beyond(reason);
    let start = FALLBACK.alloc(Backing::System, plan.layout(), reason, false);
    NonNull::new(start).ok_or(Refusal::OutOfMemory)
}

/// Gives room back that `beyond_pools` or `refused` served.
///
/// # Safety
/// It did serve it, for this plan.
#[inline(never)]
unsafe fn give_beyond_pools(plan: &Plan, start: NonNull<u8>) {
    if plan.kind == Kind::Shared && plan.route == Route::Pool && !plan.fallback {
        breach!("wrong pointer freed: {start:p} belongs to no pool");
    }
    // SAFETY: FBK-1; passed on to the caller.
    unsafe { FALLBACK.dealloc(Backing::System, start.as_ptr(), plan.layout()) };
}

/// Writes zeros that no optimiser may leave out.
///
/// # Safety
/// `start` is valid for writing `bytes`.
unsafe fn overwrite(start: NonNull<u8>, bytes: usize) {
    for offset in 0..bytes {
        // SAFETY: PLD-1; passed on to the caller.
        let byte = unsafe { start.add(offset) };
        // SAFETY: PLD-1; passed on to the caller.
        unsafe { byte.write_volatile(0) };
    }
}
