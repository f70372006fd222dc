//! The class route: a block for any layout from the pools of the size classes, from the address space for
//! what is larger, or from the backing allocator for the rest. What the global door and the allocator door share.
//!
//! Which class is decided by the layout, at allocation and at free alike; for large blocks the address tells
//! whether the address space had room. A free gives the block the provenance of the whole range again,
//! because the pointer that comes back from a `Box` may only be used for that box's bytes.
//!
//! # Invariants
//! - `RTE-1`: a block whose layout a class serves has that class's stride and natural alignment,
//!   whether it came from a slab or, when the pool had no memory, from the backing allocator in the
//!   canonical layout. So it serves every other layout of that class as well. Any other block is a large one of
//!   its layout (LRG-1), or came from the backing allocator with exactly its layout. Made by `take`; kept by the
//!   callers of the unsafe functions, who name the layout of the allocation, or one that the same class serves.
//!
//! # Not here
//! Empty layouts, which the doors do not pass on; and a panic: refusals are null, breaches abort.

use crate::block::Block;
use crate::class;
use crate::config::{ClassMap, Config, Settings};
use crate::fallback::{FALLBACK, Reason};
use crate::large;
use crate::local;
use crate::magazine::Magazine;
use crate::manager::MANAGER;
use crate::pool::{Pool, classes};
use crate::space::SPACE;
#[cfg(feature = "paranoid")]
use crate::watch;
use core::alloc::Layout;
use core::marker::PhantomData;
use core::ptr::{NonNull, null_mut};

mod poison;
mod source;

pub(crate) use source::Source;

/// The class route under the settings of a door, as constants of its code.
pub(crate) struct ClassRoute<C: Config>(PhantomData<fn() -> C>);

/// Runs `body` on the pool of a class and the calling thread's magazine there.
#[inline(always)]
fn with_class<R>(
    settings: &Settings,
    class: usize,
    body: impl FnOnce(&'static Pool, &Magazine) -> R,
) -> R {
    if settings.poison {
        local::with_poisoned_class(class, |magazine| {
            body(classes::poisoned_pool(class), magazine)
        })
    } else {
        local::with_class(class, |magazine| body(classes::pool(class), magazine))
    }
}

impl<C: Config> ClassRoute<C> {
    const SETTINGS: &'static Settings = &C::SETTINGS;
    const CLASSES: &'static ClassMap = &ClassMap::of(&C::SETTINGS);

    /// The class that serves a layout, if one does.
    #[inline(always)]
    fn class_of(layout: Layout) -> Option<usize> {
        if cfg!(feature = "shadow") {
            return None;
        }
        if const { C::SETTINGS.classes.is_none() } {
            class::of(layout.size(), layout.align())
        } else {
            Self::CLASSES.class_of(layout.size(), layout.align())
        }
    }

    /// The one slow call of an allocation: works the class out again.
    #[cold]
    #[inline(never)]
    fn take_slow(layout: Layout) -> *mut u8 {
        MANAGER.start(Self::SETTINGS);
        let Some(class) = Self::class_of(layout) else {
            return Self::take_beyond(layout, false);
        };
        let block = with_class(Self::SETTINGS, class, |pool, magazine| {
            local::pop_slow(pool, magazine, true)
        });
        match block {
            Some(block) => Self::hand_out(block, class),
            None => null_mut(),
        }
    }

    /// What no class serves.
    fn take_beyond(layout: Layout, zeroed: bool) -> *mut u8 {
        let reason = if cfg!(feature = "shadow") {
            Reason::Shadow
        } else if layout.align() > class::LARGEST_ALIGN {
            Reason::OverAligned
        } else {
            Reason::TooLarge
        };
        local::count_beyond(reason);
        let reason = if large::serves(layout) {
            let taken = large::take(layout, zeroed);
            local::passed_large();
            if let Some(start) = taken {
                return start.as_ptr();
            }
            Reason::RefillFailed
        } else {
            reason
        };
        FALLBACK.alloc(C::SETTINGS.fallback, layout, reason, zeroed)
    }

    #[inline(always)]
    fn hand_out(block: Block, class: usize) -> *mut u8 {
        #[cfg(feature = "paranoid")]
        watch::given_out(&block);
        if const { C::SETTINGS.poison } {
            poison::check(&block, class::stride(class));
        }
        block.0.as_ptr()
    }

    /// The one slow call of a free that a class serves.
    #[cold]
    #[inline(never)]
    fn give_slow(block: Block, class: usize) {
        MANAGER.start(Self::SETTINGS);
        with_class(Self::SETTINGS, class, |pool, magazine| {
            local::push_slow(pool, magazine, block);
        });
    }

    /// Takes back what no class serves.
    ///
    /// # Safety
    /// `start` came from this route with `layout` (RTE-1), and is not used again.
    #[cold]
    #[inline(never)]
    unsafe fn give_beyond(start: *mut u8, layout: Layout) {
        // SAFETY: RTE-1; allocations are not null.
        let pointer = unsafe { NonNull::new_unchecked(start) };
        if let Some(offset) = large::offset_of(pointer, layout) {
            large::give(offset, layout);
            local::passed_large();
            return;
        }
        // SAFETY: FBK-1, RTE-1; no class serves the layout, and it is no large block, so the fallback did.
        unsafe { FALLBACK.dealloc(C::SETTINGS.fallback, start, layout) };
    }

    /// The same for [`resize`](Source::resize): no class serves either layout.
    ///
    /// # Safety
    /// As for `resize`.
    #[cold]
    #[inline(never)]
    unsafe fn resize_beyond(start: *mut u8, from: Layout, to: Layout) -> *mut u8 {
        // SAFETY: RTE-1; allocations are not null.
        let pointer = unsafe { NonNull::new_unchecked(start) };
        if let Some(offset) = large::offset_of(pointer, from) {
            if large::serves(to) && large::resize(offset, from, to) {
                return SPACE.window.at(offset).as_ptr();
            }
        } else if from.align() == to.align() {
            // The backing allocator resizes, but keeps the alignment it was asked for.
            // SAFETY: FBK-1, RTE-1; no large block, so the fallback holds it.
            return unsafe { FALLBACK.realloc(C::SETTINGS.fallback, start, from, to.size()) };
        }
        // SAFETY: RTE-1; passed on to the caller.
        unsafe { Self::move_to(start, from, to) }
    }
}

// SAFETY: SRC-1, RTE-1, CLS-1, LRG-1; a class's blocks have room for what it serves, and the rest keeps to the layout.
unsafe impl<C: Config> Source for ClassRoute<C> {
    #[inline(always)]
    fn take(layout: Layout) -> *mut u8 {
        if let Some(class) = Self::class_of(layout)
            && let Some(block) = with_class(Self::SETTINGS, class, |_, magazine| magazine.pop())
        {
            return Self::hand_out(block, class);
        }
        Self::take_slow(layout)
    }

    fn take_zeroed(layout: Layout) -> *mut u8 {
        let Some(class) = Self::class_of(layout) else {
            MANAGER.start(Self::SETTINGS);
            return Self::take_beyond(layout, true);
        };
        let taken = with_class(Self::SETTINGS, class, |pool, magazine| {
            match magazine.pop() {
                Some(block) => Some((block, false)),
                None => {
                    MANAGER.start(Self::SETTINGS);
                    local::pop_slow_zeroed(pool, magazine)
                }
            }
        });
        let Some((block, zero)) = taken else {
            return null_mut();
        };
        let start = Self::hand_out(block, class);
        if !zero {
            // SAFETY: RTE-1; a block of the class has room for the layout.
            unsafe { start.write_bytes(0, layout.size()) };
        }
        start
    }

    #[inline(always)]
    unsafe fn give(start: *mut u8, layout: Layout) {
        let Some(class) = Self::class_of(layout) else {
            // SAFETY: RTE-1; passed on to the caller.
            return unsafe { Self::give_beyond(start, layout) };
        };
        // SAFETY: RTE-1; allocations are not null.
        let pointer = unsafe { NonNull::new_unchecked(start) };
        let block = SPACE.window.rederive(pointer);
        #[cfg(feature = "paranoid")]
        with_class(Self::SETTINGS, class, |pool, _| {
            watch::came_back(block, pool)
        });
        if const { C::SETTINGS.poison } {
            poison::fill(block, class::stride(class));
        }
        with_class(Self::SETTINGS, class, |_, magazine| {
            if let Err(block) = magazine.push(Block(block)) {
                Self::give_slow(block, class);
            }
        });
    }

    #[inline]
    unsafe fn resize(start: *mut u8, from: Layout, to: Layout) -> *mut u8 {
        match (Self::class_of(from), Self::class_of(to)) {
            (Some(from_class), Some(to_class)) if from_class == to_class => {
                // The pointer may be good for the old size only; the caller will write the new one.
                // SAFETY: RTE-1; a block that is alive, so not null.
                let start = unsafe { NonNull::new_unchecked(start) };
                SPACE.window.rederive(start).as_ptr()
            }
            // SAFETY: RTE-1; passed on to the caller.
            (None, None) => unsafe { Self::resize_beyond(start, from, to) },
            // SAFETY: RTE-1; passed on to the caller.
            _ => unsafe { Self::move_to(start, from, to) },
        }
    }
}
