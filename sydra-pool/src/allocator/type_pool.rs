//! The pool of a type as an allocator: what fits in a value's room comes from the type's pool, the
//! rest by the class route.
//!
//! # Invariants
//! - `ALC-3`: whether a room of the home serves a layout is decided by the layout and constants of the
//!   home, so what came from the pool goes back there. A room that serves a layout is as large and as
//!   aligned (PLD-1), and a layout that it does not serve never led there.

use crate::class_route::{ClassRoute, Source};
use crate::config::DefaultConfig;
use crate::home::{self, Home};
use crate::pool::Route;
use core::alloc::Layout;
use core::marker::PhantomData;
use core::ptr::{NonNull, null_mut};

/// The rooms of a home, and the class route behind them.
pub(super) struct Rooms<H>(PhantomData<fn() -> H>);

type Beyond = ClassRoute<DefaultConfig>;

impl<H: Home> Rooms<H> {
    /// Whether a room of the home serves the layout.
    #[inline(always)]
    fn serves(layout: Layout) -> bool {
        let (pooled, size, align) = const {
            let plan = H::PLAN;
            let pooled = matches!(plan.route, Route::Pool | Route::Fixed);
            (pooled, plan.size, plan.align)
        };
        pooled && layout.size() <= size && layout.align() <= align
    }

    /// A room; null when the pool is full or has no memory.
    #[inline(always)]
    fn room() -> *mut u8 {
        let room = home::take::<H>().or_else(|| home::take_slow::<H>().ok());
        room.map_or(null_mut(), NonNull::as_ptr)
    }

    /// The pointer to a room with the provenance it was got with: a container's may be good for what it last asked
    /// for only.
    ///
    /// # Safety
    /// `start` is not null.
    #[inline(always)]
    unsafe fn rederived(start: *mut u8) -> NonNull<u8> {
        // SAFETY: ALC-3; passed on to the caller.
        home::rederive::<H>(unsafe { NonNull::new_unchecked(start) })
    }
}

// SAFETY: SRC-1, ALC-3, PLD-1, RTE-1; as the home and the class route promise.
unsafe impl<H: Home> Source for Rooms<H> {
    #[inline(always)]
    fn take(layout: Layout) -> *mut u8 {
        if Self::serves(layout) {
            Self::room()
        } else {
            Beyond::take(layout)
        }
    }

    #[inline]
    fn take_zeroed(layout: Layout) -> *mut u8 {
        if !Self::serves(layout) {
            return Beyond::take_zeroed(layout);
        }
        let start = Self::room();
        if !start.is_null() {
            // SAFETY: ALC-3; the room is as large as the layout, and nobody's yet.
            unsafe { start.write_bytes(0, layout.size()) };
        }
        start
    }

    #[inline(always)]
    unsafe fn give(start: *mut u8, layout: Layout) {
        if !Self::serves(layout) {
            // SAFETY: ALC-3, RTE-1; passed on to the caller.
            return unsafe { Beyond::give(start, layout) };
        }
        // SAFETY: ALC-3; blocks are not null.
        let room = unsafe { Self::rederived(start) };
        // SAFETY: ALC-3, PLD-1; a room of this home, passed on to the caller.
        unsafe { home::give::<H>(room) };
    }

    #[inline]
    unsafe fn resize(start: *mut u8, from: Layout, to: Layout) -> *mut u8 {
        match (Self::serves(from), Self::serves(to)) {
            // SAFETY: ALC-3; blocks are not null. The room serves both.
            (true, true) => unsafe { Self::rederived(start) }.as_ptr(),
            // SAFETY: ALC-3, RTE-1; passed on to the caller.
            (false, false) => unsafe { Beyond::resize(start, from, to) },
            // SAFETY: ALC-3, SRC-1; passed on to the caller.
            _ => unsafe { Self::move_to(start, from, to) },
        }
    }
}
