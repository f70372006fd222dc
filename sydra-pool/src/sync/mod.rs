//! The one door to atomics and locks: `core`'s, or loom's when `--cfg loom` checks the protocols, or such as count when
//! `--cfg sydra_count` measures them.
//!
//! # Not here
//! Memory and policy. Everything in this folder runs under loom.

#[cfg(all(feature = "paranoid", not(loom), not(sydra_count)))]
pub(crate) use core::sync::atomic::AtomicU8;
#[cfg(all(not(loom), not(sydra_count)))]
pub(crate) use core::sync::atomic::AtomicU32;
#[cfg(all(not(loom), not(sydra_count), target_has_atomic = "64"))]
pub(crate) use core::sync::atomic::AtomicU64;
#[cfg(not(loom))]
pub(crate) use core::sync::atomic::Ordering;
#[cfg(all(feature = "std", not(loom), not(sydra_count)))]
pub(crate) use core::sync::atomic::{AtomicBool, AtomicI64, AtomicPtr, AtomicU16, AtomicUsize};
#[cfg(all(sydra_count, not(loom)))]
#[allow(unused_imports)]
pub(crate) use counted::{
    AtomicBool, AtomicI64, AtomicPtr, AtomicU8, AtomicU16, AtomicU32, AtomicU64, AtomicUsize,
};
#[cfg(all(sydra_count, not(loom)))]
pub use counted::{
    ReadModifyWrites, forget_writers, read_modify_writes, read_modify_writes_by_place,
};
#[cfg(loom)]
#[allow(unused_imports)]
pub(crate) use loom::sync::atomic::{
    AtomicBool, AtomicI64, AtomicPtr, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};

#[cfg(all(sydra_count, not(loom)))]
mod counted;
#[cfg(feature = "std")]
mod fence;
#[cfg(feature = "std")]
mod lock;
#[cfg(feature = "std")]
mod owners;
#[cfg(feature = "std")]
mod published;
#[cfg(feature = "std")]
mod swapped;
#[cfg(feature = "std")]
mod window;

#[cfg(all(feature = "std", not(loom)))]
pub(crate) use fence::settle_fences_in_child;
#[cfg(feature = "std")]
pub(crate) use fence::{heavy, light, settle_fences};
#[cfg(feature = "std")]
pub(crate) use lock::{Guard, Lock, LockFigures, forking_here, set_forking, set_timing};
#[cfg(feature = "std")]
pub(crate) use owners::{OWNERS_MOST, Owners};
#[cfg(feature = "std")]
pub(crate) use published::Published;
#[cfg(feature = "std")]
pub(crate) use swapped::Swapped;
#[cfg(feature = "std")]
pub(crate) use window::Window;

#[cfg(all(test, loom, feature = "std"))]
mod loom_tests;
