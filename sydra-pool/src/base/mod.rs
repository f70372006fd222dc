//! Ground that everything stands on: rounding, padding and the way to stop.
//!
//! # Not here
//! No memory, no atomics, no operating system beyond the one call that reports a breach.

pub(crate) mod align;
pub(crate) mod breach;

pub(crate) use crossbeam_utils::CachePadded;
