use super::*;
use crate::calendar::Minute;
use crate::hot::{InBox, IngestHeader, MetadataRecord, Tombstone};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

thread_local! {
    static LIVE: Cell<i64> = const { Cell::new(0) };
}

/// A box that is counted while it lives.
struct Counted<T>(Option<Box<T>>);

impl<T> Deref for Counted<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("only `release` empties it")
    }
}

impl<T> DerefMut for Counted<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("only `release` empties it")
    }
}

impl<T> Drop for Counted<T> {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

impl<T: Send + Sync> Owner<T> for Counted<T> {
    fn own(value: T) -> Self {
        LIVE.set(LIVE.get() + 1);
        Self(Some(Box::new(value)))
    }

    fn release(mut self) -> T {
        *self.0.take().expect("released once")
    }
}

enum InCounted {}

impl Family for InCounted {
    const NAME: &'static str = "counted";
    type Header = Counted<IngestHeader>;
    type Record = Counted<MetadataRecord>;
    type Tombstone = Counted<Tombstone>;
    type Node = Counted<Node<Self>>;
}

/// Keys in an order that is neither up nor down, each `repeats` times.
fn scattered(keys: u32, repeats: u32) -> impl Iterator<Item = Key> {
    let steps = u64::from(keys * repeats);
    (0..steps).map(move |step| key((mixed(step) % u64::from(keys)) as u32))
}

fn key(number: u32) -> Key {
    Key {
        minute: Minute(number / 3),
        sequence: number,
    }
}

fn entry<F: Family>(value: u32) -> Entry<F> {
    Entry::Deleted(F::Tombstone::own(Tombstone {
        reported: Minute(value),
    }))
}

fn value<F: Family>(entry: &Entry<F>) -> u32 {
    match entry {
        Entry::Deleted(tombstone) => tombstone.reported.0,
        Entry::Known(_) => panic!("only tombstones are put in"),
    }
}

fn as_the_map<F: Family>() {
    let (mut list, mut map) = (SkipList::<F>::new(), BTreeMap::new());
    assert!(list.is_empty());
    for (number, key) in (0..).zip(scattered(3_000, 3)) {
        let before = list.upsert(key, entry(number));
        assert_eq!(before.as_ref().map(value), map.insert(key, number), "{key}");
        assert_eq!(list.len(), map.len());
    }
    for from in (0..3_100)
        .step_by(7)
        .map(key)
        .chain([key(0), key(u32::MAX)])
    {
        let ours = list.iter_from(from).map(|(key, entry)| (key, value(entry)));
        let theirs = map.range(from..).map(|(key, number)| (*key, *number));
        assert!(ours.eq(theirs), "from {from}");
    }
    let drained = list
        .drain()
        .map(|(key, entry)| (key, value(&entry)))
        .collect::<Vec<_>>();
    assert!(drained.into_iter().eq(map));
}

#[test]
fn as_the_map_in_boxes() {
    as_the_map::<InBox>();
}

#[test]
fn as_the_map_in_pools() {
    as_the_map::<InPool>();
}

#[test]
fn every_block_is_freed_once_whichever_way_the_list_ends() {
    let filled = || {
        let mut list = SkipList::<InCounted>::new();
        for key in scattered(1_000, 2) {
            list.upsert(key, entry(1));
        }
        // A node and a tombstone for each key; a replaced tombstone is gone.
        assert_eq!(LIVE.get(), 2 * list.len() as i64);
        list
    };
    drop(filled());
    assert_eq!(LIVE.get(), 0, "dropped");
    assert!(filled().drain().count() > 600);
    assert_eq!(LIVE.get(), 0, "drained");
    let mut drain = filled().drain();
    let first = drain.by_ref().take(10).collect::<Vec<_>>();
    drop(drain);
    assert_eq!(
        LIVE.get(),
        10,
        "the ten tombstones taken out of a drain that was then dropped"
    );
    drop(first);
    assert_eq!(LIVE.get(), 0);
}

#[test]
fn heights_fall_off_by_a_quarter() {
    let mut counts = [0_u32; MAX_HEIGHT + 1];
    let total = 4_u32.pow(MAX_HEIGHT as u32 + 2);
    for number in 0..total {
        counts[height_of(key(number))] += 1;
    }
    assert_eq!(counts[0], 0, "no node without a link");
    for (height, count) in counts.into_iter().enumerate().take(MAX_HEIGHT).skip(1) {
        let expected = total / 4_u32.pow(height as u32) * 3;
        let range = expected * 8 / 10..=expected * 12 / 10;
        assert!(
            range.contains(&count),
            "{count} of height {height}, about {expected} expected"
        );
    }
}

#[test]
fn a_level_of_any_length_is_dropped_without_recursion() {
    // Only keys of height 1: the list is one chain, and a stack of 2 MiB would not survive a call for each node.
    let mut list = SkipList::<InBox>::new();
    let low = (0..u32::MAX)
        .rev()
        .map(key)
        .filter(|key| height_of(*key) == 1);
    for key in low.take(200_000) {
        list.upsert(key, entry(0));
    }
    let dropped = std::thread::Builder::new()
        .stack_size(256 * 1024)
        .spawn(move || drop(list));
    dropped.unwrap().join().unwrap();
}
