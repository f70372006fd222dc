use super::*;
use crate::calendar::days;
use crate::hot::{InBox, InPool, Write};
use crate::query::Route;
use crate::rows::Airport;

fn trip(delay_minutes: i32, origin: &str) -> Trip {
    let [origin, destination] = [origin, "SFO"].map(|code| Airport::parse(code).unwrap());
    Trip {
        delay_minutes,
        distance_miles: 100,
        origin,
        destination,
    }
}

fn header(number: u32, reported: u32, change: Change) -> IngestHeader {
    let key = Key {
        minute: Minute(number),
        sequence: number,
    };
    let write = Write {
        key,
        reported: Minute(reported),
        change,
    };
    IngestHeader {
        write,
        checksum: write.checksum(),
    }
}

const ALL: Question = Question {
    from: Minute(0),
    until: Minute(days(30)),
    route: Route::Any,
};

fn newest_wins<F: Family>() {
    let mut shard = Shard::<F>::new();
    let flush = |shard: &mut Shard<F>| {
        let memtable = std::mem::take(&mut shard.memtable);
        assert!(!memtable.is_empty());
        shard.push(memtable.into_segment());
    };
    for number in 0..10 {
        assert!(
            shard
                .apply(&header(number, 100, Change::Put(trip(1, "LAX"))))
                .is_none()
        );
    }
    flush(&mut shard);
    // A segment over a segment: one corrected, one deleted; then a memtable over both: one deleted, one back.
    shard.apply(&header(3, 200, Change::Put(trip(31, "LAX"))));
    shard.apply(&header(4, 200, Change::Delete));
    flush(&mut shard);
    shard.apply(&header(5, 300, Change::Delete));
    shard.apply(&header(4, 300, Change::Put(trip(11, "DFW"))));
    shard.apply(&header(6, 300, Change::Put(trip(2, "DFW"))));
    shard.apply(&header(6, 301, Change::Delete));
    let answer = shard.answer(&ALL);
    assert_eq!(answer.flights, 8, "5 and 6 are deleted");
    assert_eq!(answer.delay_minutes, 6 + 31 + 11);
    assert_eq!(answer.distance_miles, 800);
    assert_eq!(
        answer.last_report,
        Some(Minute(300)),
        "the report at 301 was a deletion"
    );
    let from = Question {
        route: Route::From(Airport::parse("DFW").unwrap()),
        ..ALL
    };
    assert_eq!(shard.answer(&from).earliest[0].unwrap().sequence, 4);
    assert_eq!(shard.answer(&from).flights, 1);
    let to = Question {
        route: Route::To(Airport::parse("SFO").unwrap()),
        ..ALL
    };
    assert_eq!(shard.answer(&to), answer);
    // The window is half open.
    let window = Question {
        from: Minute(2),
        until: Minute(8),
        route: Route::Any,
    };
    let keys = shard
        .answer(&window)
        .earliest
        .map(|key| key.unwrap().sequence);
    assert_eq!((shard.answer(&window).flights, keys), (4, [2, 3, 4]));
    assert_eq!(
        shard.answer(&Question {
            until: Minute(0),
            ..ALL
        }),
        Answer::default()
    );
    let backwards = Question {
        from: Minute(8),
        until: Minute(2),
        route: Route::Any,
    };
    assert_eq!(shard.answer(&backwards), Answer::default());
}

#[test]
fn newest_wins_in_boxes() {
    newest_wins::<InBox>();
}

#[test]
fn newest_wins_in_pools() {
    newest_wins::<InPool>();
}

#[test]
fn a_full_memtable_is_handed_out_and_nothing_is_lost() {
    let mut shard = Shard::<InPool>::new();
    let total = 2 * MEMTABLE_KEYS as u32 + 10;
    let mut handed_out = 0;
    for number in 0..total {
        // Every key twice: the second write of a key must not count as a key.
        for _ in 0..2 {
            if let Some(memtable) = shard.apply(&header(number, 0, Change::Put(trip(1, "LAX")))) {
                handed_out += 1;
                shard.push(memtable.into_segment());
            }
        }
    }
    assert_eq!(handed_out, 2);
    assert_eq!(shard.answer(&ALL).flights, u64::from(total));
}

#[test]
fn parts_of_an_answer_add_up() {
    let part = |numbers: std::ops::Range<u32>, delay| {
        let mut answer = Answer::default();
        for number in numbers.step_by(2) {
            let key = Key {
                minute: Minute(number),
                sequence: number,
            };
            answer.add(key, &trip(delay, "LAX"), Minute(number + 5));
        }
        answer
    };
    let whole = part(0..9, 4)
        .merged(&part(1..4, -1))
        .merged(&Answer::default());
    assert_eq!(
        (whole.flights, whole.delay_minutes, whole.distance_miles),
        (7, 18, 700)
    );
    assert_eq!(whole.last_report, Some(Minute(13)));
    assert_eq!(whole.earliest.map(|key| key.unwrap().sequence), [0, 1, 2]);
    assert!((whole.mean_delay() - 18.0 / 7.0).abs() < 1e-12);
    assert_eq!(Answer::default().mean_delay(), 0.0);
}
