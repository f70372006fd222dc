//! One language of operations, one judge, and what the tests need around them.
//!
//! A test of this project says what it does to a heap with [`op::Op`]s and lets [`judge::Judge`]
//! decide whether the heap kept its promises: blocks apart from each other, aligned, as their owner
//! left them, zeroed where zero was asked for, the prefix kept by a resize, all returned at the
//! end, counted exactly. Property tests, threads and regressions run the same operations
//! against the same judge, so a rule is written down once. [`broken`] holds heaps that lie, each in
//! one way; a judge that lets one of them pass is no judge.
//!
//! The modules stand in the order of their dependencies.

pub mod rng;

pub mod block;

pub mod op;

pub mod verdict;

pub mod judge;

pub mod broken;

pub mod play;

pub mod typed_heap;

pub mod allocator_heap;

pub mod watchdog;

pub mod patience;

pub mod ledger;

pub mod counted;

pub mod noted;

pub mod history;

#[cfg(all(unix, not(miri)))]
pub mod child;

#[cfg(all(unix, not(miri)))]
pub mod fork;

#[cfg(all(target_os = "linux", not(miri)))]
pub mod resident;

#[cfg(all(unix, not(miri)))]
pub mod pthread_key;

/// The README: its code is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
#[derive(Debug)]
pub struct Readme;
