//! Threads at once.

use super::*;

const STEPS: u32 = if cfg!(miri) { 40 } else { 20_000 };
const WRITERS: u32 = if cfg!(miri) { 2 } else { 4 };

/// Numbers that tell the records of all writers apart.
fn number(writer: u32, step: u32) -> u32 {
    1 + step * WRITERS + writer
}

/// Reads until it is over, everything that holds at any time checked; also that no key goes back in time, if each has one
/// writer.
fn read_on(list: &SkipList, over: &AtomicBool, seed: u64, one_writer_each: bool) {
    let mut dice = Dice(seed << 32);
    let mut newest: HashMap<Key, u32> = HashMap::new();
    let mut guard = pin();
    // ORDERING: SeqCst, for simplicity; meets the store in the tests.
    while !over.load(Ordering::SeqCst) {
        for _ in 0..dice.below(8) {
            let from = dice.below(KEYS);
            let keys = key(from)..key(from + dice.below(KEYS));
            for (key, id) in seen(list, keys, &guard) {
                let before = newest.insert(key, id).unwrap_or(0);
                assert!(before <= id || !one_writer_each, "{key} went back in time");
            }
            let at = key(dice.below(KEYS));
            if let Some(record) = list.get(at, &guard) {
                assert_eq!(record.key(), at);
                assert!(record.is_intact(), "{record:?}");
            }
        }
        guard.repin();
    }
}

/// Runs the writers beside two readers; what each writer returns.
fn run<T: Send>(list: &SkipList, one_writer_each: bool, write: impl Fn(u32) -> T + Sync) -> Vec<T> {
    struct Over<'a>(&'a AtomicBool);
    impl Drop for Over<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for seed in 0..2 {
            let over = &over;
            scope.spawn(move || read_on(list, over, seed, one_writer_each));
        }
        // Also when a writer has panicked.
        let _over = Over(&over);
        let write = &write;
        let writers = (0..WRITERS).map(|writer| scope.spawn(move || write(writer)));
        let writers = writers.collect::<Vec<_>>();
        let done = writers.into_iter().map(|writer| writer.join());
        done.collect::<Vec<_>>()
            .into_iter()
            .map(|ended| ended.unwrap())
            .collect()
    })
}

/// Neighbouring keys belong to different writers, so the threads meet at links and never at a value; each knows what
/// becomes of its own keys.
#[test]
fn each_writer_finds_its_own_keys_as_it_left_them() {
    let alone = Alone::new();
    let list = SkipList::new();
    let write = |writer| {
        let (mut map, mut dice) = (BTreeMap::new(), Dice(u64::from(writer) << 40));
        for step in 0..STEPS {
            let guard = pin();
            let at = key(dice.below(KEYS) / WRITERS * WRITERS + writer);
            let id_now = number(writer, step);
            if dice.below(2) == 0 {
                let before = list.insert(record(at, id_now), &guard).map(id);
                assert_eq!(before, map.insert(at, id_now), "{at}");
            } else {
                assert_eq!(list.remove(at, &guard).map(id), map.remove(&at), "{at}");
            }
            assert_eq!(list.get(at, &guard).map(id), map.get(&at).copied(), "{at}");
        }
        map
    };
    let maps = run(&list, true, write);
    let map: BTreeMap<Key, u32> = maps.into_iter().flatten().collect();
    assert_eq!(list.len(), map.len());
    left(map.len());
    for (key, id) in &map {
        assert_eq!(alone.drops(*key, *id), 0, "{key} is still there");
    }
    assert!(seen(&list, all(), &pin()).into_iter().eq(map));
    drop(list);
    left(0);
}

/// All writers on the same keys. Each record put comes back once: replaced, removed, or left at the end.
fn every_record_comes_back_once(keys: u32) {
    let alone = Alone::new();
    let list = SkipList::new();
    let write = |writer| {
        let (mut put, mut got) = (Vec::new(), Vec::new());
        let mut dice = Dice(u64::from(writer) << 40);
        for step in 0..STEPS {
            let guard = pin();
            let at = key(dice.below(keys));
            if dice.below(5) < 3 {
                let id_now = number(writer, step);
                put.push((at, id_now));
                got.extend(
                    list.insert(record(at, id_now), &guard)
                        .map(|old| (at, id(old))),
                );
            } else {
                got.extend(list.remove(at, &guard).map(|old| (at, id(old))));
            }
        }
        (put, got)
    };
    let ledgers = run(&list, false, write);
    let (mut put, mut got) = (Vec::new(), Vec::new());
    for (puts, gots) in ledgers {
        put.extend(puts);
        got.extend(gots);
    }
    let rest = seen(&list, all(), &pin());
    assert_eq!(list.len(), rest.len());
    left(rest.len());
    alone.dropped_once(got.len());
    got.extend(&rest);
    put.sort_unstable();
    got.sort_unstable();
    assert_eq!(put.len(), got.len(), "records put, records that came back");
    assert!(put == got, "a record came back twice, and another never");
    drop(list);
    left(0);
    alone.dropped_once(put.len());
}

#[test]
fn every_record_of_many_keys_comes_back_once() {
    every_record_comes_back_once(KEYS);
}

#[test]
fn every_record_of_three_keys_comes_back_once() {
    every_record_comes_back_once(3);
}

#[test]
fn one_key_is_inserted_by_one_and_removed_by_one() {
    let alone = Alone::new();
    let list = SkipList::new();
    // The highest node there is, so that linking it takes long.
    let at = (0..u32::MAX / 8)
        .map(key)
        .find(|at| height_of(*at) as usize >= if cfg!(miri) { 6 } else { 9 })
        .unwrap();
    let write = |writer| {
        let (mut inserted, mut removed) = (0_usize, 0_usize);
        for step in 0..STEPS {
            let guard = pin();
            if writer % 2 == 0 {
                let replaced = list.insert(record(at, number(writer, step)), &guard);
                inserted += usize::from(replaced.is_none());
            } else {
                removed += usize::from(list.remove(at, &guard).is_some());
            }
        }
        (inserted, removed)
    };
    let counts = run(&list, false, write);
    let inserted = counts.iter().map(|(inserted, _)| inserted).sum::<usize>();
    let removed = counts.iter().map(|(_, removed)| removed).sum::<usize>();
    assert_eq!(inserted - removed, list.len());
    left(list.len());
    drop(list);
    left(0);
    alone.dropped_once((STEPS * WRITERS / 2) as usize);
}
