//! The laboratory: `bench_alloc` and the processes it starts.
//!
//! A **row** is a workload with a variant and a number of threads; a **contestant** is an allocator or a pool. The driver
//! starts one process for each contestant, row and round, tells it a [`Job`](job::Job) and reads a
//! [`Report`](job::Report), both a line of JSON. Everything a process measures is in its report; everything that is
//! compared is compared by the driver.
//!
//! The order of the modules is the order of dependency. `contestant` and `workload` are lists; `job` says what passes
//! between the processes; `time` and `crew` measure what any load does, `warm_up` says from when on, `shift` a load whose threads begin and end in a
//! sample, `moments` the memory it has meanwhile; `store` is one interface to all that holds values, `hot` the values,
//! `stores` other crates' pools, `heap` blocks of any size; `loads` are the workloads, `runs` says which of them does a row
//! for whom; `peer` is the `main` of every process that is measured. `driver` starts them and makes tables, files and plots.
//!
//! # Not here
//! No allocator is chosen in this library: a global allocator belongs to a binary, so each has one of its own
//! (`src/bin/lab_*.rs`).

pub mod contestant;
pub mod crew;
pub mod driver;
pub mod engine;
pub mod heap;
pub mod hot;
pub mod job;
pub mod loads;
pub mod moments;
pub mod peer;
pub mod prefault;
mod runs;
pub mod shift;
pub mod store;
pub mod stores;
pub mod time;
mod warm_up;
pub mod workload;
