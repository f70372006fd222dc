//! The one door to atomics and locks: `core`'s, or loom's when `--cfg loom` checks the protocols.
//!
//! # Not here
//! Memory and policy. Everything in this folder runs under loom.

#[cfg(not(loom))]
pub(crate) use core::sync::atomic::{
    AtomicBool, AtomicI64, AtomicPtr, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
#[cfg(loom)]
#[allow(unused_imports)]
pub(crate) use loom::sync::atomic::{
    AtomicBool, AtomicI64, AtomicPtr, AtomicU16, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};

mod fence;
mod lock;
mod owners;
mod published;
mod swapped;
mod window;

#[cfg(not(loom))]
pub(crate) use fence::settle_fences_in_child;
pub(crate) use fence::{heavy, light, settle_fences};
pub(crate) use lock::{Guard, Lock, LockFigures, forking_here, set_forking, set_timing};
pub(crate) use owners::Owners;
pub(crate) use published::Published;
pub(crate) use swapped::Swapped;
pub(crate) use window::Window;

#[cfg(all(test, loom))]
mod loom_tests;
