//! Rivals in owning: counting pointers, and futures as trait objects.
//!
//! The order of the modules is the order of dependency. `row` names what is measured; `rival` is the interface that `std`'s pointers
//! and ours have here; `loops` and `tasks` measure; `peer` is the `main` of every peer binary.

pub mod row;
pub mod rival;
pub mod loops;
pub mod tasks;
pub mod peer;
