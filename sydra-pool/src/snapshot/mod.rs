//! The figures: what is alive, where memory is, what happened on the slow paths.
//!
//! Counters only: nothing walks a free list. Two kinds of locks are taken, those of the registry
//! and of the rosters, never that of a bucket: an allocation or a free meets them only when its
//! thread first meets a pool, the maintenance only for one read. Exact when nobody uses the pools
//! at the moment, though threads may be ending; otherwise each number was true at some moment during the call.

use crate::bucket::BucketCounts;
use crate::class;
use crate::config::SHARDS_MOST;
use crate::fallback::FALLBACK;
use crate::meta::META;
use crate::pool::{Kind, Plan, Pool, PoolSums, Route};
use crate::registry;
use crate::shard::{Event, Shard, counters};
use crate::space::{RunFigures, SPACE};
use crate::sync::Ordering::Relaxed;

mod epoch;
mod figures;
mod table;

pub use epoch::{EpochFigures, PinFigures, ThreadName};
pub use figures::{
    BucketFigures, ByteFunnel, ClassFigures, LargeFigures, ShardFigures, Snapshot, TypeFigures,
};

/// How many types, and how many buckets, a fresh snapshot has room for.
const TYPES_ROOM: usize = 64;
const BUCKETS_ROOM: usize = 512;

/// What a shard's buckets and running threads have counted, over all pools.
#[derive(Clone, Copy, Default)]
struct ShardSums {
    allocations: u64,
    from_depot: u64,
    to_depot: u64,
    lock_contentions: u64,
    lock_wait_ns: u64,
    lock_hold_ns: u64,
}

/// Takes a snapshot of the process's figures.
///
/// Allocates the snapshot's own memory; see [`snapshot_into`] for a way that does not.
pub fn snapshot() -> Snapshot {
    let mut taken = Snapshot::new();
    // A second round if there are more types or buckets than guessed; a third if more come.
    for _ in 0..3 {
        snapshot_into(&mut taken);
        if taken.omitted == 0 {
            break;
        }
        let omitted = taken.omitted;
        taken.types.reserve(omitted);
        taken.buckets.reserve(omitted);
    }
    taken
}

/// Takes a snapshot into memory that is there already: allocates nothing. What does not fit is
/// counted in [`Snapshot::omitted`].
///
/// Time: the pools in use, their shards, and the threads that use them.
pub fn snapshot_into(into: &mut Snapshot) {
    into.clear();
    let mut shards = [ShardSums::default(); SHARDS_MOST + 1];
    registry::each(|pool| visit(pool, into, &mut shards));
    for (place, sums) in shards.iter().enumerate() {
        let shard = match place {
            SHARDS_MOST => Shard::Central,
            number => Shard::Numbered(number as u16),
        };
        let figures = shard_figures(shard, sums);
        if figures.is_used() && into.shards.len() < into.shards.capacity() {
            into.shards.push(figures);
        }
    }
    into.classes.sort_unstable_by_key(|class| class.stride);
    into.types
        .sort_unstable_by_key(|figures| (figures.name, figures.counted));
    into.epoch = epoch::epoch_figures();
    into.bytes.limbo = into.epoch.limbo_bytes;
    into.fallback = FALLBACK.figures();
    let space = SPACE.figures();
    let (meta_in_use, meta_committed) = META.bytes();
    into.bytes.reserved = space.reserved;
    into.bytes.committed = space.committed;
    into.bytes.resident_empty = space.resident_free;
    into.bytes.purged_total = space.purged;
    into.slabs_refused = space.refused;
    into.large = large_figures(&space.runs);
    into.bytes.slabs = space.in_use.saturating_sub(space.runs.bytes);
    into.bytes.large = space.runs.bytes;
    into.bytes.metadata = meta_in_use as u64;
    into.bytes.metadata_committed = meta_committed as u64;
    into.bytes.fallback = into.fallback.bytes;
}

fn large_figures(runs: &RunFigures) -> LargeFigures {
    LargeFigures {
        live: runs.allocations.saturating_sub(runs.frees),
        requested: runs.requested,
        bytes: runs.bytes,
        bytes_peak: runs.bytes_peak,
        allocations: runs.allocations,
        frees: runs.frees,
        resized: runs.resized,
    }
}

fn visit(pool: &'static Pool, into: &mut Snapshot, shards: &mut [ShardSums]) {
    pool.each_member(|shard, allocations| shards[shard.place()].allocations += allocations);
    if pool.plan.kind == Kind::Class {
        let sums = pool.sums();
        let (retired, reclaimed) = epoch::limbo_of(pool);
        let limbo = retired - reclaimed;
        let live = sums.live.saturating_sub(limbo);
        into.bytes.blocks += live * pool.plan.stride as u64;
        into.bytes.cached += sums.in_magazines * pool.plan.stride as u64;
        // Handles that poison have class pools of their own: one row for each stride all the same.
        let stride = pool.plan.stride;
        let row = match into.classes.iter().position(|class| class.stride == stride) {
            Some(place) => place,
            None => {
                into.classes.push(ClassFigures {
                    stride,
                    ..ClassFigures::default()
                });
                into.classes.len() - 1
            }
        };
        let class = &mut into.classes[row];
        class.live += live;
        class.limbo += limbo;
        class.peak += sums.peak;
        class.allocations += sums.allocations;
        class.frees += sums.frees;
        class.in_magazines += sums.in_magazines;
        class.magazines += sums.magazines;
    } else {
        let figures = type_figures(pool, &pool.plan);
        into.bytes.requested_by_types += figures.live * figures.size as u64;
        into.bytes.blocks += figures.live * figures.stride as u64;
        into.bytes.cached += figures.in_magazines * figures.stride as u64;
        if into.types.len() < into.types.capacity() {
            into.types.push(figures);
        } else {
            into.omitted += 1;
        }
    }
    let geometry = pool.geometry();
    pool.each_bucket(|shard, counts| {
        if counts.lock.acquisitions == 0 {
            return;
        }
        let sums = &mut shards[shard.place()];
        sums.from_depot += counts.from_depot;
        sums.to_depot += counts.to_depot;
        sums.lock_contentions += counts.lock.contentions;
        sums.lock_wait_ns += counts.lock.wait_ns;
        sums.lock_hold_ns += counts.lock.hold_ns;
        let in_depot = counts.in_depot_batches * geometry.batch as u64;
        into.bytes.cached += in_depot * geometry.stride as u64;
        if into.buckets.len() < into.buckets.capacity() {
            into.buckets
                .push(bucket_figures(pool, shard, &counts, in_depot));
        } else {
            into.omitted += 1;
        }
    });
}

fn bucket_figures(
    pool: &Pool,
    shard: Shard,
    counts: &BucketCounts,
    in_depot: u64,
) -> BucketFigures {
    let geometry = pool.geometry();
    BucketFigures {
        pool: pool.plan.name,
        shard: match shard {
            Shard::Central => None,
            Shard::Numbered(number) => Some(number),
        },
        size: if pool.plan.kind == Kind::Class {
            geometry.stride
        } else {
            pool.plan.size
        },
        stride: geometry.stride,
        allocations: counts.taken,
        in_use: counts.taken as i64 - counts.returned as i64,
        high_water: counts.high_water,
        slabs: counts.slabs,
        slab_bytes: counts.slabs * geometry.slab_bytes as u64,
        free_blocks: counts.free_in_slabs + in_depot,
        in_depot,
        spilled: counts.spilled,
        lock_acquisitions: counts.lock.acquisitions,
        lock_contentions: counts.lock.contentions,
        lock_wait_ns: counts.lock.wait_ns,
        lock_hold_ns: counts.lock.hold_ns,
        lock_hold_samples: counts.lock.hold_samples,
    }
}

fn shard_figures(shard: Shard, sums: &ShardSums) -> ShardFigures {
    let counters = counters(shard);
    let served = counters.allocations.load(Relaxed) + sums.allocations;
    let stolen = counters.get(Event::Stolen);
    ShardFigures {
        shard: match shard {
            Shard::Central => None,
            Shard::Numbered(number) => Some(number),
        },
        magazines: counters.threads.load(Relaxed),
        hits: served.saturating_sub(
            stolen
                + counters.get(Event::FromSlabs)
                + counters.get(Event::FromCentral)
                + sums.from_depot,
        ),
        from_depot: sums.from_depot,
        stolen,
        from_slabs: counters.get(Event::FromSlabs),
        from_central: counters.get(Event::FromCentral),
        refill_failed: counters.get(Event::RefillFailed),
        too_large: counters.get(Event::TooLarge),
        over_aligned: counters.get(Event::OverAligned),
        fresh_slabs: counters.get(Event::FreshSlab),
        to_depot: sums.to_depot,
        spills: counters.get(Event::Spilled),
        slabs_released: counters.get(Event::SlabReleased),
        lock_contentions: sums.lock_contentions,
        lock_wait_ns: sums.lock_wait_ns,
        lock_hold_ns: sums.lock_hold_ns,
    }
}

/// The figures of one pool, described by `plan` (which may be a generic type's, of a class pool).
pub(crate) fn type_figures(pool: &'static Pool, plan: &Plan) -> TypeFigures {
    let pooled = plan.route == Route::Pool;
    // A generic type that no class serves shares nobody's pool.
    let counted = pooled || plan.kind != Kind::Shared;
    let sums = if counted {
        pool.sums()
    } else {
        PoolSums::default()
    };
    // A value without a block was never counted as alive.
    let (retired, reclaimed) = if counted {
        epoch::limbo_of(pool)
    } else {
        (0, 0)
    };
    let limbo = retired.saturating_sub(reclaimed);
    let stride = if pooled || plan.route == Route::Fixed {
        plan.stride
    } else {
        plan.layout().size()
    };
    TypeFigures {
        name: plan.name,
        size: plan.size,
        align: plan.align,
        stride,
        waste: stride.saturating_sub(plan.size),
        live: sums.live.saturating_sub(limbo),
        limbo,
        retired,
        reclaimed,
        peak: sums.peak,
        allocations: sums.allocations,
        frees: sums.frees,
        in_magazines: sums.in_magazines,
        magazines: sums.magazines,
        counted: plan.counted,
        shares_class: pooled && plan.kind == Kind::Shared,
    }
}

const _: () = assert!(class::COUNT <= figures::CLASSES_ROOM);
