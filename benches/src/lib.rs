//! Measurements of `sydra_pool`: the rows, the loops that all allocators share, and the driver that compares them.
//!
//! The order of the modules is the order of dependency. `block`, `owner` and `clock` know nothing of rows; `row` names
//! what is measured; `shape`, `handoff`, `document` and `footprint` measure it inside a peer process; `peer` is the `main` of
//! every peer binary; `driver` starts peers and makes the tables.
//!
//! # Not here
//! No allocator is chosen in this library: a global allocator belongs to a binary, so each rival has a binary of its own.

pub mod block;
pub mod clock;
pub mod document;
pub mod driver;
pub mod footprint;
pub mod handoff;
pub mod owner;
pub mod peer;
pub mod random;
pub mod resident;
pub mod row;
pub mod shape;
