//! Which load does a row for a contestant.
//!
//! Each contestant stands here once with the stores it has. What is compiled into a process is what its own function can
//! lead to, so other crates' pools, of which only one process has any, have a function of their own.

use super::contestant::{Contestant, Kind};
use super::hot::{Header, Item, Node, Record, Tombstone};
use super::job::Run;
#[cfg(feature = "clients")]
use super::loads::clients;
use super::loads::ingest::{Ingest, choice::Load};
use super::loads::stalled::Stalled;
use super::loads::stress::Stress;
use super::loads::{
    larson, lines, memory, mstress, orders, retire, shared, smart, table, turnover, xmalloc,
};
use super::store::{Boxes, Family, Loop, Offers, OffersShared, Pools, SharedFamily};
#[cfg(feature = "peers")]
use super::stores::{arenas, blocks, keys, objects, refusal, slots};
use super::workload::{Row, Workload};
use crate::epoch;

/// The rows of real libraries, if this was built with them.
#[cfg(feature = "clients")]
const CLIENTS: Option<Run> = Some(clients::run);
#[cfg(not(feature = "clients"))]
const CLIENTS: Option<Run> = None;

/// For all but other crates' pools; none if the contestant cannot do the row.
pub(super) fn of(row: &Row, contestant: Contestant) -> Option<Run> {
    if !row.workload.is_for(contestant) {
        return None;
    }
    match row.workload {
        Workload::Pair
        | Workload::Lifo
        | Workload::Fifo
        | Workload::Shuffled
        | Workload::Replace
        | Workload::Types
        | Workload::Contend
        | Workload::Handoff => match (contestant, contestant.kind()) {
            (Contestant::Loop, _) => values::<Loop>(row),
            (Contestant::Typed, _) => values::<Pools>(row),
            (_, Kind::Allocator) => values::<Boxes>(row),
            _ => None,
        },
        Workload::Retire => match contestant {
            Contestant::Typed => Some(retire::run::<epoch::sydra::Sydra>),
            Contestant::ShardedCrossbeam => Some(retire::run::<epoch::crossbeam::Crossbeam>),
            #[cfg(feature = "peers")]
            Contestant::CrossbeamEpoch => Some(retire::run::<epoch::crossbeam::Crossbeam>),
            #[cfg(feature = "peers")]
            Contestant::Seize => Some(retire::run::<epoch::seize::Seize>),
            _ => None,
        },
        Workload::Larson => Some(larson::run),
        Workload::Xmalloc => Some(xmalloc::run),
        Workload::Mstress => Some(mstress::run),
        Workload::Sh6 | Workload::Sh8 => Some(smart::run),
        Workload::Scratch | Workload::Thrash => Some(lines::run),
        Workload::Pareto | Workload::Sizes => Some(table::run),
        Workload::Turnover => Some(turnover::run),
        Workload::Json
        | Workload::Btree
        | Workload::Hashmap
        | Workload::Regex
        | Workload::Tokio
        | Workload::Syn => CLIENTS,
        Workload::Burst | Workload::Churn | Workload::Queue => Some(memory::run),
        Workload::Ingest => Some(Ingest::run),
        Workload::Stalled => Some(Stalled::run),
        Workload::Stress => Some(Stress::run),
    }
}

/// For other crates' pools; none if the pool cannot do the row.
#[cfg(feature = "peers")]
pub(super) fn of_pools(row: &Row, contestant: Contestant) -> Option<Run> {
    if refusal(contestant, row.workload).is_some() {
        return None;
    }
    match contestant {
        Contestant::Slab => one_thread::<keys::Slab>(row),
        Contestant::Slotmap => one_thread::<keys::Slotmap>(row),
        Contestant::ShardedSlab => values::<keys::ShardedSlab>(row),
        Contestant::TypedArena => one_thread::<arenas::TypedArena>(row),
        Contestant::Bumpalo => one_thread::<arenas::Bumpalo>(row),
        Contestant::ObjectPool => values::<objects::ObjectPool>(row),
        Contestant::LockfreeObjectPool => values::<objects::LockfreeObjectPool>(row),
        Contestant::Opool => values::<objects::Opool>(row),
        Contestant::Plurality => values::<slots::Plurality>(row),
        Contestant::InfinityPool => values::<slots::InfinityPool>(row),
        Contestant::Heapless => values::<blocks::Heapless>(row),
        _ => None,
    }
}

/// A row of values of one type.
fn values<F: Family + SharedFamily>(row: &Row) -> Option<Run> {
    match row.workload {
        Workload::Contend | Workload::Handoff => two_threads::<F>(row),
        _ => one_thread::<F>(row),
    }
}

fn one_thread<F: Family>(row: &Row) -> Option<Run> {
    match row.variant {
        "tombstone" => Some(orders::run::<Tombstone, <F as Offers<Tombstone>>::Store>),
        "header" => Some(orders::run::<Header, <F as Offers<Header>>::Store>),
        "node" => Some(orders::run::<Node, <F as Offers<Node>>::Store>),
        "record" => Some(orders::run::<Record, <F as Offers<Record>>::Store>),
        "mix" => Some(orders::mix::<F>),
        _ => None,
    }
}

fn two_threads<F: SharedFamily>(row: &Row) -> Option<Run> {
    match row.variant {
        "tombstone" => two_threads_of::<Tombstone, F>(row),
        "header" => two_threads_of::<Header, F>(row),
        "node" => two_threads_of::<Node, F>(row),
        "record" => two_threads_of::<Record, F>(row),
        _ => None,
    }
}

fn two_threads_of<T: Item, F: OffersShared<T>>(row: &Row) -> Option<Run> {
    match (row.workload, row.threads) {
        (Workload::Contend, _) => Some(shared::contend::<T, F::Contended>),
        (Workload::Handoff, 2) => Some(shared::handoff::<T, F::Handed>),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::workload::Group;

    /// All rows, with the numbers of threads they have if nobody asks for others.
    fn rows() -> impl Iterator<Item = Row> {
        let all = Workload::ALL.iter();
        all.flat_map(|&one| Row::of(one, &[]))
    }

    #[test]
    fn who_is_asked_for_a_row_has_a_load_for_it() {
        for row in rows() {
            let group = row.workload.about().group;
            for &contestant in Contestant::ALL {
                let pool =
                    matches!(contestant.kind(), Kind::Pool) && contestant != Contestant::Typed;
                let rival = matches!(contestant, Contestant::CrossbeamEpoch | Contestant::Seize);
                let built = (!rival || cfg!(feature = "peers"))
                    && (!matches!(group, Group::Clients) || cfg!(feature = "clients"));
                let can = row.workload.is_for(contestant) && built && !pool;
                assert_eq!(of(&row, contestant).is_some(), can, "{contestant} at {row}");
                #[cfg(feature = "peers")]
                {
                    let can = pool && refusal(contestant, row.workload).is_none();
                    let run = of_pools(&row, contestant);
                    assert_eq!(run.is_some(), can, "{contestant} at {row}");
                }
            }
        }
    }

    #[test]
    fn a_ring_has_two_ends() {
        let three = Row::of(Workload::Handoff, &[3]);
        assert!(
            three
                .iter()
                .all(|row| of(row, Contestant::System).is_none())
        );
        let contended = Row::of(Workload::Contend, &[3]);
        assert!(
            contended
                .iter()
                .all(|row| of(row, Contestant::System).is_some())
        );
    }
}
