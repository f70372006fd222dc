//! The whole phase on a small table, against right models and wrong ones; and each fault as it is named.

use super::ask::Watch;
use super::*;
use crate::calendar::Minute;
use crate::hot::Key;
use crate::lock_free::Node;
use crate::lock_free::tests::Alone;
use crate::rows::{Airport, Flight, Trip};
use sydra_pool::pool;

fn trip(delay_minutes: i32) -> Trip {
    let [origin, destination] = ["LAX", "SFO"].map(|code| Airport::parse(code).unwrap());
    Trip {
        delay_minutes,
        distance_miles: 337,
        origin,
        destination,
    }
}

/// So many flights, a few a day, some of which are corrected and deleted.
fn workload() -> Workload {
    let flights = (0..if cfg!(miri) { 60 } else { 6_000 }).map(|number| Flight {
        // Later than any key of the list's own tests.
        departure: Minute(100_000 + number * 97),
        trip: trip(number as i32),
    });
    Workload::new(&flights.collect::<Vec<_>>(), 1, 5).unwrap()
}

fn task(workload: &Workload) -> Task<'_> {
    Task {
        workload,
        truth: &workload.writes,
        writers: 2,
        readers: 2,
        stops: 3,
    }
}

#[test]
fn a_right_list_passes_every_stop() {
    let _alone = Alone::new();
    let workload = workload();
    for (writers, readers, stops) in [(1, 1, 1), (3, 2, 5)] {
        let task = Task {
            writers,
            readers,
            stops,
            ..task(&workload)
        };
        let advanced = AtomicUsize::new(0);
        let advance = |done| {
            advanced.fetch_add(done as usize, Ordering::Relaxed);
        };
        let finished = run(task, &advance).unwrap();
        let done = finished.done;
        let writes = workload.writes.len();
        assert_eq!(advanced.into_inner(), writes);
        assert!(done.inserted >= workload.counts.flights as u64, "{done:?}");
        assert!(done.overwritten > 0 && done.deleted > 0, "{done:?}");
        let keys = finished.list.len() as u64;
        assert_eq!(done.inserted - done.deleted, keys);
        assert!(finished.compared >= keys, "{}", finished.compared);
        let epoch = finished.collect().unwrap();
        assert_eq!(epoch.retired, epoch.reclaimed);
        drop(finished);
        assert_eq!(pool::<Node>().live() + pool::<SealedRecord>().live(), 0);
    }
}

#[test]
fn a_wrong_model_is_noticed() {
    let _alone = Alone::new();
    let workload = workload();
    let wrong = |truth: &[Write]| {
        let task = Task {
            truth,
            ..task(&workload)
        };
        *run(task, &|_| {}).unwrap_err()
    };
    let last = workload.writes.len() - 1;
    let mut truth = workload.writes.clone();
    // The newest write of its key, so that nothing covers it up.
    truth[last].reported = truth[last].reported.plus(1);
    truth[last].change = Change::Put(trip(-1));
    assert!(matches!(wrong(&truth), Wrong::Row { stop: 3, .. }));
    let mut truth = workload.writes.clone();
    truth[0].key.sequence += 1_000_000;
    assert!(matches!(
        wrong(&truth),
        Wrong::Row {
            stop: 1,
            model: Some(_),
            ..
        }
    ));
    let more = Key {
        minute: Minute(u32::MAX - 1),
        sequence: 0,
    };
    truth[0] = Write {
        key: more,
        ..workload.writes[0]
    };
    assert!(matches!(wrong(&truth), Wrong::Row { stop: 1, .. }));
    assert!(matches!(wrong(&truth[..0]), Wrong::Row { model: None, .. }));
}

#[test]
fn what_was_not_collected_is_noticed() {
    let _alone = Alone::new();
    let workload = workload();
    let mut finished = run(task(&workload), &|_| {}).unwrap();
    finished.collect().unwrap();
    finished.done.deleted += 1;
    finished.done.inserted += 1;
    let wrong = *finished.collect().unwrap_err();
    assert!(
        matches!(
            wrong,
            Wrong::Count {
                what: "nodes retired",
                ..
            }
        ),
        "{wrong}"
    );
    finished.done.inserted -= 1;
    let wrong = *finished.collect().unwrap_err();
    assert!(
        matches!(wrong, Wrong::Count { what: "keys", .. }),
        "{wrong}"
    );
    finished.done.deleted -= 1;
    let stray = PoolBox::new(SealedRecord::new(key(1), Minute(0), trip(0)));
    let wrong = *finished.collect().unwrap_err();
    assert!(
        matches!(
            wrong,
            Wrong::Count {
                what: "records alive",
                ..
            }
        ),
        "{wrong}"
    );
    drop(stray);
    finished.collect().unwrap();
    let guard = pin();
    let last = finished.list.len();
    let some = workload
        .writes
        .iter()
        .find(|write| finished.list.get(write.key, &guard).is_some());
    finished.list.remove(some.unwrap().key, &guard);
    assert_eq!(finished.list.len(), last - 1);
    finished.done.deleted += 1;
    // Still pinned: what was just removed cannot be reclaimed.
    let wrong = *finished.collect().unwrap_err();
    assert!(
        matches!(wrong, Wrong::Count { found, expected, .. } if found < expected),
        "{wrong}"
    );
    drop(guard);
    finished.collect().unwrap();
}

fn key(number: u32) -> Key {
    Key {
        minute: Minute(100_000),
        sequence: number,
    }
}

#[test]
fn each_fault_is_named() {
    let record = |number| SealedRecord::new(key(number), Minute(50), trip(1));
    let fault = |rows: &[(u32, SealedRecord)]| {
        let mut watch = Watch::new(key(2)..key(9));
        let passed = rows
            .iter()
            .map(|(number, record)| watch.passes(key(*number), record));
        let passed = passed.collect::<Vec<_>>();
        let verdict = watch.verdict();
        assert_eq!(passed.iter().all(|passed| *passed), verdict.is_ok());
        verdict.err()
    };
    assert_eq!(fault(&[(2, record(2)), (8, record(8))]), None);
    assert_eq!(
        fault(&[(1, record(1)), (3, record(3))]),
        Some(Fault::Outside { key: key(1) })
    );
    assert_eq!(
        fault(&[(9, record(9))]),
        Some(Fault::Outside { key: key(9) })
    );
    for next in [3, 4] {
        let (last, key) = (key(4), key(next));
        let rows = [(4, record(4)), (next, record(next)), (7, record(7))];
        assert_eq!(fault(&rows), Some(Fault::Order { last, key }));
    }
    let (of, key) = (key(4), key(3));
    assert_eq!(fault(&[(3, record(4))]), Some(Fault::Stranger { key, of }));
    let torn = SealedRecord::torn(key, Minute(50), trip(1));
    assert!(matches!(fault(&[(3, torn)]), Some(Fault::Broken { .. })));
    let older = SealedRecord::new(key, Minute(49), trip(1));
    let (seen, now) = (Minute(50), Minute(49));
    assert_eq!(
        not_older(key, &record(3), &older),
        Err(Fault::Older { key, seen, now })
    );
    assert_eq!(not_older(key, &older, &record(3)), Ok(()));
}
