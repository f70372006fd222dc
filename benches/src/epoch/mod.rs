//! Rivals in reclaiming: what can be freed only when no reader can hold it any more.
//!
//! The order of the modules is the order of dependency. `row` names what is measured; `reclaim` is the interface that all
//! rivals have here; `sydra`, `crossbeam` and `seize` are the rivals; `stack`, `queue` and `skiplist` are written once, over
//! that interface; `loops` and `threads` measure; `peer` is the `main` of every peer binary.

pub mod row;
pub mod reclaim;
pub mod sydra;
pub mod stack;
pub mod queue;
pub mod skiplist;
pub mod loops;
pub mod threads;
pub mod peer;

pub mod crossbeam;
#[cfg(feature = "peers")]
pub mod seize;

#[cfg(test)]
mod hoard;
#[cfg(test)]
mod tests;
