//! What our engine says of itself, as figures of a report.

use std::collections::BTreeMap;

use sydra_pool::{Snapshot, snapshot_into};

use super::job::Job;

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
        ("large_allocs", shot.large.allocations),
        ("fallback_allocs", shot.fallback.allocs),
        ("fallback_bytes", shot.bytes.fallback),
    ];
    let all = all.into_iter();
    let named = all.map(|(name, figure)| (format!("engine.{name}"), figure as f64));
    named.chain(read_modify_writes()).collect()
}

/// What is committed, in KiB, for slabs, for the engine's own data and by the backing allocator; into room that is there.
pub fn committed_kib(shot: &mut Snapshot) -> u64 {
    snapshot_into(shot);
    let bytes = &shot.bytes;
    (bytes.committed + bytes.metadata_committed + bytes.fallback) / 1024
}

/// What the engine had counted at one moment; nothing for others.
#[derive(Debug)]
pub struct Span(Option<BTreeMap<String, f64>>);

impl Span {
    /// From now on.
    #[must_use]
    pub fn begin(job: &Job) -> Self {
        #[cfg(sydra_count)]
        sydra_pool::__private::v1::forget_writers();
        Self(job.contestant.is_ours().then(figures))
    }

    /// What so many operations have come to since then: locks and contended locks for each million of them, read-modify-writes
    /// for each thousand, and the part of the allocations that no pool served.
    #[must_use]
    pub fn figures(&self, operations: u64) -> BTreeMap<String, f64> {
        self.0.as_ref().map_or_else(BTreeMap::new, |before| {
            between(before, &figures(), operations)
        })
    }
}

fn between(
    before: &BTreeMap<String, f64>,
    after: &BTreeMap<String, f64>,
    operations: u64,
) -> BTreeMap<String, f64> {
    let of = |name: &str| {
        let figure = |all: &BTreeMap<String, f64>| all.get(name).copied().unwrap_or(0.0);
        figure(after) - figure(before)
    };
    let sum = |names: &[&str]| {
        names
            .iter()
            .map(|name| of(&format!("engine.{name}")))
            .sum::<f64>()
    };
    let outside = of("engine.fallback_allocs");
    let inside = sum(&[
        "hits",
        "from_depot",
        "stolen",
        "from_slabs",
        "from_central",
        "large_allocs",
    ]);
    let operations = operations.max(1) as f64;
    let mut figures = BTreeMap::from([
        (
            "locks_per_million".to_string(),
            sum(&["lock_acquisitions"]) * 1e6 / operations,
        ),
        (
            "contentions_per_million".to_string(),
            sum(&["lock_contentions"]) * 1e6 / operations,
        ),
        (
            "fallback_share".to_string(),
            outside / (outside + inside).max(1.0),
        ),
    ]);
    let counted = after.keys().filter(|name| name.starts_with(RMW));
    figures.extend(counted.map(|name| {
        let of_span = name.trim_start_matches("engine.");
        (of_span.to_string(), of(name) * 1e3 / operations)
    }));
    figures
}

/// Begins the names of figures that count read-modify-writes: `all`, `shared`, `moved`, and of the latter two the part of each
/// place in the engine's source, as `moved@pool/mod.rs:251`. A [`Span`] has them for each thousand operations, without
/// `engine.`.
const RMW: &str = "engine.rmw.";

/// The engine's read-modify-writes since the process started, if this was built with `--cfg sydra_count`.
#[cfg(sydra_count)]
fn read_modify_writes() -> BTreeMap<String, f64> {
    use sydra_pool::__private::v1::read_modify_writes_by_place;
    let mut figures = BTreeMap::new();
    let mut add = |name: String, count: u64| *figures.entry(name).or_insert(0.0) += count as f64;
    read_modify_writes_by_place(&mut |place, counts| {
        let file = place
            .file()
            .rsplit_once("/src/")
            .map_or(place.file(), |(_, file)| file);
        add(format!("{RMW}all"), counts.all);
        for (kind, count) in [("shared", counts.shared), ("moved", counts.moved)] {
            add(format!("{RMW}{kind}"), count);
            add(format!("{RMW}{kind}@{file}:{}", place.line()), count);
        }
    });
    figures
}

#[cfg(not(sydra_count))]
fn read_modify_writes() -> BTreeMap<String, f64> {
    BTreeMap::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_what_came_for_each_operation() {
        let counts = |locks: f64, waits: f64, large: f64, hits: f64, moved: f64| {
            BTreeMap::from(
                [
                    ("engine.lock_acquisitions", locks),
                    ("engine.lock_contentions", waits),
                    ("engine.fallback_allocs", large),
                    ("engine.hits", hits),
                    ("engine.rmw.moved", moved),
                ]
                .map(|(name, count)| (name.to_string(), count)),
            )
        };
        let before = counts(1000.0, 10.0, 5.0, 100.0, 7.0);
        let after = counts(3000.0, 12.0, 30.0, 175.0, 27.0);
        let found = between(&before, &after, 1_000);
        let expected = [
            ("contentions_per_million", 2000.0),
            ("fallback_share", 0.25),
            ("locks_per_million", 2e6),
            ("rmw.moved", 20.0),
        ];
        let found: Vec<_> = found
            .iter()
            .map(|(name, of)| (name.as_str(), *of))
            .collect();
        assert_eq!(found, expected);
    }
}
