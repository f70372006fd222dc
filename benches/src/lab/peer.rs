//! The `main` of every process that is measured.

use std::process::ExitCode;

use super::contestant::{Contestant, Kind};
use super::engine;
use super::hot::{Header, Item, Node, Record, Tombstone};
use super::job::{Job, Report};
#[cfg(feature = "clients")]
use super::loads::clients;
use super::loads::ingest::{Ingest, choice::Load};
use super::loads::stalled::Stalled;
use super::loads::stress::Stress;
use super::loads::{
    larson, lines, memory, mstress, orders, retire, shared, smart, table, turnover, xmalloc,
};
use super::prefault;
use super::store::{Boxes, Family, Loop, Offers, OffersShared, Pools, SharedFamily};
use super::stores;
#[cfg(feature = "peers")]
use super::stores::{arenas, blocks, keys, objects, slots};
use super::workload::{Group, Workload};
use crate::resident;

/// What a binary says of itself.
#[derive(Debug, Clone, Copy)]
pub struct Peer {
    /// The allocator that is installed, by its own word where it has one.
    pub allocator: fn() -> String,
    /// Whether the engine's figures belong into its reports.
    pub is_ours: bool,
}

/// The exit code of a process whose contestant cannot do the row: it is left out of it.
pub const CANNOT: u8 = 4;

/// Reads a [`Job`] from the first argument, does it, prints the [`Report`].
pub fn main(peer: Peer) -> ExitCode {
    answer(peer, perform)
}

/// The same for other crates' pools. They are compiled into one binary only.
#[cfg(feature = "peers")]
pub fn main_of_pools(peer: Peer) -> ExitCode {
    answer(peer, perform_pools)
}

fn answer(peer: Peer, perform: fn(&Job) -> Option<Report>) -> ExitCode {
    let Some(text) = std::env::args().nth(1) else {
        eprintln!("usage: one argument, a job as JSON (started by `bench_alloc`)");
        return ExitCode::from(2);
    };
    let job: Job = match serde_json::from_str(&text) {
        Ok(job) => job,
        Err(trouble) => {
            eprintln!("this is no job: {trouble}");
            return ExitCode::from(2);
        }
    };
    if job.prefault {
        prefault::heap();
        if job.contestant == Contestant::Typed {
            prefault::types();
        }
    }
    let Some(mut report) = perform(&job) else {
        return ExitCode::from(CANNOT);
    };
    report.peak_rss_kib = resident::peak_kib();
    report.allocator = (peer.allocator)();
    if peer.is_ours {
        report.figures.extend(engine::figures());
    }
    println!(
        "{}",
        serde_json::to_string(&report).expect("a report has no other keys than texts")
    );
    ExitCode::SUCCESS
}

/// Does the job; `None` if the contestant cannot.
fn perform(job: &Job) -> Option<Report> {
    match (job.row.workload.about().group, job.row.workload) {
        (Group::Typed, workload) if stores::refusal(job.contestant, workload).is_some() => None,
        (Group::Typed, Workload::Retire) => retired(job),
        (Group::Typed, workload) => {
            let shared = matches!(workload, Workload::Contend | Workload::Handoff);
            match (job.contestant, job.contestant.kind(), shared) {
                (Contestant::Loop, _, false) => one_type::<Loop>(job),
                (Contestant::Loop, _, true) => two_threads::<Loop>(job),
                (Contestant::Typed, _, false) => one_type::<Pools>(job),
                (Contestant::Typed, _, true) => two_threads::<Pools>(job),
                (_, Kind::Allocator, false) => one_type::<Boxes>(job),
                (_, Kind::Allocator, true) => two_threads::<Boxes>(job),
                _ => None,
            }
        }
        (Group::Threads | Group::Heap, _) => sized(job),
        #[cfg(feature = "clients")]
        (Group::Clients, _) => Some(clients::run(job)),
        (Group::Memory, _) => Some(memory::run(job)),
        (_, Workload::Ingest) => Some(Ingest::run(job)),
        (_, Workload::Stalled) => Some(Stalled::run(job)),
        (_, Workload::Stress) => Some(Stress::run(job)),
        _ => None,
    }
}

/// Does the job of another crate's pool.
#[cfg(feature = "peers")]
fn perform_pools(job: &Job) -> Option<Report> {
    if stores::refusal(job.contestant, job.row.workload).is_some() {
        return None;
    }
    let shared = matches!(job.row.workload, Workload::Contend | Workload::Handoff);
    match (job.contestant, shared) {
        (Contestant::Slab, _) => one_type::<keys::Slab>(job),
        (Contestant::Slotmap, _) => one_type::<keys::Slotmap>(job),
        (Contestant::ShardedSlab, false) => one_type::<keys::ShardedSlab>(job),
        (Contestant::ShardedSlab, true) => two_threads::<keys::ShardedSlab>(job),
        (Contestant::TypedArena, _) => one_type::<arenas::TypedArena>(job),
        (Contestant::Bumpalo, _) => one_type::<arenas::Bumpalo>(job),
        (Contestant::ObjectPool, false) => one_type::<objects::ObjectPool>(job),
        (Contestant::ObjectPool, true) => two_threads::<objects::ObjectPool>(job),
        (Contestant::LockfreeObjectPool, false) => one_type::<objects::LockfreeObjectPool>(job),
        (Contestant::LockfreeObjectPool, true) => two_threads::<objects::LockfreeObjectPool>(job),
        (Contestant::Opool, false) => one_type::<objects::Opool>(job),
        (Contestant::Opool, true) => two_threads::<objects::Opool>(job),
        (Contestant::Plurality, false) => one_type::<slots::Plurality>(job),
        (Contestant::Plurality, true) => two_threads::<slots::Plurality>(job),
        (Contestant::InfinityPool, false) => one_type::<slots::InfinityPool>(job),
        (Contestant::InfinityPool, true) => two_threads::<slots::InfinityPool>(job),
        (Contestant::Heapless, false) => one_type::<blocks::Heapless>(job),
        (Contestant::Heapless, true) => two_threads::<blocks::Heapless>(job),
        _ => None,
    }
}

/// A row of nodes that are retired.
fn retired(job: &Job) -> Option<Report> {
    match job.contestant {
        Contestant::Typed => retire::run::<crate::epoch::sydra::Sydra>(job),
        #[cfg(feature = "peers")]
        Contestant::CrossbeamEpoch => retire::run::<crate::epoch::crossbeam::Crossbeam>(job),
        #[cfg(feature = "peers")]
        Contestant::Seize => retire::run::<crate::epoch::seize::Seize>(job),
        _ => None,
    }
}

/// A row of blocks of many sizes.
fn sized(job: &Job) -> Option<Report> {
    Some(match job.row.workload {
        Workload::Larson => larson::run(job),
        Workload::Xmalloc => xmalloc::run(job),
        Workload::Mstress => mstress::run(job),
        Workload::Sh6 | Workload::Sh8 => smart::run(job),
        Workload::Scratch | Workload::Thrash => lines::run(job),
        Workload::Pareto | Workload::Sizes => table::run(job),
        Workload::Turnover => turnover::run(job),
        _ => return None,
    })
}

fn one_type<F: Family>(job: &Job) -> Option<Report> {
    Some(match job.row.variant {
        "tombstone" => orders::run::<Tombstone, <F as Offers<Tombstone>>::Store>(job),
        "header" => orders::run::<Header, <F as Offers<Header>>::Store>(job),
        "node" => orders::run::<Node, <F as Offers<Node>>::Store>(job),
        "record" => orders::run::<Record, <F as Offers<Record>>::Store>(job),
        "mix" => orders::mix::<F>(job),
        _ => return None,
    })
}

fn two_threads<F: SharedFamily>(job: &Job) -> Option<Report> {
    match job.row.variant {
        "tombstone" => two_threads_of::<Tombstone, F>(job),
        "header" => two_threads_of::<Header, F>(job),
        "node" => two_threads_of::<Node, F>(job),
        "record" => two_threads_of::<Record, F>(job),
        _ => None,
    }
}

fn two_threads_of<T: Item, F: OffersShared<T>>(job: &Job) -> Option<Report> {
    match job.row.workload {
        Workload::Contend => Some(shared::contend::<T, F::Contended>(job)),
        Workload::Handoff if job.row.threads == 2 => Some(shared::handoff::<T, F::Handed>(job)),
        _ => None,
    }
}

/// The number of shards that the driver asked for when this was built; 8 without a wish.
///
/// # Panics
/// When compiling, if the text is no number.
pub const fn shards(text: Option<&str>) -> usize {
    let Some(text) = text else { return 8 };
    match usize::from_str_radix(text, 10) {
        Ok(number) => number,
        Err(_) => panic!("SYDRA_BENCH_SHARDS is no number"),
    }
}

/// mimalloc's version as text.
///
/// # Panics
/// If the version is not `major`: the features of two builds were mixed.
pub fn mimalloc_version(version: i32, major: i32) -> String {
    // 3.3.2 calls itself 30302, 2.2.4 calls itself 224.
    let parts = if version >= 10_000 {
        [version / 10_000, version / 100 % 100, version % 100]
    } else {
        [version / 100, version / 10 % 10, version % 10]
    };
    assert_eq!(parts[0], major, "this is mimalloc {parts:?}");
    format!("mimalloc {}.{}.{}", parts[0], parts[1], parts[2])
}
