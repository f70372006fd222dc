//! Alone, against the map; together, against the ledgers of who put and who got what; halted, at each step.

use super::node::height_of;
use super::*;
use crate::calendar::Minute;
use crate::hot::mixed;
use crate::rows::{Airport, Trip};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use sydra_pool::epoch::pin;
use sydra_pool::{collect_garbage, pool};

mod halted;
mod together;

const KEYS: u32 = if cfg!(miri) { 12 } else { 64 };

/// One list at a time: the tests ask the pools how many nodes there are.
static ALONE: Mutex<()> = Mutex::new(());
/// Each record that was dropped, by key and report: how often.
static DROPPED: Mutex<Option<HashMap<(Key, u32), u32>>> = Mutex::new(None);
/// Keys of these tests; other tests of the crate drop records too.
const BEFORE: Minute = Minute(1000);

/// Called by the drop of every record.
pub(crate) fn count_drop(record: &SealedRecord) {
    if record.key().minute < BEFORE
        && let Some(dropped) = &mut *locked(&DROPPED)
    {
        let id = (record.key(), record.reported().0);
        *dropped.entry(id).or_default() += 1;
    }
}

thread_local! {
    static DAWDLED: Cell<u32> = const { Cell::new(0) };
    static WATCH: Cell<Option<Box<dyn Fn()>>> = const { Cell::new(None) };
}

/// Lets other threads go first, at one point in many; at each, what a test wants to look at.
pub(super) fn dawdle() {
    // Taken out, as it may come here itself.
    if let Some(watch) = WATCH.take() {
        watch();
        WATCH.set(Some(watch));
    }
    let turn = DAWDLED.get().wrapping_add(1);
    DAWDLED.set(turn);
    if mixed(u64::from(turn)).is_multiple_of(2_048) {
        thread::yield_now();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A test's time alone: it begins with nothing dropped, and ends with nothing alive and nothing waiting.
pub(crate) struct Alone {
    _lock: MutexGuard<'static, ()>,
}

impl Alone {
    pub(crate) fn new() -> Self {
        let lock = locked(&ALONE);
        // What a test that failed left behind is not this one's.
        collect_garbage();
        *locked(&DROPPED) = Some(HashMap::new());
        Self { _lock: lock }
    }

    /// How often the record was dropped.
    fn drops(&self, key: Key, id: u32) -> u32 {
        let dropped = locked(&DROPPED);
        let known = dropped.as_ref().and_then(|all| all.get(&(key, id)));
        known.copied().unwrap_or(0)
    }

    /// So many records were dropped, each once.
    fn dropped_once(&self, count: usize) {
        let dropped = locked(&DROPPED);
        let dropped = dropped.as_ref().unwrap();
        let twice = dropped.iter().find(|(_, times)| **times != 1);
        assert_eq!(twice, None, "dropped more than once");
        assert_eq!(dropped.len(), count, "records dropped");
    }
}

/// What is left when nobody is pinned and everything was collected: so many nodes and records.
fn left(count: usize) {
    collect_garbage();
    let (nodes, records) = (pool::<Node>().stats(), pool::<SealedRecord>().stats());
    assert_eq!(nodes.retired, nodes.reclaimed, "nodes retired, reclaimed");
    assert_eq!(records.retired, records.reclaimed, "records");
    assert_eq!(nodes.live, count as u64, "nodes alive");
    assert_eq!(records.live, count as u64, "records alive");
}

fn key(number: u32) -> Key {
    Key {
        minute: Minute(1 + number / 7),
        sequence: number,
    }
}

fn all() -> Range<Key> {
    key(0)..key(u32::MAX)
}

/// A record with a number of its own.
fn record(key: Key, id: u32) -> PoolBox<SealedRecord> {
    let [origin, destination] = ["LAX", "SFO"].map(|code| Airport::parse(code).unwrap());
    let trip = Trip {
        delay_minutes: id.cast_signed(),
        distance_miles: key.sequence,
        origin,
        destination,
    };
    PoolBox::new(SealedRecord::new(key, Minute(id), trip))
}

fn id(record: &SealedRecord) -> u32 {
    assert!(record.is_intact(), "{record:?}");
    record.reported().0
}

/// Even numbers, the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 += 1;
        (mixed(self.0) % u64::from(limit)) as u32
    }
}

/// What a range gives, everything about it that must always hold checked.
fn seen(list: &SkipList, keys: Range<Key>, guard: &Guard) -> Vec<(Key, u32)> {
    let mut rows: Vec<(Key, u32)> = Vec::new();
    list.range(guard, keys.clone(), |key, record| {
        assert!(keys.contains(&key), "{key} is not in the range");
        assert!(
            rows.last().is_none_or(|(last, _)| *last < key),
            "{key} is not after the last"
        );
        assert_eq!(record.key(), key, "a record of another key");
        rows.push((key, id(record)));
    });
    rows
}

fn as_the_map(steps: u32, keys: u32) {
    let alone = Alone::new();
    let (list, mut map) = (SkipList::new(), BTreeMap::new());
    let (mut dice, mut put) = (Dice(u64::from(steps)), 0);
    for number in 1..=steps {
        let guard = pin();
        let (key, to) = (key(dice.below(keys)), key(dice.below(keys + 5)));
        match dice.below(5) {
            0..=2 => {
                let before = list.insert(record(key, number), &guard).map(id);
                assert_eq!(before, map.insert(key, number), "{key}");
                put += 1;
            }
            3 => assert_eq!(list.remove(key, &guard).map(id), map.remove(&key), "{key}"),
            _ => {
                let ours = seen(&list, key..to, &guard);
                let theirs = map.iter().filter(|(at, _)| (key..to).contains(*at));
                assert!(
                    ours.into_iter().eq(theirs.map(|(key, id)| (*key, *id))),
                    "{key}..{to}"
                );
            }
        }
        assert_eq!(
            list.get(key, &guard).map(id),
            map.get(&key).copied(),
            "{key}"
        );
        assert_eq!((list.len(), list.is_empty()), (map.len(), map.is_empty()));
    }
    left(map.len());
    alone.dropped_once(put - map.len());
    assert!(seen(&list, all(), &pin()).into_iter().eq(map));
    drop(list);
    left(0);
    alone.dropped_once(put);
}

#[test]
fn as_the_map_with_few_keys() {
    as_the_map(if cfg!(miri) { 150 } else { 20_000 }, 9);
}

#[test]
fn as_the_map_with_many_keys() {
    as_the_map(if cfg!(miri) { 150 } else { 20_000 }, 2_000);
}

#[test]
fn an_empty_list_is_empty() {
    let _alone = Alone::new();
    let (list, guard) = (SkipList::default(), pin());
    assert!(list.is_empty() && list.get(key(1), &guard).is_none());
    assert!(list.remove(key(1), &guard).is_none());
    assert_eq!(seen(&list, all(), &guard), []);
    list.insert(record(key(4), 1), &guard);
    for none in [
        key(4)..key(4),
        key(5)..key(4),
        key(5)..key(9),
        key(0)..key(4),
    ] {
        assert_eq!(seen(&list, none, &guard), []);
    }
}

#[test]
fn heights_fall_off_and_reach_the_top() {
    let mut counts = [0_u32; LEVELS + 1];
    let total = if cfg!(miri) { 1 << 12 } else { 1 << 16 };
    for number in 0..total {
        counts[height_of(key(number)) as usize] += 1;
    }
    assert_eq!(counts[0], 0, "no node without a link");
    // In tests each level has half the nodes of the one below.
    for (height, count) in counts.into_iter().enumerate().take(6).skip(1) {
        let expected = total >> height;
        let range = expected * 7 / 10..=expected * 13 / 10;
        assert!(
            range.contains(&count),
            "{count} of height {height}, about {expected} expected"
        );
    }
    assert!(counts[LEVELS] > 0, "{counts:?}");
}

#[test]
fn what_was_taken_out_can_be_read_while_the_guard_lives() {
    let alone = Alone::new();
    let (list, at) = (SkipList::new(), key(3));
    let guard = pin();
    list.insert(record(at, 1), &guard);
    let first = list.get(at, &guard).unwrap();
    let replaced = list.insert(record(at, 2), &guard).unwrap();
    let removed = list.remove(at, &guard).unwrap();
    assert!(std::ptr::eq(first, replaced));
    // Enough to fill whatever is collected in batches; other records are put where freed ones were.
    for number in 0..if cfg!(miri) { 50 } else { 5_000 } {
        list.insert(record(key(number % 50), 100 + number), &guard);
        guard.flush();
    }
    collect_garbage();
    assert_eq!((id(first), id(removed)), (1, 2));
    assert_eq!((alone.drops(at, 1), alone.drops(at, 2)), (0, 0));
    drop(guard);
    collect_garbage();
    assert_eq!((alone.drops(at, 1), alone.drops(at, 2)), (1, 1));
}
