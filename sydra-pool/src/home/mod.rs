//! Homes: where the values of a type live, as constants of the program's code.
//!
//! A home is a plan with the pool, the magazine and, for a fixed number of blocks, the static that
//! belong to it. The derive macro makes two for each type: one for the value alone, one for the value
//! with a counter in front of it. Generic types share those of the size classes. Everything that
//! depends on the type is a constant here (route, stride, pool, magazine), so the fast path is the
//! magazine's few instructions, inlined into the caller.
//!
//! # Invariants
//! - `PLD-1`: a [`Home`] comes from the derive macro, or is a class's: its plan describes the room,
//!   its pool was made of that plan, its magazine is a thread-local used with that pool only, and its
//!   static has blocks of the plan's size and alignment. So a room taken here is as large and as
//!   aligned as the plan says, and goes back to where it came from.

use crate::base::breach::breach;
use crate::block::Block;
use crate::config::Backing;
use crate::error::Refusal;
use crate::fallback::{FALLBACK, Reason};
use crate::local;
use crate::magazine::Magazine;
use crate::pool::{FixedFigures, Kind, Plan, Pool, Route, classes};
use crate::registry;
use crate::static_pool::{Alignment, BlockAlignment, StaticPool};
use crate::sync::Ordering::Relaxed;
#[cfg(feature = "paranoid")]
use crate::watch;
use core::marker::PhantomData;
use core::ptr::NonNull;

mod forgotten;
pub(crate) use forgotten::{forget_type, give_empty, give_unknown, remember_type};

/// Where values live.
///
/// # Safety
/// PLD-1. Made by the derive macro and this file only.
pub unsafe trait Home {
    /// The plan.
    const PLAN: Plan;
    /// The static with the blocks of a fixed pool; [`NotFixed`] for others.
    type Fixed: FixedStore;
    /// The pool.
    fn pool() -> &'static Pool;
    /// The static.
    fn fixed() -> &'static Self::Fixed;
    /// Runs `job` on the calling thread's magazine.
    fn with_magazine<R>(job: impl FnOnce(&Magazine) -> R) -> R;
}

/// A fixed number of blocks in a static.
///
/// # Safety
/// `take` gives out rooms that are apart, each until it is given back.
pub unsafe trait FixedStore: Sync + 'static {
    /// Bytes from one block to the next; 0 where there is none.
    const STRIDE: usize;
    /// Takes a block, `None` when all are in use.
    fn take(&'static self) -> Option<NonNull<u8>>;
    /// The pointer to a block of this static, good for all of it.
    fn rederive(&'static self, start: NonNull<u8>) -> NonNull<u8>;
    /// Gives a block back.
    ///
    /// # Safety
    /// It came from `take` of this static, and is not used again.
    unsafe fn give(&'static self, start: NonNull<u8>);
    /// What has been counted.
    fn figures(&self) -> FixedFigures;
}

/// No static: the pool grows.
#[derive(Debug)]
pub struct NotFixed;

/// The one there is.
pub static NOT_FIXED: NotFixed = NotFixed;

// SAFETY: PLD-1; it gives nothing out.
unsafe impl FixedStore for NotFixed {
    const STRIDE: usize = 0;
    fn take(&'static self) -> Option<NonNull<u8>> {
        None
    }
    fn rederive(&'static self, start: NonNull<u8>) -> NonNull<u8> {
        start
    }
    unsafe fn give(&'static self, _: NonNull<u8>) {}
    fn figures(&self) -> FixedFigures {
        FixedFigures::default()
    }
}

/// The static of a type with `capacity`.
pub type FixedRoom<T, const N: usize, const ALIGN: usize> = StaticPool<T, N, ALIGN>;

// SAFETY: FIX-1, PLD-1; a block is in one place, and its slot has the plan's stride, as `Pool::of` checks.
unsafe impl<T: 'static, const N: usize, const ALIGN: usize> FixedStore for StaticPool<T, N, ALIGN>
where
    Alignment<ALIGN>: BlockAlignment,
{
    const STRIDE: usize = Self::BLOCK_STRIDE;

    #[inline(always)]
    fn take(&'static self) -> Option<NonNull<u8>> {
        StaticPool::take(self).map(NonNull::cast)
    }

    #[inline(always)]
    fn rederive(&'static self, start: NonNull<u8>) -> NonNull<u8> {
        let pool = NonNull::from_ref(self).cast::<u8>();
        let offset = start.addr().get().wrapping_sub(pool.addr().get());
        if offset >= size_of::<Self>() {
            // Instances that are subtypes of one another can get here without a line of unsafe code.
            breach!(
                "wrong pool: block {start:p} does not belong to the fixed pool it came back to"
            );
        }
        // SAFETY: PLD-1; within this static, as just checked.
        unsafe { pool.add(offset) }
    }

    #[inline(always)]
    unsafe fn give(&'static self, start: NonNull<u8>) {
        // It may have gone through a reference (`leak`), which narrows what it may be used for.
        let start = self.rederive(start);
        // SAFETY: STP-2; passed on to the caller, and the pointer may be used for the whole pool.
        unsafe { Self::give(start.cast()) };
    }

    fn figures(&self) -> FixedFigures {
        let live = self.len() as u64;
        FixedFigures {
            live,
            peak: self.high_water() as u64,
            allocations: self.core().frees().wrapping_add(live),
        }
    }
}

/// A generic type without pools of its own.
///
/// # Safety
/// PLD-1: the plans are `shared` ones of this type. Made by the derive macro only.
pub unsafe trait Described: Sized {
    /// The plan of the values.
    const PLAN: Plan;
    /// The plan of values with a counter in front.
    const COUNTED_PLAN: Plan;
}

macro_rules! class_home {
    ($(#[$doc:meta])* $name:ident, $plan:ident) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name<T>(PhantomData<fn() -> T>);

        // SAFETY: PLD-1; the class that serves the plan has room for the type.
        unsafe impl<T: Described> Home for $name<T> {
            const PLAN: Plan = T::$plan;
            type Fixed = NotFixed;
            #[inline(always)]
            fn pool() -> &'static Pool {
                classes::pool(Self::PLAN.class)
            }
            fn fixed() -> &'static NotFixed {
                &NOT_FIXED
            }
            #[inline(always)]
            fn with_magazine<R>(job: impl FnOnce(&Magazine) -> R) -> R {
                local::with_class(Self::PLAN.class, job)
            }
        }
    };
}

class_home!(
    /// The class that serves a generic type.
    ClassHome,
    PLAN
);
class_home!(
    /// The class that serves a generic type with a counter in front.
    CountedClassHome,
    COUNTED_PLAN
);

impl Pool {
    /// The pool of a home; nothing is allocated until first use.
    pub const fn of<H: Home>() -> Self {
        let plan = H::PLAN;
        assert!(
            plan.capacity == 0 || <H::Fixed as FixedStore>::STRIDE == plan.stride,
            "the static of a fixed pool has blocks of the plan"
        );
        let mut pool = Self::new(plan);
        pool.door = Some(give::<H>);
        if plan.capacity > 0 {
            pool.fixed = Some(|| H::fixed().figures());
        }
        pool
    }
}

/// Enters the pools of a type in the registry, so that the figures name it before its first value.
pub(crate) fn register<H: Home>() {
    if const { !matches!(H::PLAN.route, Route::Nowhere) } {
        local::list(H::pool());
    }
}

/// Room for one value, if it takes no more than the magazine.
#[inline(always)]
pub(crate) fn take<H: Home>() -> Option<NonNull<u8>> {
    match const { H::PLAN.route } {
        Route::Nowhere => Some(nowhere::<H>()),
        Route::Pool if cfg!(feature = "shadow") => None,
        Route::Pool => H::with_magazine(Magazine::pop).map(give_out),
        Route::Fixed => {
            let pool = H::pool();
            if !pool.listed.load(Relaxed) {
                // No lock of such a pool is ever held across a `fork`: no hooks, so no memory.
                registry::list(pool);
            }
            H::fixed().take()
        }
        Route::TooLarge | Route::OverAligned => None,
    }
}

/// A block goes to the program.
#[inline(always)]
fn give_out(block: Block) -> NonNull<u8> {
    #[cfg(feature = "paranoid")]
    watch::given_out(&block);
    block.0
}

/// A room of the system's for one value, when every block is to be one.
#[cold]
fn take_shadow(pool: &'static Pool, plan: &Plan) -> Result<NonNull<u8>, Refusal> {
    let start = FALLBACK.alloc(Backing::System, plan.layout(), Reason::Shadow, false);
    let start = NonNull::new(start).ok_or(Refusal::OutOfMemory)?;
    local::count_single(pool);
    Ok(start)
}

/// The pointer to a room as it was got, for whoever may have one that is good for less.
#[cfg(feature = "__allocator")]
#[inline(always)]
pub(crate) fn rederive<H: Home>(start: NonNull<u8>) -> NonNull<u8> {
    match const { H::PLAN.route } {
        Route::Pool => crate::space::SPACE.window.rederive(start),
        Route::Fixed => H::fixed().rederive(start),
        Route::Nowhere | Route::TooLarge | Route::OverAligned => start,
    }
}

/// What stands for the room of a value without size.
#[inline(always)]
fn nowhere<H: Home>() -> NonNull<u8> {
    NonNull::without_provenance(const { H::PLAN.alignment() })
}

/// Room for one value when the magazine has none, or when no pool serves the type.
#[cold]
#[inline(never)]
pub(crate) fn take_slow<H: Home>() -> Result<NonNull<u8>, Refusal> {
    let plan = const { &H::PLAN };
    match plan.route {
        Route::Pool if cfg!(feature = "shadow") => return take_shadow(H::pool(), plan),
        Route::Pool => {}
        Route::Fixed => {
            return Err(Refusal::Full);
        }
        _ => return beyond_pools(H::pool(), plan),
    }
    let block = H::with_magazine(|magazine| local::pop_slow(H::pool(), magazine, plan.fallback));
    match block {
        Some(block) => Ok(give_out(block)),
        None if plan.fallback => Err(Refusal::OutOfMemory),
        None => Err(Refusal::FallbackOff),
    }
}

/// The same for those who cannot do without: out of memory aborts.
#[cold]
#[inline(never)]
pub(crate) fn take_or_abort<H: Home>() -> NonNull<u8> {
    match take_slow::<H>() {
        Ok(start) => start,
        Err(Refusal::Full) => breach!(
            "all {} blocks of the fixed pool {:?} are in use",
            H::PLAN.capacity,
            H::PLAN.name
        ),
        Err(_) => std::alloc::handle_alloc_error(H::PLAN.layout()),
    }
}

/// Whether there can be room for a value at all: not if it is too large for a pool and may go nowhere
/// else.
pub(crate) const fn has_room<H: Home>() -> bool {
    H::PLAN.fallback || matches!(H::PLAN.route, Route::Nowhere | Route::Pool | Route::Fixed)
}

/// Gives the room of one value back.
///
/// # Safety
/// `start` came from `take::<H>()` or its slow forms, holds no value any more, and is not used
/// again.
#[inline(always)]
pub(crate) unsafe fn give<H: Home>(start: NonNull<u8>) {
    if const { matches!(H::PLAN.route, Route::Nowhere) } {
        return;
    }
    if const { H::PLAN.zero_on_free } {
        // SAFETY: PLD-1; the room of a value, which nobody uses any more.
        unsafe { overwrite(start, H::PLAN.size) };
    }
    match const { H::PLAN.route } {
        Route::Pool if cfg!(feature = "shadow") => {
            H::pool().count_single_free();
            // SAFETY: FBK-1, PLD-1; `take_slow` got it there, with this layout.
            unsafe { FALLBACK.dealloc(Backing::System, start.as_ptr(), H::PLAN.layout()) };
        }
        Route::Pool => H::with_magazine(|magazine| {
            #[cfg(feature = "paranoid")]
            watch::came_back(start, H::pool());
            if let Err(block) = magazine.push(Block(start)) {
                local::push_slow(H::pool(), magazine, block);
            }
        }),
        // SAFETY: PLD-1; the route is a constant of the home, so it came from there.
        Route::Fixed => unsafe { H::fixed().give(start) },
        Route::Nowhere => {}
        // SAFETY: FBK-1, PLD-1; the route is a constant of the home, so `take_slow` went there too.
        Route::TooLarge | Route::OverAligned => unsafe {
            give_beyond_pools(H::pool(), &H::PLAN, start)
        },
    }
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
