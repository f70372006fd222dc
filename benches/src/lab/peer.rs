//! The `main` of every process that is measured.

use std::process::ExitCode;

use super::contestant::{Contestant, Kind};
use super::engine;
use super::hot::{Header, Item, Node, Record, Tombstone};
use super::job::{Job, Report};
#[cfg(feature = "clients")]
use super::loads::clients;
use super::loads::{
    larson, lines, memory, mstress, orders, retire, shared, smart, table, turnover, xmalloc,
};
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
        (Group::Typed, Workload::Contend | Workload::Handoff) => shared(job),
        (Group::Typed, _) => typed(job),
        (Group::Threads | Group::Heap, _) => sized(job),
        #[cfg(feature = "clients")]
        (Group::Clients, _) => Some(clients::run(job)),
        (Group::Memory, _) => Some(memory::run(job)),
        _ => None,
    }
}

/// A row of values of one type on one thread.
fn typed(job: &Job) -> Option<Report> {
    match (job.contestant, job.contestant.kind()) {
        (Contestant::Loop, _) => one_type::<Loop>(job),
        (Contestant::Typed, _) => one_type::<Pools>(job),
        (_, Kind::Allocator) => one_type::<Boxes>(job),
        #[cfg(feature = "peers")]
        (pool, _) => match pool {
            Contestant::Slab => one_type::<keys::Slab>(job),
            Contestant::Slotmap => one_type::<keys::Slotmap>(job),
            Contestant::ShardedSlab => one_type::<keys::ShardedSlab>(job),
            Contestant::TypedArena => one_type::<arenas::TypedArena>(job),
            Contestant::Bumpalo => one_type::<arenas::Bumpalo>(job),
            Contestant::ObjectPool => one_type::<objects::ObjectPool>(job),
            Contestant::LockfreeObjectPool => one_type::<objects::LockfreeObjectPool>(job),
            Contestant::Opool => one_type::<objects::Opool>(job),
            Contestant::Plurality => one_type::<slots::Plurality>(job),
            Contestant::InfinityPool => one_type::<slots::InfinityPool>(job),
            Contestant::Heapless => one_type::<blocks::Heapless>(job),
            _ => None,
        },
        #[cfg(not(feature = "peers"))]
        _ => None,
    }
}

/// A row of values of one type on two threads.
fn shared(job: &Job) -> Option<Report> {
    match (job.contestant, job.contestant.kind()) {
        (Contestant::Loop, _) => two_threads::<Loop>(job),
        (Contestant::Typed, _) => two_threads::<Pools>(job),
        (_, Kind::Allocator) => two_threads::<Boxes>(job),
        #[cfg(feature = "peers")]
        (pool, _) => match pool {
            Contestant::ShardedSlab => two_threads::<keys::ShardedSlab>(job),
            Contestant::ObjectPool => two_threads::<objects::ObjectPool>(job),
            Contestant::LockfreeObjectPool => two_threads::<objects::LockfreeObjectPool>(job),
            Contestant::Opool => two_threads::<objects::Opool>(job),
            Contestant::Plurality => two_threads::<slots::Plurality>(job),
            Contestant::InfinityPool => two_threads::<slots::InfinityPool>(job),
            Contestant::Heapless => two_threads::<blocks::Heapless>(job),
            _ => None,
        },
        #[cfg(not(feature = "peers"))]
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
