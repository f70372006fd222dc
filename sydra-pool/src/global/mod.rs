//! The global door: `SydraPool`, a `GlobalAlloc` on the same engine.
//!
//! The class is a constant wherever the layout is one, which it is in `Box::new` once the allocator
//! is inlined (fat LTO, or the crate that declares it).
//!
//! # Not here
//! The way of a block, which `class_route` knows; here are the modes that go past it.
//! Nothing in this folder can panic: refusals are null, breaches abort.

use crate::class_route::{ClassRoute, Source};
use crate::config::{Backing, Config, DefaultConfig, Mode, Settings};
use crate::epoch;
use crate::fallback::on_backing;
use crate::local;
use crate::snapshot::{Snapshot, snapshot};
use core::alloc::{GlobalAlloc, Layout};
use core::fmt;
use core::marker::PhantomData;
use core::ptr::null_mut;

/// The engine as a global allocator.
///
/// ```
/// use sydra_pool::SydraPool;
///
/// #[sydra_pool::config(shards = 8)]
/// #[global_allocator]
/// static GLOBAL: SydraPool = SydraPool::new();
///
/// let words: Vec<String> = "small strings everywhere".split(' ').map(str::to_owned).collect();
/// assert_eq!(words.len(), 3);
/// assert!(GLOBAL.snapshot().classes.iter().any(|class| class.live > 0));
/// ```
///
/// All handles of a process, and the pools of types, share one engine. Its shards, slab size,
/// magazine size and statistics are settled once, by the settings of the door through which the
/// first slow path of the process comes: a global allocator's as a rule, the defaults if a type's
/// pool is used before. `classes`, `mode`, `fallback` and `poison` are constants of each handle.
///
/// Memory allocated through one handle may be freed through another only if the two have equal
/// settings.
pub struct SydraPool<C: Config = DefaultConfig> {
    config: PhantomData<fn() -> C>,
}

impl<C: Config> SydraPool<C> {
    /// A handle. Allocates nothing; the engine starts with the first request.
    pub const fn new() -> Self {
        Self {
            config: PhantomData,
        }
    }

    /// The settings of this handle.
    pub const fn settings(&self) -> Settings {
        C::SETTINGS
    }

    /// The figures of the process; see [`crate::snapshot`]. In the modes that bypass the pool the
    /// pool's figures stay zero.
    pub fn snapshot(&self) -> Snapshot {
        snapshot()
    }

    /// Gives back what is idle; see [`crate::trim`]. In the modes that bypass the pool only typed
    /// pools can have something to give.
    pub fn trim(&self) -> usize {
        local::trim()
    }

    /// Drops and frees retired values that no reader can see; see [`crate::collect_garbage`]. The
    /// blocks of the global door itself are never retired: it frees at once.
    pub fn collect_garbage(&self) -> usize {
        local::collect_garbage()
    }

    /// Makes the calling thread a reader until [`leave_epoch`](Self::leave_epoch); see
    /// [`epoch::enter`](crate::epoch::enter). The same in every mode: epochs belong to the process.
    pub fn enter_epoch(&self) {
        epoch::enter();
    }

    /// Ends one [`enter_epoch`](Self::enter_epoch) of the calling thread; `false` if there was none.
    pub fn leave_epoch(&self) -> bool {
        epoch::leave()
    }

    /// Tries to move the epoch on, once, and returns what it is then; see
    /// [`epoch::advance`](crate::epoch::advance).
    pub fn advance_epoch(&self) -> u64 {
        epoch::advance()
    }
}

impl<C: Config> Default for SydraPool<C> {
    fn default() -> Self {
        Self::new()
    }
}

impl<C: Config> Clone for SydraPool<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Config> Copy for SydraPool<C> {}

impl<C: Config> fmt::Debug for SydraPool<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SydraPool")
            .field("settings", &C::SETTINGS)
            .finish()
    }
}

/// The bypass of a mode: who serves everything, if it is not the pool.
const fn bypass(settings: &Settings) -> Option<Backing> {
    match settings.mode {
        Mode::SmallPool => None,
        Mode::Mimalloc => Some(Backing::Mimalloc),
        Mode::Default => Some(Backing::System),
    }
}

// SAFETY: RTE-1, CLS-1; blocks are apart, aligned and large enough, and nothing here unwinds.
unsafe impl<C: Config> GlobalAlloc for SydraPool<C> {
    #[inline(always)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match const { bypass(&C::SETTINGS) } {
            None => ClassRoute::<C>::take(layout),
            // SAFETY: FBK-1; passed on to the caller.
            Some(backing) => on_backing!(backing, allocator => unsafe { allocator.alloc(layout) }),
        }
    }

    #[inline(always)]
    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        match const { bypass(&C::SETTINGS) } {
            // SAFETY: RTE-1; passed on to the caller.
            None => unsafe { ClassRoute::<C>::give(start, layout) },
            Some(backing) => {
                // SAFETY: FBK-1; passed on to the caller.
                on_backing!(backing, allocator => unsafe { allocator.dealloc(start, layout) });
            }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match const { bypass(&C::SETTINGS) } {
            None => ClassRoute::<C>::take_zeroed(layout),
            Some(backing) => {
                // SAFETY: FBK-1; passed on to the caller.
                on_backing!(backing, allocator => unsafe { allocator.alloc_zeroed(layout) })
            }
        }
    }

    #[inline]
    unsafe fn realloc(&self, start: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if let Some(backing) = const { bypass(&C::SETTINGS) } {
            // SAFETY: FBK-1; passed on to the caller.
            return on_backing!(backing, allocator => unsafe {
                allocator.realloc(start, layout, size)
            });
        }
        let Ok(to) = Layout::from_size_align(size, layout.align()) else {
            return null_mut();
        };
        // SAFETY: RTE-1; passed on to the caller.
        unsafe { ClassRoute::<C>::resize(start, layout, to) }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
