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

use crate::block::Block;
use crate::config::Backing;
use crate::error::Refusal;
use crate::fallback::{FALLBACK, Reason};
use crate::local;
use crate::magazine::Magazine;
use crate::pool::{Kind, Plan, Pool, Route};
use core::mem::MaybeUninit;
use core::ptr::NonNull;

mod handle;
mod io;
mod pool_box;
mod traits;
mod uninit;

pub use handle::{TypePool, pool};
pub use pool_box::PoolBox;

/// A type whose values can live in a [`PoolBox`]. Implemented by `#[derive(Pooled)]` only, and for
/// `MaybeUninit` of such types.
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

/// Room for one `T`, if it takes no more than the magazine.
#[inline(always)]
pub(crate) fn take<T: Pooled>() -> Option<NonNull<T>> {
    match const { T::__PLAN.route } {
        Route::Nowhere => Some(NonNull::dangling()),
        Route::Pool => T::__with_magazine(Magazine::pop).map(|Block(start)| start.cast()),
        Route::TooLarge | Route::OverAligned => None,
    }
}

/// Room for one `T` when the magazine has none, or when no pool serves the type.
#[cold]
#[inline(never)]
pub(crate) fn take_slow<T: Pooled>() -> Result<NonNull<T>, Refusal> {
    let plan = const { &T::__PLAN };
    if plan.route != Route::Pool {
        return beyond_pools(T::__pool(), plan).map(NonNull::cast);
    }
    let block =
        T::__with_magazine(|magazine| local::pop_slow(T::__pool(), magazine, plan.fallback));
    match block {
        Some(Block(start)) => Ok(start.cast()),
        None if plan.fallback => Err(Refusal::OutOfMemory),
        None => Err(Refusal::FallbackOff),
    }
}

/// The same for those who cannot do without: out of memory aborts.
#[cold]
#[inline(never)]
pub(crate) fn take_or_abort<T: Pooled>() -> NonNull<T> {
    match take_slow::<T>() {
        Ok(start) => start,
        Err(_) => std::alloc::handle_alloc_error(T::__PLAN.layout()),
    }
}

/// Gives the room of one `T` back.
///
/// # Safety
/// `start` came from `take::<T>()` or its slow forms, holds no value any more, and is not used
/// again.
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
        // SAFETY: FBK-1, PLD-1; the route is a constant of the type, so `take_slow` went there too.
        unsafe { give_beyond_pools(T::__pool(), &T::__PLAN, start) };
        return;
    }
    T::__with_magazine(|magazine| {
        if let Err(block) = magazine.push(Block(start)) {
            local::push_slow(T::__pool(), magazine, block);
        }
    });
}

/// A type that no pool serves.
fn beyond_pools(pool: &'static Pool, plan: &Plan) -> Result<NonNull<u8>, Refusal> {
    let (reason, refusal) = match plan.route {
        Route::OverAligned => (Reason::OverAligned, Refusal::OverAligned),
        _ => (Reason::TooLarge, Refusal::TooLarge),
    };
    if !plan.fallback {
        return Err(refusal);
    }
    local::count_beyond(reason);
    let start = FALLBACK.alloc(Backing::System, plan.layout(), reason, false);
    let start = NonNull::new(start).ok_or(Refusal::OutOfMemory)?;
    if plan.kind != Kind::Shared {
        local::count_single(pool);
    }
    Ok(start)
}

/// Gives room back that `beyond_pools` served.
///
/// # Safety
/// It did serve it, for this plan.
#[inline(never)]
unsafe fn give_beyond_pools(pool: &'static Pool, plan: &Plan, start: NonNull<u8>) {
    if plan.kind != Kind::Shared {
        pool.count_single_free();
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
