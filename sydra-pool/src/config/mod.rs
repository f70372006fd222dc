//! What can be set: the settings of the global door and the checks that both macros emit.
//!
//! The checks are `const fn`s that panic, so a wrong setting is a compile error at the value that
//! is wrong. They run at compile time only.

use crate::class;
use crate::geometry::{MAGAZINE_MOST, SLAB_UNITS_MOST, UNIT_BYTES};

/// The most shards a pool can have.
pub(crate) const SHARDS_MOST: usize = 64;

/// The most blocks a fixed pool can have: what a word of its list counts to.
pub(crate) const CAPACITY_MOST: usize = if cfg!(target_has_atomic = "64") {
    65_535
} else {
    1_023
};

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

/// Who serves what a pool cannot: requests too large, over-aligned, or refused for want of memory.
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

    /// Serves only these strides, in bytes; a larger request goes to the backing allocator.
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

/// Which class serves the requests of each class: itself, or under `classes = [..]` the next one
/// that is listed. Made at compile time, so that no list is searched at run time.
pub(crate) struct ClassMap([u8; class::COUNT]);

/// "No listed class is large enough."
const UNLISTED: u8 = u8::MAX;

impl ClassMap {
    pub(crate) const fn of(settings: &Settings) -> Self {
        let mut map = [UNLISTED; class::COUNT];
        let mut next = UNLISTED;
        let mut index = class::COUNT;
        while index > 0 {
            index -= 1;
            if settings.serves(class::stride(index)) {
                next = index as u8;
            }
            map[index] = next;
        }
        Self(map)
    }

    /// The class that serves a request, or `None` for the fallback.
    ///
    /// Constant time up to alignment 8; for more, at most a step for each listed class in the same
    /// doubling, as every second, fourth .. stride is a multiple of the alignment.
    #[inline(always)]
    pub(crate) const fn class_of(&self, size: usize, align: usize) -> Option<usize> {
        let Some(mut class) = class::of(size, align) else {
            return None;
        };
        // Bounded by the table, as each step goes up.
        loop {
            let listed = self.0[class];
            if listed == UNLISTED {
                return None;
            }
            class = listed as usize;
            if align <= 8 || class::stride(class).is_multiple_of(align) {
                return Some(class);
            }
            class += 1;
            if class == class::COUNT {
                return None;
            }
        }
    }
}

impl Settings {
    /// Whether a stride is among the `classes`.
    const fn serves(&self, stride: usize) -> bool {
        let Some(strides) = self.classes else {
            return true;
        };
        let mut index = 0;
        while index < strides.len() {
            if strides[index] == stride {
                return true;
            }
            index += 1;
        }
        false
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

/// `shards`: 0 to 64.
#[track_caller]
pub const fn check_shards(shards: usize) {
    assert!(
        shards <= SHARDS_MOST,
        "shards must be 0 to 64 (0: central buckets only)"
    );
}

/// `slab_size`: a power of two from 64 KiB to 1 MiB.
#[track_caller]
pub const fn check_slab_size(bytes: usize) {
    assert!(
        bytes.is_power_of_two() && bytes >= UNIT_BYTES && bytes <= SLAB_UNITS_MOST * UNIT_BYTES,
        "slab_size must be a power of two from 65536 (64 KiB) to 1048576 (1 MiB)"
    );
}

/// `magazine`: 2 to 1,024 blocks.
#[track_caller]
pub const fn check_magazine(blocks: usize) {
    assert!(
        blocks >= 2 && blocks <= MAGAZINE_MOST,
        "magazine must be 2 to 1024 blocks"
    );
}

/// `max_limbo`: at least one byte.
#[track_caller]
pub const fn check_max_limbo(bytes: usize) {
    assert!(bytes >= 1, "max_limbo must be at least 1 byte");
}

/// `capacity`: 1 to 65,535 blocks.
#[track_caller]
pub const fn check_capacity(blocks: usize) {
    assert!(
        blocks >= 1 && blocks <= CAPACITY_MOST,
        "capacity must be 1 to 65535 blocks"
    );
}

/// `align`: a power of two up to 4,096.
#[track_caller]
pub const fn check_align(align: usize) {
    assert!(
        align.is_power_of_two() && align <= class::LARGEST_ALIGN,
        "align must be a power of two from 1 to 4096"
    );
}

/// `fallback = "none"`: the type must fit the pool.
#[track_caller]
pub const fn check_fits<T>() {
    assert!(
        size_of::<T>() <= class::LARGEST && align_of::<T>() <= class::LARGEST_ALIGN,
        "fallback = \"none\", but the type does not fit a pool: at most 32768 bytes, alignment 4096"
    );
}

/// `classes`: ascending strides of the built-in table.
#[track_caller]
pub const fn check_classes(classes: &[usize]) {
    assert!(!classes.is_empty(), "classes must list at least one stride");
    let mut index = 0;
    while index < classes.len() {
        let stride = classes[index];
        assert!(
            stride >= 8 && stride <= class::LARGEST,
            "a class must be 8 to 32768 bytes"
        );
        match class::of(stride, 8) {
            Some(class) => assert!(
                class::stride(class) == stride,
                "a class must be a stride of the table: multiples of 8 up to 128, then 160, 192, \
                 224, 256, 320, 384, 448, 512 and so on, four for each doubling up to 32768"
            ),
            // PANIC: evaluated by the compiler, as all checks here; and not reached, as the size
            // was checked above.
            None => panic!("a class must be 8 to 32768 bytes"),
        }
        assert!(
            index == 0 || classes[index - 1] < stride,
            "classes must ascend"
        );
        index += 1;
    }
}

/// `"mimalloc"` needs the feature.
#[track_caller]
pub const fn check_mimalloc() {
    if !cfg!(feature = "mimalloc") {
        // PANIC: in constants only.
        panic!("enable the feature `mimalloc` of sydra-pool to use it");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_table_routes_by_the_listed_strides_only() {
        const SEED: Settings = Settings::new().classes(&[16, 24, 32, 48, 64, 96, 128, 192, 256]);
        const MAP: ClassMap = ClassMap::of(&SEED);
        assert_eq!(MAP.class_of(100, 8).map(class::stride), Some(128));
        assert_eq!(MAP.class_of(130, 8).map(class::stride), Some(192));
        assert_eq!(MAP.class_of(24, 16).map(class::stride), Some(32));
        assert_eq!(MAP.class_of(257, 8), None);
        assert_eq!(MAP.class_of(1, 64).map(class::stride), Some(64));
        for size in 1..300 {
            for log in 0..9 {
                let align = 1_usize << log;
                let fits = |stride: &&usize| **stride >= size && stride.is_multiple_of(align);
                let by_search = SEED.classes.and_then(|strides| strides.iter().find(fits));
                assert_eq!(
                    MAP.class_of(size, align).map(class::stride),
                    by_search.copied()
                );
            }
        }
    }
}
