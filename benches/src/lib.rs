//! Measurements of `sydra_pool`: the rows, the loops that all allocators share, and the driver that compares them.
//!
//! The order of the modules is the order of dependency. `block`, `owner`, `clock` and `cores` know nothing of rows; `row`
//! names what is measured; `shape`, `handoff`, `document`, `maps` and `footprint` measure it inside a peer process; `peer` is the
//! `main` of every peer binary of `ratios`. `epoch` has the same for the rivals in reclaiming: its own rows, structures and
//! `main`. `fixed` likewise for the rivals of the fixed pool, and `pointer` for the rivals in owning: counting pointers and
//! boxed futures. `driver` starts peers and makes the tables of all.
//!
//! # Not here
//! No allocator is chosen in this library: a global allocator belongs to a binary, so each rival has a binary of its own.

pub mod batch;
pub mod block;
pub mod clock;
pub mod cores;
pub mod document;
pub mod driver;
pub mod epoch;
pub mod fixed;
pub mod footprint;
pub mod handoff;
pub mod lab;
pub mod maps;
pub mod owner;
pub mod peer;
pub mod pointer;
pub mod random;
pub mod resident;
pub mod row;
pub mod shape;
