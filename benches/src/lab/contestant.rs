//! Who is measured.

use core::fmt;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What a contestant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The loop alone, which holds its values in place.
    Loop,
    /// A global allocator; values are in `Box`.
    Allocator,
    /// A pool of one type.
    Pool,
    /// A reclaimer.
    Reclaimer,
}

macro_rules! contestants {
    ($($(#[doc = $doc:literal])+ $name:ident $text:literal $kind:ident $binary:literal $bin_features:literal;)+) => {
        /// An allocator, a pool or a reclaimer.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ValueEnum)]
        pub enum Contestant {
            $($(#[doc = $doc])+ #[serde(rename = $text)] #[value(name = $text)] $name,)+
        }

        impl Contestant {
            /// All, in the order of the tables.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its name on the command line, in tables and files.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// What it is.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind),+ }
            }

            /// The binary it is measured in.
            pub const fn binary(self) -> &'static str {
                match self { $(Self::$name => $binary),+ }
            }

            /// The cargo feature with which that binary is built, empty if none is needed.
            pub const fn feature(self) -> &'static str {
                match self { $(Self::$name => $bin_features),+ }
            }
        }
    };
}

contestants! {
    /// No allocator: what of a row is the loop.
    Loop "loop" Loop "lab_system" "";
    /// `PoolBox`, the pool of the type.
    Typed "typed" Pool "lab_sharded" "";
    /// `Box` on our global allocator, with shards.
    Sharded "sharded" Allocator "lab_sharded" "";
    /// The same without shards and with the least magazines, two blocks: nearly each operation takes the mutex of its class.
    Buckets "buckets" Allocator "lab_buckets" "";
    /// `Box` on the system's allocator.
    System "system" Allocator "lab_system" "";
    /// mimalloc 3.
    Mimalloc "mimalloc" Allocator "lab_mimalloc" "peers";
    /// mimalloc 2.
    Mimalloc2 "mimalloc2" Allocator "lab_mimalloc2" "mimalloc2";
    /// snmalloc.
    Snmalloc "snmalloc" Allocator "lab_snmalloc" "peers";
    /// jemalloc.
    Jemalloc "jemalloc" Allocator "lab_jemalloc" "peers";
    /// rpmalloc.
    Rpmalloc "rpmalloc" Allocator "lab_rpmalloc" "peers";
    /// `slab`: one thread, keys.
    Slab "slab" Pool "lab_pools" "peers";
    /// `slotmap`: one thread, keys with generations.
    Slotmap "slotmap" Pool "lab_pools" "peers";
    /// `sharded-slab`: any thread, keys.
    ShardedSlab "sharded-slab" Pool "lab_pools" "peers";
    /// `typed-arena`: one thread, all freed at once.
    TypedArena "typed-arena" Pool "lab_pools" "peers";
    /// `bumpalo`: one thread, all freed at once.
    Bumpalo "bumpalo" Pool "lab_pools" "peers";
    /// `object-pool`: any thread, owners.
    ObjectPool "object-pool" Pool "lab_pools" "peers";
    /// `lockfree-object-pool`: any thread, owners.
    LockfreeObjectPool "lockfree-object-pool" Pool "lab_pools" "peers";
    /// `opool`: any thread, owners.
    Opool "opool" Pool "lab_pools" "peers";
    /// `plurality`: owners; behind a mutex where threads share it.
    Plurality "plurality" Pool "lab_pools" "peers";
    /// `infinity_pool`, pinned, synchronised where threads share it.
    InfinityPool "infinity-pool" Pool "lab_pools" "peers";
    /// `heapless`' pool of boxes in a static.
    Heapless "heapless" Pool "lab_pools" "peers";
    /// `crossbeam-epoch` on mimalloc.
    CrossbeamEpoch "crossbeam-epoch" Reclaimer "lab_mimalloc" "peers";
    /// `Box` on our global allocator, with shards, and `crossbeam-epoch`: between it and `sharded` lie our pools of one type and
    /// our epoch, between it and an allocator of the group epoch lies the allocator.
    ShardedCrossbeam "sharded-crossbeam" Reclaimer "lab_sharded" "";
    /// `seize` on mimalloc.
    Seize "seize" Reclaimer "lab_mimalloc" "peers";
}

impl Contestant {
    /// Whether its memory is ours.
    pub const fn is_ours(self) -> bool {
        matches!(
            self,
            Self::Typed | Self::Sharded | Self::Buckets | Self::ShardedCrossbeam
        )
    }

    /// Whether it frees all its values at once and none alone.
    pub const fn is_arena(self) -> bool {
        matches!(self, Self::TypedArena | Self::Bumpalo)
    }
}

impl fmt::Display for Contestant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}
