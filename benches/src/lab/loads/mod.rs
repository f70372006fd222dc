//! The workloads. Each module's `run` measures one row as the job says.

pub mod ingest;
pub mod orders;
pub mod stalled;
pub mod stress;
