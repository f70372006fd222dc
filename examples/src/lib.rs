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
//! | `ingest` | the threads, each writer with a shard of its own |
//! | `sealed`, `lock_free` | a skip list that all threads share, its nodes and records retired through the epoch |
//! | `readers` | writers and pinned readers on one such list |
//! | `options`, `progress`, `report`, `job` | the program around it |
//!
//! A pooled type needs no `unsafe`, and there is none, except in `lock_free`: in a structure without locks, that a pointer may
//! still be followed is the structure's own proof.

#![deny(unsafe_code)]

pub mod calendar;
pub mod hot;
pub mod ingest;
pub mod job;
mod lines;
#[expect(unsafe_code, reason = "links between nodes that other threads unlink")]
pub mod lock_free;
pub mod model;
pub mod options;
pub mod progress;
pub mod query;
pub mod readers;
pub mod report;
pub mod rows;
pub mod sealed;
pub mod skip_list;
pub mod store;
pub mod workload;
