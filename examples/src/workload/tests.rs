use super::*;
use crate::model::Expected;
use crate::rows::Trip;
use std::collections::{BTreeSet, HashMap};

/// `count` flights, seven minutes apart, two of them always in the same minute.
fn flights(count: u32) -> Vec<Flight> {
    let [origin, destination] = ["LAX", "SFO"].map(|code| Airport::parse(code).unwrap());
    let trip = Trip {
        delay_minutes: 5,
        distance_miles: 337,
        origin,
        destination,
    };
    let first = Minute::parse("2001/01/01 00:10").unwrap();
    (0..count)
        .map(|index| Flight {
            departure: first.plus(index / 2 * 7),
            trip,
        })
        .collect()
}

#[test]
fn the_seed_decides_everything() {
    let flights = flights(2_000);
    let of = |seed| Workload::new(&flights, 2, seed).unwrap();
    let (one, again, other) = (of(1), of(1), of(2));
    assert_eq!(one.writes, again.writes);
    assert_eq!(one.questions, again.questions);
    assert_ne!(one.writes, other.writes);
    assert_ne!(one.questions, other.questions);
    assert_eq!(one.counts.flights, 4_000);
}

#[test]
fn shares_are_as_promised_and_every_write_has_its_flight() {
    let workload = Workload::new(&flights(10_000), 2, 7).unwrap();
    let Counts {
        flights,
        corrections,
        deletions,
    } = workload.counts;
    assert_eq!(workload.writes.len(), flights + corrections + deletions);
    assert!(
        (3_600..4_400).contains(&corrections),
        "{corrections} of 20,000 should be a fifth"
    );
    assert!(
        (1_800..2_200).contains(&deletions),
        "{deletions} of 20,000 should be a tenth"
    );
    assert!(workload.writes.is_sorted_by_key(|write| write.reported));
    assert!(
        !workload.writes.is_sorted_by_key(|write| write.key),
        "reports come out of order"
    );
    let mut writes: HashMap<Key, usize> = HashMap::new();
    for write in &workload.writes {
        *writes.entry(write.key).or_default() += 1;
    }
    assert_eq!(
        writes.len(),
        flights,
        "every flight has a key of its own, also in one minute"
    );
    assert!(writes.values().all(|count| (1..=3).contains(count)));
}

#[test]
fn copies_follow_one_another_at_the_same_time_of_day() {
    let flights = flights(500);
    let workload = Workload::new(&flights, 3, 1).unwrap();
    let mut keys = workload
        .writes
        .iter()
        .map(|write| write.key)
        .collect::<BTreeSet<_>>();
    for copy in 0..3 {
        for (index, flight) in flights.iter().enumerate() {
            let key = keys.pop_first().unwrap();
            assert_eq!(key.sequence as usize, copy * flights.len() + index);
            let time = |minute: Minute| minute.0 - minute.start_of_day().0;
            assert_eq!(time(key.minute), time(flight.departure));
        }
    }
    let whole = workload.closing[0];
    let all = workload.writes.iter().map(|write| write.key);
    assert!(all.clone().min().unwrap() >= whole.first_key());
    assert!(all.max().unwrap() < whole.end_key());
}

#[test]
fn questions_stand_in_order_and_find_flights() {
    let workload = Workload::new(&flights(20_000), 1, 3).unwrap();
    assert_eq!(workload.questions.len(), workload.writes.len() / ASK_EVERY);
    assert!(workload.questions.is_sorted_by_key(|(place, _)| *place));
    let expected = Expected::of(&workload, |_| {});
    assert_eq!(expected.answers.len(), workload.all_questions().count());
    let found = expected
        .answers
        .iter()
        .filter(|answer| answer.flights > 0)
        .count();
    assert!(
        found * 3 > expected.answers.len(),
        "{found} of all answers are not empty"
    );
}

#[test]
fn what_keys_cannot_hold_is_refused() {
    let few = flights(10);
    assert!(Workload::new(&few, u32::MAX, 1).is_err());
    assert!(Workload::new(&few, MOST_FLIGHTS as u32 / 10 + 1, 1).is_err());
    // Ten flights, but millennia apart.
    let mut apart = few.clone();
    apart[9].departure = Minute::parse("9000/01/01 00:00").unwrap();
    assert!(Workload::new(&apart, 1, 1).is_ok());
    let refused = Workload::new(&apart, 2, 1).unwrap_err();
    assert!(
        refused.to_string().contains("repeated 2 times"),
        "{refused}"
    );
    assert_eq!(Workload::new(&[], 5, 1).unwrap().writes.len(), 0);
    assert_eq!(Workload::new(&few, 0, 1).unwrap().closing.len(), 0);
}

#[test]
fn no_closing_question_is_asked_twice() {
    for count in [1, 300, 5_000] {
        let closing = Workload::new(&flights(count), 1, 1).unwrap().closing;
        assert!(closing.len() >= 3);
        for (index, question) in closing.iter().enumerate() {
            assert!(
                !closing[..index].contains(question),
                "{question}, of {count} flights"
            );
        }
    }
}
