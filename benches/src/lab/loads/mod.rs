//! The workloads. Each module's `run` measures one row as the job says.

pub mod larson;
pub mod lines;
pub mod mstress;
pub mod orders;
pub mod retire;
pub mod shared;
pub mod smart;
pub mod table;
pub mod turnover;
pub mod xmalloc;
