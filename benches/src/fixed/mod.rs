//! Rivals of the fixed pool: pools of a fixed number of blocks that live in statics.
//!
//! The order of the modules is the order of dependency. `row` names what is measured; `pool` is the interface that all rivals
//! have here, and ours; `rivals` are the others; `loops` measures; `peer` is the `main` of every peer binary.

pub mod row;
pub mod pool;
#[cfg(feature = "peers")]
pub mod rivals;
pub mod loops;
pub mod peer;
