//! The workloads. Each module's `run` measures one row as the job says.

#[cfg(feature = "clients")]
pub mod clients;
pub mod ingest;
pub mod larson;
pub mod lines;
pub mod memory;
pub mod mstress;
pub mod orders;
pub mod retire;
pub mod shared;
pub mod smart;
pub mod stalled;
pub mod stress;
pub mod table;
pub mod turnover;
pub mod xmalloc;
