//! The global door: `SydraPool`, a `GlobalAlloc` on the same engine.
//!
//! The class is a constant wherever the layout is one, which it is in `Box::new` once the allocator
//! is inlined (fat LTO, or the crate that declares it). A free gives the block the provenance of the
//! whole range again, because the pointer that comes back from a `Box` may only be used for that
//! box's bytes.
//!
//! # Invariants
//! - `GLB-1`: a block whose layout a class serves has that class's stride and natural alignment,
//!   whether it came from a slab or, when the pool had no memory, from the backing allocator in the
//!   canonical layout. Any other came from the backing allocator with exactly its layout. Made by
//!   `alloc`; kept by `GlobalAlloc`'s contract: a free names the layout of the allocation.
//!
//! # Not here
//! Nothing in this folder can panic: refusals are null, breaches abort.

use crate::block::Block;
use crate::class;
use crate::config::{Backing, ClassMap, Config, DefaultConfig, Mode, Settings};
use crate::epoch;
use crate::fallback::{FALLBACK, Reason, on_backing};
use crate::local;
use crate::magazine::Magazine;
use crate::manager::MANAGER;
use crate::pool::{Pool, classes};
use crate::snapshot::{Snapshot, snapshot};
use crate::space::SPACE;
use core::alloc::{GlobalAlloc, Layout};
use core::fmt;
use core::marker::PhantomData;
use core::ptr::{NonNull, null_mut};

mod poison;

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

impl<C: Config> SydraPool<C> {
    const SETTINGS: &'static Settings = &C::SETTINGS;
    const CLASSES: &'static ClassMap = &ClassMap::of(&C::SETTINGS);

    /// The class that serves a layout, or `None` for the fallback.
    #[inline(always)]
    fn class_of(layout: Layout) -> Option<usize> {
        if const { C::SETTINGS.classes.is_none() } {
            class::of(layout.size(), layout.align())
        } else {
            Self::CLASSES.class_of(layout.size(), layout.align())
        }
    }

    #[inline(always)]
    fn take(layout: Layout) -> *mut u8 {
        if let Some(class) = Self::class_of(layout)
            && let Some(block) = with_class(Self::SETTINGS, class, |_, magazine| magazine.pop())
        {
            return Self::hand_out(block, class);
        }
        Self::take_slow(layout)
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
        let reason = if layout.align() > class::LARGEST_ALIGN {
            Reason::OverAligned
        } else {
            Reason::TooLarge
        };
        local::count_beyond(reason);
        FALLBACK.alloc(C::SETTINGS.fallback, layout, reason, zeroed)
    }

    #[inline(always)]
    fn hand_out(block: Block, class: usize) -> *mut u8 {
        #[cfg(feature = "paranoid")]
        crate::watch::given_out(&block);
        if const { C::SETTINGS.poison } {
            poison::check(&block, class::stride(class));
        }
        block.0.as_ptr()
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// As for [`GlobalAlloc::dealloc`].
    #[inline(always)]
    unsafe fn give(start: *mut u8, layout: Layout) {
        let Some(class) = Self::class_of(layout) else {
            // SAFETY: GLB-1; passed on to the caller.
            return unsafe { Self::give_beyond(start, layout) };
        };
        // SAFETY: GLB-1; allocations are not null.
        let pointer = unsafe { NonNull::new_unchecked(start) };
        let block = SPACE.window.rederive(pointer);
        if const { C::SETTINGS.poison } {
            poison::fill(block, class::stride(class));
        }
        with_class(Self::SETTINGS, class, |_pool, magazine| {
            #[cfg(feature = "paranoid")]
            crate::watch::came_back(block, _pool);
            if let Err(block) = magazine.push(Block(block)) {
                Self::give_slow(block, class);
            }
        });
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
    /// As for [`GlobalAlloc::dealloc`].
    #[cold]
    #[inline(never)]
    unsafe fn give_beyond(start: *mut u8, layout: Layout) {
        // SAFETY: FBK-1, GLB-1; no class serves the layout, so the fallback did.
        unsafe { FALLBACK.dealloc(C::SETTINGS.fallback, start, layout) };
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
            // SAFETY: GLB-1; a block of the class has room for the layout.
            unsafe { start.write_bytes(0, layout.size()) };
        }
        start
    }

    /// Moves a block to another class, or across the border between pool and fallback; null leaves
    /// it as it was.
    ///
    /// # Safety
    /// As for [`GlobalAlloc::realloc`].
    unsafe fn move_to(start: *mut u8, layout: Layout, to: Layout) -> *mut u8 {
        let fresh = Self::take(to);
        if !fresh.is_null() {
            let bytes = layout.size().min(to.size());
            // SAFETY: GLB-1; both blocks are alive, apart, and have room for the smaller size.
            unsafe { fresh.copy_from_nonoverlapping(start, bytes) };
            // SAFETY: GLB-1; passed on to the caller.
            unsafe { Self::give(start, layout) };
        }
        fresh
    }
}

// SAFETY: GLB-1, CLS-1; blocks are apart, aligned and large enough, and nothing here unwinds.
unsafe impl<C: Config> GlobalAlloc for SydraPool<C> {
    #[inline(always)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match const { bypass(&C::SETTINGS) } {
            None => Self::take(layout),
            // SAFETY: FBK-1; passed on to the caller.
            Some(backing) => on_backing!(backing, allocator => unsafe { allocator.alloc(layout) }),
        }
    }

    #[inline(always)]
    unsafe fn dealloc(&self, start: *mut u8, layout: Layout) {
        match const { bypass(&C::SETTINGS) } {
            // SAFETY: GLB-1; passed on to the caller.
            None => unsafe { Self::give(start, layout) },
            Some(backing) => {
                // SAFETY: FBK-1; passed on to the caller.
                on_backing!(backing, allocator => unsafe { allocator.dealloc(start, layout) });
            }
        }
    }

    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match const { bypass(&C::SETTINGS) } {
            None => Self::take_zeroed(layout),
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
        let from_class = Self::class_of(layout);
        let to_class = Self::class_of(to);
        match (from_class, to_class) {
            (Some(from), Some(to)) if from == to => {
                // The pointer may be good for the old size only; the caller will write the new one.
                // SAFETY: GLB-1; a block that is alive, so not null.
                let start = unsafe { NonNull::new_unchecked(start) };
                SPACE.window.rederive(start).as_ptr()
            }
            // SAFETY: FBK-1, GLB-1; no class serves either size, so the fallback holds the block.
            (None, None) => unsafe { FALLBACK.realloc(C::SETTINGS.fallback, start, layout, size) },
            // SAFETY: GLB-1; passed on to the caller.
            _ => unsafe { Self::move_to(start, layout, to) },
        }
    }
}

#[cfg(all(test, not(loom)))]
mod tests;
