//! The command line of `ingest`.

use clap::Parser;
use std::path::{Path, PathBuf};

/// Ingest flights into a sharded store of pooled nodes, and check every answer.
///
/// Reads a CSV table of flights, parses each row into pooled structs, lets several writer threads put, correct and delete
/// flights in memtables (skip lists) whose nodes are PoolBoxes, hands full memtables to a flush thread that frees them,
/// and asks questions all along. Every answer is compared with that of a BTreeMap. The same code is then run with
/// Box in place of PoolBox, in alternating rounds, and the speed of both is printed. At last the writers share one
/// lock-free list with reader threads, and what the epoch kept back for these is printed.
#[derive(Debug, Parser)]
#[command(name = "ingest", version, after_help = EXIT_STATUS, max_term_width = 100)]
pub struct Options {
    /// The table; its first line names the columns date, delay_minutes, distance_miles, origin and destination
    ///
    /// [default: the flights-20k.csv of this example]
    #[arg(short, long, value_name = "FILE")]
    pub input: Option<PathBuf>,

    /// Writer threads, each with a memtable of its own; the flush thread comes on top
    ///
    /// [default: one per core, at most 8]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,

    /// Ingest the table so many times, each copy shifted in time to follow the one before
    #[arg(short, long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeat: u32,

    /// Let threads use at most so many shards of each pool; 0 for the central store only
    ///
    /// [default: as many as the pools are built with]
    #[arg(short, long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=64))]
    pub shards: Option<u16>,

    /// Measured rounds with each kind of pointer; one more of each warms up
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rounds: u32,

    /// Reader threads that ask the shared list while the writers write in it; 0 leaves the shared list out
    ///
    /// [default: as many as there are writers]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=256))]
    pub readers: Option<u16>,

    /// How often the writers of the shared list stop, for it to be compared with the BTreeMap
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub stops: u16,

    /// Decides which flights are corrected and deleted, and what is asked
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
}

const EXIT_STATUS: &str = "\
Exit status: 0 when every answer agrees with the model and every block came back, 1 when not, \
2 when the arguments or the input are of no use.";

impl Options {
    /// The table to read.
    pub fn input(&self) -> PathBuf {
        if let Some(input) = &self.input {
            return input.clone();
        }
        let own = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/data/flights-20k.csv"));
        // As short as it can be said from here.
        let here = std::env::current_dir().unwrap_or_default();
        own.strip_prefix(here).unwrap_or(own).to_path_buf()
    }

    /// How many writers to start.
    pub fn threads(&self) -> usize {
        let cores = || {
            std::thread::available_parallelism()
                .map_or(1, usize::from)
                .min(8)
        };
        self.threads.map_or_else(cores, usize::from)
    }

    /// How many readers to start.
    pub fn readers(&self) -> usize {
        self.readers.map_or_else(|| self.threads(), usize::from)
    }
}
