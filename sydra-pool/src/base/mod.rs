//! Ground that everything stands on: rounding, padding and the way to stop.
//!
//! # Not here
//! No memory, no atomics, no operating system beyond the one call that reports a breach.

#[cfg(feature = "std")]
pub(crate) mod align;
#[cfg(feature = "std")]
pub(crate) mod breach;

#[cfg_attr(not(feature = "std"), allow(unused_imports))]
pub(crate) use crossbeam_utils::CachePadded;
