//! What our engine says of itself, as figures of a report.

use std::collections::BTreeMap;

/// The figures of the engine that gates and tables look at; each name begins with `engine.`.
pub fn figures() -> BTreeMap<String, f64> {
    let shot = sydra_pool::snapshot();
    let buckets =
        |of: fn(&sydra_pool::BucketFigures) -> u64| shot.buckets.iter().map(of).sum::<u64>();
    let shards = |of: fn(&sydra_pool::ShardFigures) -> u64| shot.shards.iter().map(of).sum::<u64>();
    let epoch = &shot.epoch;
    let all = [
        (
            "shards",
            shot.shards.iter().filter(|one| one.shard.is_some()).count() as u64,
        ),
        ("hits", shards(|one| one.hits)),
        ("from_depot", shards(|one| one.from_depot)),
        ("stolen", shards(|one| one.stolen)),
        ("from_slabs", shards(|one| one.from_slabs)),
        ("from_central", shards(|one| one.from_central)),
        ("refill_failed", shards(|one| one.refill_failed)),
        ("too_large", shards(|one| one.too_large)),
        ("over_aligned", shards(|one| one.over_aligned)),
        ("fresh_slabs", shards(|one| one.fresh_slabs)),
        ("to_depot", shards(|one| one.to_depot)),
        ("spills", shards(|one| one.spills)),
        ("lock_acquisitions", buckets(|one| one.lock_acquisitions)),
        ("lock_contentions", buckets(|one| one.lock_contentions)),
        ("lock_wait_ns", buckets(|one| one.lock_wait_ns)),
        ("limbo_objects", epoch.limbo_objects),
        ("limbo_objects_peak", epoch.limbo_objects_peak),
        ("limbo_bytes", epoch.limbo_bytes),
        ("limbo_bytes_peak", epoch.limbo_bytes_peak),
        ("epoch_lag", epoch.lag),
        ("advances", epoch.advances),
        ("forced", epoch.forced),
        ("stalls", epoch.stalls),
        ("retired", epoch.retired),
        ("reclaimed", epoch.reclaimed),
        ("committed_bytes", shot.bytes.committed),
        ("metadata_bytes", shot.bytes.metadata_committed),
        ("cached_bytes", shot.bytes.cached),
        ("fallback_bytes", shot.bytes.fallback),
    ];
    let counted = read_modify_writes().map(|count| ("read_modify_writes", count));
    all.into_iter()
        .chain(counted)
        .map(|(name, figure)| (format!("engine.{name}"), figure as f64))
        .collect()
}

/// Atomic read-modify-writes of the engine, if this was built with `--cfg sydra_count`.
#[cfg(sydra_count)]
fn read_modify_writes() -> Option<u64> {
    Some(sydra_pool::__private::v1::read_modify_writes())
}

#[cfg(not(sydra_count))]
fn read_modify_writes() -> Option<u64> {
    None
}
