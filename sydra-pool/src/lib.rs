//! Sharded, observable memory pools: a derive for hot structs and a global allocator on one engine.
//!
//! ```
//! use sydra_pool::{PoolBox, Pooled};
//!
//! #[derive(Pooled)]
//! #[pooled(shards = 8)]
//! struct Order {
//!     id: u64,
//!     price: i64,
//!     quantity: u32,
//! }
//!
//! let order = PoolBox::new(Order { id: 1, price: 100, quantity: 5 });
//! assert_eq!(order.price, 100);
//! assert_eq!(sydra_pool::pool::<Order>().live(), 1);
//! ```
//!
//! **A static cannot be generic.** So a type without type or const parameters gets a pool of its
//! own: exact stride, own magazines, own figures. A generic type uses the pools of the size classes
//! (the class is still chosen at compile time for each instantiation), unless
//! `#[pooled(instances(Node<u32>, Node<u64>))]` lists the instances that get pools of their own.
//!
//! # The doors
//! | door | for | see |
//! |---|---|---|
//! | typed pools | types with `#[derive(Pooled)]`: owned, shared, as trait objects; slices and strings | [`PoolBox`], [`PoolArc`], [`PoolRc`], [`pool`], [`coerce!`] |
//! | fixed pools | exactly `N` values, without heap or system | [`StaticPool`], the key `capacity` of [the derive](derive@Pooled) |
//! | allocator | single containers that take one; behind a feature | `SydraAlloc`, [`TypePool`] |
//! | global | everything else | [`SydraPool`], configured by [`config`] |
//!
//! Values that other threads may still be looking at are retired, not dropped: [`epoch`].
//!
//! All but the fixed pools use the same engine: a *magazine* of free blocks for each thread and pool in front, then
//! *buckets* in *shards*, *slabs* of 64 KiB, one reserved *address space*, and a *fallback* for what
//! no pool serves. `ARCHITECTURE.md` in the repository is the map.
//!
//! # Features
//! - `std`: everything but [`StaticPool`], [`StaticBox`], [`AllocError`] and [`Refusal`]. On by default; without it the crate is
//!   `no_std`, needs atomic compare-and-exchange of 32 bits, and no allocator.
//! - `mimalloc`: mimalloc as a backing allocator (`fallback = "mimalloc"`) and as a mode
//!   (`mode = "mimalloc"`) of the global door. Off by default.
//! - `allocator-api2-v0_2`, `allocator-api2-v0_4`: `SydraAlloc` and [`TypePool`] implement
//!   `allocator_api2::alloc::Allocator` of the version in the name. hashbrown and bumpalo are on 0.2.
//!   A version is a feature of its own, so a new one breaks nobody; several may be on at once. Off by
//!   default.
//! - `nightly`: they implement `core::alloc::Allocator`, which needs a nightly compiler. Not together
//!   with `allocator-api2-v0_2` if the feature `nightly` of that crate is on: its trait is then the
//!   same one. Off by default.
//! - `paranoid`: every block is watched. A double free, a foreign pointer and a block of another type
//!   end the process at the faulty call, with a line that names type, slab and block; free blocks are
//!   filled with a pattern, and a write to one is reported when it is used again; a unit without access
//!   lies behind each slab. Slow; how slow was not measured. Off by default.
//! - `shadow`: every block is an allocation of the system's of its own, so that Miri, AddressSanitizer and
//!   valgrind see what a program does with it. Off by default. Neither watches the blocks
//!   of fixed pools.
//! - `serde`: `Serialize` and `Deserialize` for [`PoolBox`], [`PoolArc`] and [`PoolRc`]: of pooled types,
//!   slices and `str`. A value goes into its pool, and a pool that refuses is an error of the
//!   deserialiser. Shared values are written once for each pointer and come back as values of their
//!   own: sharing is not kept. Adds `serde_core`. Off by default.
//! - `stable-deref-trait`: `StableDeref` for the three pointers, and `CloneStableDeref` for those that
//!   count, so that crates such as `yoke` can hold a value together with what borrows from it. Off by
//!   default.
//! - `zeroize`: `Zeroize` and `ZeroizeOnDrop` for [`PoolBox`] of types that have them. What becomes of
//!   the block is for the key `zero_on_free` of [the derive](derive@Pooled). Off by default.
#![no_std]
#![cfg_attr(feature = "nightly", feature(allocator_api))]
#![cfg_attr(all(feature = "nightly", test), feature(btreemap_alloc))]
#![warn(missing_docs)]
// Under loom not all of what the models stand on is used.
#![cfg_attr(loom, allow(dead_code))]

// `std` by path only, without its prelude: `Box` and `Vec` are not at hand in the engine, which
// must not allocate through the allocator it is a part of.
#[cfg(any(feature = "std", test))]
extern crate std;

#[cfg(not(target_has_atomic = "32"))]
compile_error!(
    "sydra-pool needs atomic compare-and-exchange of 32 bits, which this target does not have"
);

// The order of these lines is the floor plan: a file imports only from modules above its own.

// floor 0: ground
#[cfg(feature = "std")]
mod os;
mod base;
mod sync;

// Most of what is above the ground lives in statics, which loom's atomics cannot be part of: under
// loom only the protocols in `sync` and `limbo`, and what they stand on, are compiled and checked.

// floor 1: arithmetic
#[cfg(feature = "std")]
mod class;
#[cfg(feature = "std")]
mod geometry;
#[cfg(all(feature = "std", not(loom)))]
mod config;

// floor 2: memory
#[cfg(feature = "std")]
mod block;
#[cfg(all(feature = "std", not(loom)))]
mod meta;
#[cfg(all(feature = "std", not(loom)))]
mod slab;
#[cfg(all(feature = "std", not(loom)))]
mod space;

// floor 3: rooms
#[cfg(all(feature = "std", not(loom)))]
mod bucket;
#[cfg(all(feature = "std", not(loom)))]
mod fallback;
#[cfg(all(feature = "std", not(loom)))]
mod large;
#[cfg(feature = "std")]
mod limbo;
mod fixed;
#[cfg(all(feature = "std", not(loom)))]
mod magazine;

// floor 4: assembly
#[cfg(all(feature = "std", not(loom)))]
mod shard;
#[cfg(all(feature = "std", not(loom)))]
mod manager;
#[cfg(all(feature = "std", not(loom)))]
mod pool;
#[cfg(all(feature = "std", not(loom)))]
mod reclaim;
#[cfg(all(feature = "paranoid", not(loom)))]
mod watch;
#[cfg(all(feature = "std", not(loom)))]
mod registry;
#[cfg(all(feature = "std", not(loom)))]
mod local;
#[cfg(all(feature = "std", not(loom)))]
mod snapshot;

// floor 5: doors
#[cfg(all(feature = "std", not(loom)))]
mod class_route;
#[cfg(not(loom))]
mod error;
#[cfg(not(loom))]
mod forwarding;
#[cfg(not(loom))]
pub mod static_pool;
#[cfg(all(feature = "std", not(loom)))]
mod waste;
#[cfg(all(feature = "std", not(loom)))]
mod home;
#[cfg(all(feature = "std", not(loom)))]
mod typed;
#[cfg(all(
    not(loom),
    any(feature = "serde", feature = "stable-deref-trait", feature = "zeroize")
))]
mod interop;
#[cfg(all(feature = "std", not(loom)))]
mod private;
#[cfg(all(feature = "std", not(loom)))]
pub mod epoch;
#[cfg(all(feature = "std", not(loom)))]
mod maintenance;
#[cfg(all(feature = "std", not(loom)))]
mod global;
#[cfg(all(not(loom), feature = "__allocator"))]
mod allocator;
#[cfg(all(feature = "std", not(loom)))]
mod register;

/// The layout of pooled types in their generated documentation.
///
/// The documentation of each `Pooled` implementation has a line such as
/// `type Layout = Report<Class<[u8; 48]>, Stride<[u8; 41]>, Waste<[u8; 0]>>`: a block takes 41 bytes,
/// none of them wasted; in the class's blocks it would be 48. They are lengths of arrays because
/// those are what rustdoc evaluates.
#[cfg(all(feature = "std", not(loom)))]
pub mod layout {
    pub use crate::waste::{ByInstance, Class, Report, Stride, Waste};
}

#[cfg(all(feature = "std", not(loom)))]
mod doors {
    #[cfg(feature = "__allocator")]
    pub use crate::allocator::SydraAlloc;
    pub use crate::config::{Backing, Config, DefaultConfig, Mode, Settings, StatsLevel};
    pub use crate::fallback::{FallbackFigures, HISTOGRAM_BINS, HISTOGRAM_BOUNDS};
    pub use crate::geometry::Geometry;
    pub use crate::global::SydraPool;
    pub use crate::maintenance::{Maintenance, maintain_in_background};
    pub use crate::snapshot::{
        BucketFigures, ByteFunnel, ClassFigures, EpochFigures, LargeFigures, PinFigures,
        ShardFigures, Snapshot, ThreadName, TypeFigures, snapshot, snapshot_into,
    };
    pub use crate::typed::{
        LocalPoolFuture, PoolArc, PoolBox, PoolFuture, PoolRc, Pooled, Stored, TypePool, pool,
    };
    pub use sydra_pool_derive::{Pooled, config};

    /// Gives back what is idle: the calling thread's magazines and all depots go home, every empty
    /// slab goes back to the system. Returns the bytes that left the process.
    ///
    /// Magazines of other threads stay as they are: unless `magazine` says otherwise, each holds at
    /// most 256 blocks and 16 KiB (8 blocks from 2 KiB on, 4 above 4 KiB). Time: the pools in use
    /// and the memory given back.
    pub fn trim() -> usize {
        crate::local::trim()
    }

    /// Does the maintenance that is due: retired values whose readers have let go are dropped and freed,
    /// and, at most every 50 ms, idle batches go home and a share of the empty slabs goes back to the
    /// system.
    ///
    /// Slow paths do it by themselves, but those of allocations and frees run no drops that run code of
    /// the program. What was retired just before goes with the second call or the third. A process that stops allocating or retiring may call this from a timer, or see
    /// [`maintain_in_background`]. Time: the pools, the threads, what waits, and a fence in each thread
    /// that is running.
    pub fn maintain() {
        crate::local::maintain(crate::reclaim::Budget::ALL);
    }

    /// Drops and frees every retired value that no pinned reader can see, whichever thread retired
    /// it; returns how many. Nothing when called within such a drop.
    ///
    /// Values that a thread has just retired while it is still pinned stay until it lets go; what drops
    /// retire meanwhile is for the next call. A guard of the caller's own counts as a reader. Aborts if
    /// there is no memory for the calling thread's place. Time:
    /// the threads and what waits.
    pub fn collect_garbage() -> usize {
        crate::local::collect_garbage()
    }

    /// Bounds the shards that a thread uses in each pool it first meets from now on, and returns
    /// the old bound (64 at first). 0 leaves the central buckets only; more than a pool has makes
    /// no difference.
    pub fn limit_shards(shards: usize) -> usize {
        crate::manager::MANAGER.limit_shards(shards)
    }
}

#[cfg(not(loom))]
pub use error::{AllocError, Refusal};
#[cfg(not(loom))]
pub use static_pool::{StaticBox, StaticPool};

#[cfg(all(feature = "std", not(loom)))]
pub use doors::*;

#[doc(hidden)]
#[cfg(all(feature = "std", not(loom)))]
pub mod __private {
    pub use crate::private::v1;
}
