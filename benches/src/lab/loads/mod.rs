//! The workloads. Each module's `run` measures one row as the job says.

pub mod orders;
pub mod retire;
pub mod shared;
