//! Linearisability of the skip list of the example `ingest`: small histories on a few keys, searched
//! for an order that explains them. (A range is not linearisable, and does not say so.)

use std::collections::BTreeMap;

use examples::calendar::Minute;
use examples::hot::Key;
use examples::lock_free::SkipList;
use examples::rows::{Airport, Trip};
use examples::sealed::SealedRecord;
use sydra_pool::PoolBox;
use sydra_pool::epoch;
use tests::history::{Event, Model, Moments, at_once, is_linearisable, overlapping};
use tests::rng::Rng;

/// Keys that the threads quarrel about.
const KEYS: usize = 2;

#[derive(Clone, Copy, Debug)]
enum Step {
    Insert(u32, u32),
    Remove(u32),
    Get(u32),
}

/// A step, and the version of the record that was found.
#[derive(Clone, Copy, Debug)]
struct Done(Step, Option<u32>);

/// What a map does, one step after the other.
#[derive(Clone, Default)]
struct Versions(BTreeMap<u32, u32>);

impl Model for Versions {
    type Done = Done;

    fn agrees(&mut self, &Done(step, found): &Done) -> bool {
        found
            == match step {
                Step::Insert(key, version) => self.0.insert(key, version),
                Step::Remove(key) => self.0.remove(&key),
                Step::Get(key) => self.0.get(&key).copied(),
            }
    }
}

fn key(number: u32) -> Key {
    Key {
        minute: Minute(7),
        sequence: number,
    }
}

fn trip() -> Trip {
    let airport = |code: &str| Airport::parse(code).expect("three letters");
    Trip {
        delay_minutes: 0,
        distance_miles: 1,
        origin: airport("SFO"),
        destination: airport("JFK"),
    }
}

fn operate(list: &SkipList, moments: &Moments, step: Step) -> Event<Done> {
    moments.record(|| {
        let guard = epoch::pin();
        let found = match step {
            Step::Insert(number, version) => {
                let record = SealedRecord::new(key(number), Minute(version), trip());
                list.insert(PoolBox::new(record), &guard)
            }
            Step::Remove(number) => list.remove(key(number), &guard),
            Step::Get(number) => list.get(key(number), &guard),
        };
        let version = found.map(|record| {
            assert!(record.is_intact(), "freed under a reader's eyes");
            record.reported().0
        });
        Done(step, version)
    })
}

fn any_step(rng: &mut Rng, version: &mut u32) -> Step {
    let number = rng.below(KEYS) as u32;
    *version += 1;
    match rng.below(10) {
        0..4 => Step::Insert(number, *version),
        4..8 => Step::Remove(number),
        _ => Step::Get(number),
    }
}

/// Two or three threads do three steps each; then all keys are taken out, one after the other.
fn round(list: &SkipList, moments: &Moments, rng: &mut Rng) -> Vec<Event<Done>> {
    let mut version = 0;
    let first = any_step(rng, &mut version);
    let mut events = vec![operate(list, moments, first)];
    let plans: Vec<[Step; 3]> = (0..rng.within(2, 3))
        .map(|_| [(); 3].map(|()| any_step(rng, &mut version)))
        .collect();
    events.extend(at_once(plans, |step| operate(list, moments, step)));
    let rest = (0..KEYS as u32).map(|number| operate(list, moments, Step::Remove(number)));
    events.extend(rest);
    assert!(list.is_empty());
    events
}

#[test]
fn a_skip_list_is_linearisable() {
    let rounds = if cfg!(miri) { 3 } else { 1_500 };
    let (mut rng, moments) = (
        Rng::announced("a_skip_list_is_linearisable"),
        Moments::default(),
    );
    let list = SkipList::new();
    let mut overlapped = 0;
    for _ in 0..rounds {
        let mut events = round(&list, &moments, &mut rng);
        assert!(
            is_linearisable(&Versions::default(), &events),
            "{events:#?}"
        );
        overlapped += overlapping(&mut events);
        if rng.chance(20) {
            sydra_pool::collect_garbage();
        }
    }
    // Few on a busy machine; the operations are short.
    assert!(overlapped > 0 || cfg!(miri), "nothing was concurrent");
}
