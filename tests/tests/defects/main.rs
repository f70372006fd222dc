//! The faults of the design's first life, each under its number, with the rule kept here.
//!
//! | rows | where |
//! |---|---|
//! | 1-3, 20-22, 26, 27, 33 | `routes`: where a block comes from and goes back to |
//! | 4-7, 19 | `sharing`: several threads on one shard, several pools on one thread |
//! | 8, 9, 11 | `readers`: what a pinned reader sees stays |
//! | 10, 12 | `verbs`: the oldest pin counts; dropping is not retiring |
//! | 13, 16-18 | `life`: double frees, reuse, memory that goes back, threads that end |
//! | 14, 15, 31 | `limbo`: what was retired comes back by itself, in order, and is counted |
//! | 23-25, 28-30 | `counting`: clocks, counters, histograms, snapshots |
//!
//! Row 32 concerns a command-line tool.
//! Row 7's other half, each ordering weakened in turn, and row 34 are stages of the continuous
//! integration.

mod counting;
mod life;
mod limbo;
mod readers;
mod routes;
mod sharing;
mod verbs;
