//! The faults of the design's first life, each under its number, with the rule kept here.
//!
//! | rows | where |
//! |---|---|
//! | 1-3, 20-22, 26, 27, 33 | `routes`: where a block comes from and goes back to |
//! | 4-7, 19 | `sharing`: several threads on one shard, several pools on one thread |
//! | 13, 16-18 | `life`: double frees, reuse, memory that goes back, threads that end |
//! | 23-25, 28-30 | `counting`: clocks, counters, histograms, snapshots |
//!
//! Rows 8-12, 14, 15 and 31 concern epochs and come with them; row 32 concerns a command-line tool.
//! Row 7's other half, each ordering weakened in turn, and row 34 are stages of the continuous
//! integration.

mod counting;
mod life;
mod routes;
mod sharing;
