//! The command line.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use super::allowance::{Allowance, positive};
use crate::lab::contestant::{Contestant, Kind};
use crate::lab::job::{Inject, Job};
use crate::lab::workload::{GIVEN, Group, Row, Workload};

/// What the command line says.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "bench_alloc",
    about = "Allocators, pools and reclaimers side by side: time, tails, memory",
    after_help = "Exit codes: 0 all well, 1 a gate failed, 2 wrong usage or a broken peer, 3 the machine was too noisy to judge."
)]
pub struct Options {
    /// Who is measured: names, `allocators`, `pools` or `all`
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "all", value_parser = contestants)]
    pub allocator: Vec<Choice<Contestant>>,

    /// What is measured: workloads, groups (typed, threads, heap, clients, memory, epoch) or `all`; `--list` prints them
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "types", value_parser = workloads)]
    pub workload: Vec<Choice<Workload>>,

    /// Shards of our allocator and of the pools of one type; `buckets` has none [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=64))]
    pub shards: Option<u32>,

    /// Threads, for workloads that have a choice [default: the workload's own]
    #[arg(long, value_name = "N", value_delimiter = ',', value_parser = clap::value_parser!(u32).range(2..=256))]
    pub threads: Vec<u32>,

    /// Operations of each sample and each thread's tail, instead of as many as the time allows
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    pub ops: Option<u64>,

    /// Time for each row of each contestant, over all rounds; of the rows of memory over time each process gets it all.
    /// `NAME=SECONDS` for a workload or group alone: `1,threads=2,ingest=6`
    #[arg(long, value_name = "SECONDS", value_delimiter = ',')]
    pub seconds: Vec<Allowance>,

    /// Smallest and largest block, in bytes, for workloads that have a choice
    #[arg(long, value_name = "MIN..MAX", value_parser = sizes)]
    pub sizes: Option<[usize; 2]>,

    /// The part of the frees that another thread does, for workloads that have a choice
    #[arg(long, value_name = "0..1", value_parser = share)]
    pub remote_ratio: Option<f64>,

    /// Operations a second in open loops [default: found by measuring]
    #[arg(long, value_name = "PER_SECOND", value_parser = positive)]
    pub rate: Option<f64>,

    /// Run the churn with threads for so long instead of a workload: backlog and drift of latency
    #[arg(long, value_name = "SECONDS", value_parser = positive)]
    pub stress_seconds: Option<f64>,

    /// Operations of a round of that churn
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u64).range(1..))]
    pub stress_ops: u64,

    /// Time between two looks at memory; 0: none
    #[arg(long, value_name = "MS", default_value_t = 20)]
    pub sample_ms: u64,

    /// Keep each thread to one core
    #[arg(long, value_name = "BOOL", default_value_t = true, num_args = 0..=1, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub pin: bool,

    /// Touch memory before the measurement
    #[arg(long)]
    pub prefault: bool,

    /// Decides every random choice
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,

    /// Rounds: each starts every contestant once for each row [default: 7, with --quick 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeat: Option<u32>,

    /// Write the results to this file (its fields: benches/README.md)
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,

    /// Measure nothing: take the results of an earlier run from this file, or of several that are put together
    #[arg(long, value_name = "FILE", value_delimiter = ',', conflicts_with_all = ["allocator", "workload", "shards", "threads", "ops", "seconds", "sizes",
        "remote_ratio", "rate", "stress_seconds", "prefault", "seed", "repeat", "inject", "no_tail", "quick", "instructions"])]
    pub from: Vec<PathBuf>,

    /// Draw plots into this folder, as SVG and PNG
    #[arg(long, value_name = "FOLDER")]
    pub plot: Option<PathBuf>,

    /// Write the tables of a page of Markdown between its marks, and draw a few plots into a folder beside it
    #[arg(long, value_name = "FILE")]
    pub page: Option<PathBuf>,

    /// Runs of other builds that goals of the page are about: in profile release, or with `--cfg sydra_count`
    #[arg(long, value_name = "FILE", value_delimiter = ',', requires = "page")]
    pub also: Vec<PathBuf>,

    /// Compare with the results of an earlier run
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,

    /// Limits to hold the results against
    #[arg(long, value_name = "FILE")]
    pub gate: Option<PathBuf>,

    /// Put in a fault on purpose
    #[arg(long, value_enum, value_name = "FAULT")]
    pub inject: Option<Inject>,

    /// Also count instructions with valgrind's Callgrind, for rows of one thread
    #[arg(long)]
    pub instructions: bool,

    /// Do not time single operations
    #[arg(long)]
    pub no_tail: bool,

    /// Three rounds, less time
    #[arg(long)]
    pub quick: bool,

    /// Print a table for each row however many there are; without, more than 8 rows are printed as a matrix for each group
    #[arg(long)]
    pub full: bool,

    /// Print verdicts and errors only
    #[arg(long)]
    pub quiet: bool,

    /// Print the workloads and contestants and stop
    #[arg(long)]
    pub list: bool,

    /// Do not let cargo build the peers first, even when cargo started this program
    #[arg(long)]
    pub no_build: bool,

    /// Cargo's profile for the binaries that are measured [default: this program's]
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
}

/// What one word of a list stands for.
#[derive(Debug, Clone)]
pub struct Choice<T>(pub Vec<T>);

fn contestants(word: &str) -> Result<Choice<Contestant>, String> {
    let of = |kinds: &[Kind]| {
        let all = Contestant::ALL.iter().copied();
        Choice(all.filter(|one| kinds.contains(&one.kind())).collect())
    };
    match word {
        "all" => Ok(Choice(Contestant::ALL.to_vec())),
        "allocators" => Ok(of(&[Kind::Allocator])),
        "pools" => Ok(of(&[Kind::Pool])),
        name => Contestant::from_str(name, false)
            .map(|one| Choice(vec![one]))
            .map_err(|_| {
                let names: Vec<_> = Contestant::ALL.iter().map(|one| one.name()).collect();
                format!("known are all, allocators, pools, {}", names.join(", "))
            }),
    }
}

/// A workload, a group of them, or all.
pub(super) fn workloads(word: &str) -> Result<Choice<Workload>, String> {
    let of = |chosen: &dyn Fn(Workload) -> bool| {
        Choice(
            Workload::ALL
                .iter()
                .copied()
                .filter(|one| chosen(*one))
                .collect(),
        )
    };
    if word == "all" {
        return Ok(of(&|_| true));
    }
    if let Some(group) = Group::ALL.into_iter().find(|group| group.name() == word) {
        return Ok(of(&|one| one.about().group == group));
    }
    let found = of(&|one| one.name() == word);
    if found.0.is_empty() {
        let groups: Vec<_> = Group::ALL.map(Group::name).into();
        let names: Vec<_> = Workload::ALL.iter().map(|one| one.name()).collect();
        return Err(format!(
            "known are all, {}, {}",
            groups.join(", "),
            names.join(", ")
        ));
    }
    Ok(found)
}

fn share(text: &str) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| "not a number".to_string())?;
    if (0.0..=1.0).contains(&number) {
        Ok(number)
    } else {
        Err("must be from 0 to 1".into())
    }
}

/// The largest block that can be asked for: random numbers below a bound have 32 bits.
const SIZE_MOST: usize = 1 << 30;

fn sizes(text: &str) -> Result<[usize; 2], String> {
    let (low, high) = text.split_once("..").unwrap_or((text, text));
    let number = |word: &str| {
        word.trim()
            .parse::<usize>()
            .map_err(|_| "not a number of bytes".to_string())
    };
    match [number(low)?, number(high)?] {
        [0, _] => Err("a block has at least one byte".into()),
        [low, high] if low > high => Err("the smallest is larger than the largest".into()),
        [_, high] if high > SIZE_MOST => Err("a block has a gigabyte at most".into()),
        both => Ok(both),
    }
}

/// Open loops run at a rate that is given, or at parts of one that is found: not both.
fn is_wanted(row: &Row, rate_is_given: bool) -> bool {
    match row.workload {
        Workload::Ingest => (row.variant == GIVEN) == rate_is_given,
        _ => true,
    }
}

impl Options {
    /// Rounds.
    pub fn rounds(&self) -> u32 {
        let usual = match (self.stress_seconds, self.quick) {
            (Some(_), _) => 1,
            (None, true) => 3,
            (None, false) => 7,
        };
        self.repeat.unwrap_or(usual)
    }

    /// Those asked for, each once, in the order of the tables.
    pub fn contestants(&self) -> Vec<Contestant> {
        let wanted = |one: &Contestant| self.allocator.iter().any(|choice| choice.0.contains(one));
        Contestant::ALL.iter().copied().filter(wanted).collect()
    }

    /// The rows asked for, in the order of the tables.
    pub fn rows(&self) -> Vec<Row> {
        if self.stress_seconds.is_some() {
            return Row::of(Workload::Stress, &self.threads);
        }
        let wanted = |one: &&Workload| self.workload.iter().any(|choice| choice.0.contains(one));
        let workloads = Workload::ALL.iter().filter(wanted);
        workloads
            .flat_map(|&one| Row::of(one, &self.threads))
            .filter(|row| is_wanted(row, self.rate.is_some()))
            .collect()
    }

    /// Rounds of this row: what stays resident differs little from process to process, and takes long to be seen.
    pub fn rounds_of(&self, row: &Row) -> u32 {
        let most = match row.workload.about().group {
            Group::Memory => 3,
            _ => u32::MAX,
        };
        self.repeat.unwrap_or(self.rounds().min(most))
    }

    /// Time of one process.
    fn seconds(&self, row: &Row) -> f64 {
        if let Some(seconds) = self.stress_seconds {
            return seconds;
        }
        let allowed = Allowance::of(&self.seconds, row.workload);
        if row.workload.about().group == Group::Memory {
            return allowed.unwrap_or(if self.quick { 2.0 } else { 4.0 });
        }
        let whole = allowed.unwrap_or(if self.quick { 0.3 } else { 2.0 });
        whole / f64::from(self.rounds())
    }

    /// What a process has to do.
    pub fn job(&self, row: Row, contestant: Contestant) -> Job {
        Job {
            seconds: self.seconds(&row),
            row,
            contestant,
            ops: self
                .stress_seconds
                .map_or(self.ops, |_| Some(self.stress_ops)),
            seed: self.seed,
            pin: self.pin,
            prefault: self.prefault,
            tail: !self.no_tail,
            rate: self.rate,
            remote_ratio: self.remote_ratio,
            sizes: self.sizes,
            sample_ms: self.sample_ms,
            inject: self.inject,
        }
    }
}

#[cfg(test)]
mod tests;
