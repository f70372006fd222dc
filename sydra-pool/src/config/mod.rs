//! What can be set: the settings of the global door, and the checks that both macros emit.

mod checks;
mod class_map;

pub(crate) use checks::SHARDS_MOST;
pub use checks::{
    check_align, check_capacity, check_classes, check_fits, check_magazine, check_max_limbo,
    check_mimalloc, check_shards, check_slab_size,
};
pub(crate) use class_map::ClassMap;

/// Bytes of retired values that may wait for readers, unless `max_limbo` says otherwise.
pub(crate) const MAX_LIMBO_BYTES: usize = 64 << 20;

/// What the global door does with requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// Small requests go to the sharded pool, the rest to the backing allocator. The default.
    SmallPool,
    /// Everything goes to mimalloc (needs the feature `mimalloc`).
    Mimalloc,
    /// Everything goes to `std::alloc::System`, Rust's own default; not the default of this crate.
    Default,
}

/// Who serves what the engine cannot: requests too large (above 32 MiB), over-aligned, or refused for want of memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backing {
    /// `std::alloc::System`. The default.
    System,
    /// mimalloc (needs the feature `mimalloc`).
    Mimalloc,
}

/// How often the slow paths measure how long a lock is held. Counts are exact at every level, and
/// whoever has to wait for a lock always measures the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StatsLevel {
    /// Practically no hold times: 1 acquisition in 2^32.
    Off,
    /// Hold times of 1 acquisition in 1,024. The default.
    Basic,
    /// Hold times of every acquisition.
    Full,
}

/// Settings of a [`SydraPool`](crate::SydraPool), normally written by `#[sydra_pool::config(..)]`.
///
/// ```
/// use sydra_pool::{Config, Settings, SydraPool};
///
/// struct Mine;
/// impl Config for Mine {
///     const SETTINGS: Settings = Settings::new().shards(4);
/// }
/// static POOL: SydraPool<Mine> = SydraPool::new();
/// assert_eq!(POOL.settings().shard_count(), Some(4));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Settings {
    pub(crate) mode: Mode,
    pub(crate) shards: Option<usize>,
    pub(crate) classes: Option<&'static [usize]>,
    pub(crate) slab_size: usize,
    pub(crate) magazine: usize,
    pub(crate) max_limbo: usize,
    pub(crate) fallback: Backing,
    pub(crate) stats: StatsLevel,
    pub(crate) poison: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

impl Settings {
    /// The defaults: small pool, one shard for each processor, all classes, `System` behind.
    pub const fn new() -> Self {
        Self {
            mode: Mode::SmallPool,
            shards: None,
            classes: None,
            slab_size: 0,
            magazine: 0,
            max_limbo: MAX_LIMBO_BYTES,
            fallback: Backing::System,
            stats: StatsLevel::Basic,
            poison: false,
        }
    }

    /// Sets the mode.
    ///
    /// # Panics
    /// For [`Mode::Mimalloc`] without the feature `mimalloc`: at compile time, in a `const`.
    pub const fn mode(mut self, mode: Mode) -> Self {
        if matches!(mode, Mode::Mimalloc) {
            check_mimalloc();
        }
        self.mode = mode;
        self
    }

    /// Sets the number of shards, 0 to 64; 0 means central buckets only.
    ///
    /// # Panics
    /// If `shards` is more than 64: at compile time, in a `const`.
    pub const fn shards(mut self, shards: usize) -> Self {
        check_shards(shards);
        self.shards = Some(shards);
        self
    }

    /// One shard for each processor the process may use (the default).
    pub const fn shards_auto(mut self) -> Self {
        self.shards = None;
        self
    }

    /// Serves only these strides, in bytes; what fits none goes to the backing allocator, above 32 KiB as without this.
    ///
    /// # Panics
    /// If the list is empty, does not ascend, or names a stride that is not in the built-in
    /// table: at compile time, in a `const`.
    pub const fn classes(mut self, classes: &'static [usize]) -> Self {
        check_classes(classes);
        self.classes = Some(classes);
        self
    }

    /// Bytes of a slab: a power of two from 64 KiB to 1 MiB. Strides above 4 KiB may take more.
    ///
    /// # Panics
    /// If it is anything else: at compile time, in a `const`.
    pub const fn slab_size(mut self, bytes: usize) -> Self {
        check_slab_size(bytes);
        self.slab_size = bytes;
        self
    }

    /// Blocks that a thread's magazine holds for a class, at most; 2 to 1,024.
    ///
    /// # Panics
    /// If it is anything else: at compile time, in a `const`.
    pub const fn magazine(mut self, blocks: usize) -> Self {
        check_magazine(blocks);
        self.magazine = blocks;
        self
    }

    /// Bytes of retired values that may wait for readers, in the whole process; 64 MiB by default.
    /// Above it each thread that retires forces the epoch on and, if a reader stands in the way, a
    /// stall is counted; retiring goes on.
    ///
    /// # Panics
    /// If it is 0: at compile time, in a `const`.
    pub const fn max_limbo(mut self, bytes: usize) -> Self {
        check_max_limbo(bytes);
        self.max_limbo = bytes;
        self
    }

    /// Sets the backing allocator.
    ///
    /// # Panics
    /// For [`Backing::Mimalloc`] without the feature `mimalloc`: at compile time, in a `const`.
    pub const fn fallback(mut self, backing: Backing) -> Self {
        if matches!(backing, Backing::Mimalloc) {
            check_mimalloc();
        }
        self.fallback = backing;
        self
    }

    /// Sets how often hold times of locks are measured.
    pub const fn stats(mut self, level: StatsLevel) -> Self {
        self.stats = level;
        self
    }

    /// Fills freed blocks of the pool with a pattern and checks it when they are handed out again.
    /// A write after free then stops the process with a message. Not for Miri: filling a block
    /// within its own free is against Tree Borrows. Costs a pass over each block.
    pub const fn poison(mut self, on: bool) -> Self {
        self.poison = on;
        self
    }

    /// The number of shards asked for, `None` for one for each processor.
    pub const fn shard_count(&self) -> Option<usize> {
        self.shards
    }

    /// Bytes of retired values that may wait for readers.
    ///
    /// ```
    /// use sydra_pool::Settings;
    ///
    /// assert_eq!(Settings::new().max_limbo_bytes(), 64 << 20);
    /// assert_eq!(Settings::new().max_limbo(4096).max_limbo_bytes(), 4096);
    /// ```
    pub const fn max_limbo_bytes(&self) -> usize {
        self.max_limbo
    }
}

/// The settings of a global door as a type, so that they are constants of its code.
pub trait Config: 'static {
    /// The settings.
    const SETTINGS: Settings;
}

/// The defaults of [`Settings::new`].
#[derive(Clone, Copy, Debug, Default)]
pub struct DefaultConfig;

impl Config for DefaultConfig {
    const SETTINGS: Settings = Settings::new();
}
