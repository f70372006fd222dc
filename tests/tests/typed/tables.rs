//! The tables a snapshot prints: every figure in its place, in its unit.

use sydra_pool::{BucketFigures, ClassFigures, ShardFigures, Snapshot, TypeFigures};

/// The lines of a snapshot's text, each with its words one space apart.
fn lines(snapshot: &Snapshot) -> Vec<String> {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    snapshot.to_string().lines().map(words).collect()
}

/// The lines from the one that starts with `head` to the next empty one.
fn table(snapshot: &Snapshot, head: &str) -> Vec<String> {
    let lines = lines(snapshot).into_iter();
    lines
        .skip_while(|line| !line.starts_with(head))
        .take_while(|line| !line.is_empty())
        .collect()
}

#[test]
fn an_empty_snapshot_shows_the_memory_alone() {
    let mut expected = vec!["memory".to_owned()];
    expected.extend(
        [
            "live blocks",
            "in limbo",
            "cached in magazines and depots",
            "slabs",
            "large blocks",
            "empty but resident",
            "metadata",
            "committed",
            "reserved",
            "purged so far",
            "in the fallback",
        ]
        .map(|name| format!("{name} 0 B")),
    );
    assert_eq!(lines(&Snapshot::default()), expected);
}

#[test]
fn bytes_in_the_largest_unit_that_leaves_one() {
    let mut snapshot = Snapshot::default();
    let bytes = &mut snapshot.bytes;
    bytes.blocks = 1_023;
    bytes.limbo = 512;
    bytes.cached = 1_024;
    bytes.slabs = 1_536;
    bytes.large = 2_560;
    bytes.resident_empty = (1 << 20) - 1;
    bytes.metadata = 5 << 20;
    bytes.metadata_committed = 9 << 20;
    bytes.committed = 6 << 29;
    bytes.reserved = 64 << 30;
    bytes.purged_total = 7 << 40;
    bytes.fallback = 3 << 50;
    let expected = [
        "memory",
        "live blocks 1023 B",
        "in limbo 512 B",
        "cached in magazines and depots 1.0 KiB",
        "slabs 1.5 KiB",
        "large blocks 2.5 KiB",
        "empty but resident 1024.0 KiB",
        "metadata 5.0 MiB",
        "committed 3.0 GiB",
        "reserved 64.0 GiB",
        "purged so far 7.0 TiB",
        "in the fallback 3072.0 TiB",
    ];
    assert_eq!(lines(&snapshot), expected);
}

#[test]
fn a_row_for_each_type() {
    let mut snapshot = Snapshot::default();
    let mut order = TypeFigures::default();
    (order.name, order.size, order.align) = ("Order", 20, 4);
    (order.stride, order.waste, order.live) = (24, 5, 128);
    (order.peak, order.allocations, order.frees) = (200, 300, 172);
    let mut long = TypeFigures::default();
    (long.name, long.stride) = ("ANameOfSomeLength", 8);
    snapshot.types = vec![order, long];
    let expected = [
        "type size stride waste live peak allocations frees bytes",
        "Order 20 24 5 128 200 300 172 3.0 KiB",
        "ANameOfSomeLength 0 8 0 0 0 0 0 0 B",
    ];
    assert_eq!(table(&snapshot, "type"), expected);
    // The columns stand below one another.
    let text = snapshot.to_string();
    let ends = text
        .lines()
        .filter(|line| line.contains(" 24 ") || line.contains("stride"));
    let ends: Vec<usize> = ends.map(str::len).collect();
    assert_eq!(ends, [ends[0]; 2]);
}

#[test]
fn a_row_for_each_class_in_use() {
    let mut snapshot = Snapshot::default();
    let mut class = ClassFigures::default();
    (class.stride, class.live, class.peak) = (48, 64, 71);
    (class.allocations, class.frees) = (80, 16);
    (class.in_magazines, class.magazines) = (7, 2);
    let mut unused = ClassFigures::default();
    unused.stride = 56;
    snapshot.classes = vec![unused];
    assert!(table(&snapshot, "class").is_empty(), "no class is in use");
    snapshot.classes = vec![class, unused];
    let expected = [
        "class live peak allocations frees cached bytes",
        "48 64 71 80 16 7 3.0 KiB",
    ];
    assert_eq!(table(&snapshot, "class"), expected);
}

#[test]
fn a_row_for_each_shard() {
    let mut snapshot = Snapshot::default();
    let mut shard = ShardFigures::default();
    (shard.shard, shard.magazines, shard.hits) = (Some(3), 50, 11);
    (shard.from_depot, shard.stolen, shard.from_slabs) = (12, 13, 14);
    (shard.from_central, shard.refill_failed) = (15, 16);
    (shard.too_large, shard.over_aligned, shard.fresh_slabs) = (51, 52, 53);
    (shard.to_depot, shard.spills, shard.slabs_released) = (17, 18, 54);
    (
        shard.lock_contentions,
        shard.lock_wait_ns,
        shard.lock_hold_ns,
    ) = (19, 20_999, 55);
    snapshot.shards = vec![shard, ShardFigures::default()];
    let expected = [
        "shard hits depot stolen slabs central failed to depot spills contended waited us",
        "3 11 12 13 14 15 16 17 18 19 20",
        "central 0 0 0 0 0 0 0 0 0 0",
    ];
    assert_eq!(table(&snapshot, "shard"), expected);
}

#[test]
fn a_line_for_large_blocks() {
    let mut snapshot = Snapshot::default();
    let figures = &mut snapshot.large;
    (figures.live, figures.requested) = (3, 150 << 10);
    (figures.bytes, figures.bytes_peak) = (256 << 10, 1 << 20);
    (figures.frees, figures.resized) = (4, 2);
    assert!(
        table(&snapshot, "large:").is_empty(),
        "there never were any"
    );
    snapshot.large.allocations = 7;
    let expected = [
        "large: 3 blocks of 150.0 KiB in 256.0 KiB (at most 1.0 MiB), \
         7 allocations, 4 frees, 2 resized in place",
    ];
    assert_eq!(table(&snapshot, "large:"), expected);
}

#[test]
fn the_fallback_and_its_histograms() {
    let mut snapshot = Snapshot::default();
    let figures = &mut snapshot.fallback;
    (
        figures.too_large,
        figures.over_aligned,
        figures.refill_failed,
    ) = (1, 2, 3);
    (figures.frees, figures.refused) = (5, 4);
    figures.alloc_sizes = [10, 11, 12, 13, 14, 15, 16, 17, 18];
    figures.alloc_zeroed_sizes = [20; 9];
    figures.dealloc_sizes = [30; 9];
    figures.realloc_sizes = [40; 9];
    assert!(
        table(&snapshot, "fallback").is_empty(),
        "nothing went there"
    );
    snapshot.fallback.reallocs = 7;
    assert_eq!(table(&snapshot, "fallback").len(), 6);
    (snapshot.fallback.allocs, snapshot.fallback.reallocs) = (6, 0);
    let expected = [
        "fallback: 6 allocations (1 too large, 2 over-aligned, 3 for want of a slab), \
         5 frees, 0 reallocations, 4 refused",
        "bytes up to 64 128 256 512 1024 2048 4096 8192 above",
        "alloc 10 11 12 13 14 15 16 17 18",
        "alloc_zeroed 20 20 20 20 20 20 20 20 20",
        "dealloc 30 30 30 30 30 30 30 30 30",
        "realloc 40 40 40 40 40 40 40 40 40",
    ];
    assert_eq!(table(&snapshot, "fallback"), expected);
}

/// Buckets are for programs to read; what is missing is said.
#[test]
fn what_did_not_fit_is_said() {
    let mut snapshot = Snapshot::default();
    snapshot.buckets = vec![BucketFigures::default()];
    let without = lines(&snapshot);
    assert_eq!(without.len(), 12);
    snapshot.omitted = 2;
    let with = lines(&snapshot);
    assert_eq!(with[..12], without);
    assert_eq!(
        with[12..],
        ["", "2 types or buckets did not fit into this snapshot"]
    );
}
