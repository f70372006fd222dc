//! What the examples of sydra-pool are made of, above all the main job, `ingest`: a small log-structured store of flights.
//!
//! Read it in this order; each module uses only those above it (the hot structs and the skip list, which own one another,
//! and the store's entries excepted).
//!
//! | module | what |
//! |---|---|
//! | `calendar` | minutes and dates |
//! | `lines`, `rows` | from bytes to flights, with a reason for each row that is none |
//! | `query` | questions and answers |
//! | `hot` | the four pooled structs, and the choice of `PoolBox` or `Box` |
//! | `skip_list` | a skip list in which every node has one owner |
//! | `store` | memtable, segment, shard |
//! | `workload`, `model` | what is written and asked, and the right answers |
//! | `ingest` | the threads |
//! | `options`, `progress`, `report`, `job` | the program around it |
//!
//! There is no `unsafe` in it: a pooled type needs none.

#![forbid(unsafe_code)]

pub mod calendar;
pub mod hot;
pub mod ingest;
pub mod job;
mod lines;
pub mod model;
pub mod options;
pub mod progress;
pub mod query;
pub mod report;
pub mod rows;
pub mod skip_list;
pub mod store;
pub mod workload;
