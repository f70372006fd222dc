//! Other crates' pools as stores, each used as its documents recommend and in its fastest form.
//!
//! | crate | on one thread | on two threads |
//! |---|---|---|
//! | `slab` | `Slab`, a key | cannot: not shared without a lock around every access |
//! | `slotmap` | `SlotMap`, a key with a generation | cannot, likewise |
//! | `sharded-slab` | `Slab`, a key | the same |
//! | `typed-arena` | `Arena`, dropped whole | cannot: one thread |
//! | `bumpalo` | `Bump`, reset whole | cannot: one thread |
//! | `object-pool` | `Pool`, the value within its owner | the same |
//! | `lockfree-object-pool` | `LinearObjectPool`, an owner | the same |
//! | `opool` | `LocalPool`, the value within its owner | `Pool`, the value within its owner |
//! | `plurality` | `Pool::alloc`, an owner bound to the pool | `Pool::alloc_box`, an owner that any thread drops; behind a mutex where both threads put values in |
//! | `infinity_pool` | `RawPinnedPool`, a handle | `PinnedPool`, an owner |
//! | `heapless` | `box_pool!`, an owner | the same |
//!
//! Pools that recycle objects (`object-pool`, `lockfree-object-pool`, `opool`) are filled when they are opened; a value that
//! is put in is written over the object that was pulled. Where an owner borrows its pool, the pool is leaked: once for a
//! store, never for a value.
//!
//! [`refusal`] says who cannot do a row, and why.

use super::contestant::{Contestant, Kind};
use super::workload::{Group, Workload};

#[cfg(feature = "peers")]
pub mod arenas;
#[cfg(feature = "peers")]
pub mod blocks;
#[cfg(feature = "peers")]
pub mod keys;
#[cfg(feature = "peers")]
pub mod objects;
#[cfg(feature = "peers")]
pub mod slots;

#[cfg(all(test, feature = "peers"))]
mod tests;

/// Why a contestant has no figure in a row of one type; none if it has one.
pub const fn refusal(contestant: Contestant, workload: Workload) -> Option<&'static str> {
    use Workload::{Contend, Fifo, Handoff, Lifo, Retire, Shuffled};
    if !matches!(workload.about().group, Group::Typed) {
        return Some("no row of one type");
    }
    match (contestant, workload) {
        (Contestant::Typed, Retire) => None,
        (_, Retire) if !matches!(contestant.kind(), Kind::Reclaimer) => {
            Some("reclaims nothing that readers may hold")
        }
        (_, Retire) => None,
        _ if matches!(contestant.kind(), Kind::Reclaimer) => Some("holds no values of its own"),
        (
            Contestant::Slab | Contestant::Slotmap | Contestant::TypedArena | Contestant::Bumpalo,
            Contend | Handoff,
        ) => Some("for one thread"),
        (Contestant::TypedArena | Contestant::Bumpalo, Lifo | Fifo | Shuffled) => None,
        (Contestant::TypedArena | Contestant::Bumpalo, _) => Some("frees all at once only"),
        _ => None,
    }
}

#[cfg(test)]
mod refusals {
    use super::*;

    #[test]
    fn who_takes_part_in_which_rows() {
        let count = |contestant| {
            let rows = Workload::ALL.iter();
            rows.filter(|row| refusal(contestant, **row).is_none())
                .count()
        };
        // Pair, three orders, replace, contend, handoff, types; retire.
        assert_eq!(count(Contestant::Typed), 9);
        for all in [
            Contestant::Loop,
            Contestant::System,
            Contestant::ShardedSlab,
            Contestant::ObjectPool,
            Contestant::LockfreeObjectPool,
            Contestant::Opool,
            Contestant::Plurality,
            Contestant::InfinityPool,
            Contestant::Heapless,
        ] {
            assert_eq!(count(all), 8, "{all}");
        }
        for one_thread in [Contestant::Slab, Contestant::Slotmap] {
            assert_eq!(count(one_thread), 6, "{one_thread}");
            assert!(refusal(one_thread, Workload::Handoff).is_some());
        }
        for at_once in [Contestant::TypedArena, Contestant::Bumpalo] {
            assert_eq!(count(at_once), 3, "{at_once}");
            assert!(refusal(at_once, Workload::Pair).is_some());
            assert!(refusal(at_once, Workload::Shuffled).is_none());
        }
        for reclaimer in [
            Contestant::CrossbeamEpoch,
            Contestant::ShardedCrossbeam,
            Contestant::Seize,
        ] {
            assert_eq!(count(reclaimer), 1, "{reclaimer}");
            assert!(refusal(reclaimer, Workload::Retire).is_none());
        }
    }

    /// What the driver asks beforehand may be more than what a contestant can, never less.
    #[test]
    fn nobody_who_can_is_left_unasked() {
        for &workload in Workload::ALL {
            for &contestant in Contestant::ALL {
                if refusal(contestant, workload).is_none() {
                    assert!(workload.is_for(contestant), "{contestant} at {workload}");
                }
            }
        }
    }
}
