//! Maps of hashbrown that come, are resized and go: on `SydraAlloc`, or on the global allocator of the binary.

use allocator_api2::alloc::Allocator;
use allocator_api2::vec::Vec;
use hashbrown::{DefaultHashBuilder, HashMap};

use crate::clock::{Effort, fastest};
use crate::random::Random;
use crate::row::Maps;

type Map<V, A> = HashMap<u64, V, DefaultHashBuilder, A>;

/// Sessions open at a time.
const SESSIONS: usize = 1_000;

/// The longest text that a session keeps, in bytes; the shortest is a sixteenth of it.
const TEXT: usize = 128;

/// Entries of the large table when it is dropped and begun anew.
const LARGE: usize = 100_000;

/// How many entries a map gets before it goes: each doubling from 4 to 256 equally often.
fn limit(random: &mut Random) -> usize {
    let doubling = 4 << random.below(6);
    doubling + random.below(doubling)
}

/// What a peer keeps: maps, and how one step changes them.
trait Churn {
    fn step(&mut self, random: &mut Random);
}

/// A table of sessions, each a map from a number to a text, as a server keeps them.
struct Sessions<A: Allocator>(std::vec::Vec<Session<A>>);

/// A session, and how many texts it keeps before it is closed.
type Session<A> = (Map<Vec<u8, A>, A>, usize);

impl<A: Allocator + Clone + Default> Sessions<A> {
    fn open(random: &mut Random) -> Self {
        Self(
            (0..SESSIONS)
                .map(|_| (Map::default(), limit(random)))
                .collect(),
        )
    }
}

impl<A: Allocator + Clone + Default> Churn for Sessions<A> {
    /// Seven in ten insert (or replace) a text, three remove one; a full session is closed, and another is opened.
    #[inline]
    fn step(&mut self, random: &mut Random) {
        let place = random.below(SESSIONS);
        let (session, most) = &mut self.0[place];
        let key = random.below(2 * *most) as u64;
        if random.below(10) < 3 {
            session.remove(&key);
            return;
        }
        if session.len() == *most {
            (*session, *most) = (Map::default(), limit(random));
        }
        let length = TEXT / 16 + random.below(TEXT - TEXT / 16);
        let mut text = Vec::with_capacity_in(length, A::default());
        text.resize(length, key as u8);
        session.insert(key, text);
    }
}

/// One small map at a time: filled from nothing with numbers, so that it is resized on the way, then dropped.
struct Small<A: Allocator>(Map<u64, A>, usize);

impl<A: Allocator + Clone + Default> Churn for Small<A> {
    #[inline]
    fn step(&mut self, random: &mut Random) {
        if self.0.len() >= self.1 {
            (self.0, self.1) = (Map::default(), limit(random));
        }
        let key = u64::from(random.word());
        self.0.insert(key, key);
    }
}

/// One large map, whose tables are soon larger than any class, with removals between.
struct Large<A: Allocator>(Map<u64, A>);

impl<A: Allocator + Clone + Default> Churn for Large<A> {
    #[inline]
    fn step(&mut self, random: &mut Random) {
        let key = random.below(2 * LARGE) as u64;
        if random.below(10) < 2 {
            self.0.remove(&key);
            return;
        }
        if self.0.len() >= LARGE {
            self.0 = Map::default();
        }
        self.0.insert(key, key);
    }
}

/// Nanoseconds per step, an insertion or a removal with its share of resizes and drops.
pub fn measure<A: Allocator + Clone + Default>(maps: Maps, effort: Effort) -> f64 {
    let random = &mut Random::new(11);
    match maps {
        Maps::Sessions => steps(Sessions::<A>::open(random), random, 400 * SESSIONS, effort),
        Maps::Small => steps(Small::<A>(Map::default(), 4), random, 10_000, effort),
        Maps::Large => steps(Large::<A>(Map::default()), random, 10 * LARGE, effort),
    }
}

/// `old` steps first, so that the maps are in all stages of their lives; each sample is at least a tenth of that.
fn steps(mut churn: impl Churn, random: &mut Random, old: usize, effort: Effort) -> f64 {
    let mut run = |steps: u64| {
        for _ in 0..steps {
            churn.step(random);
        }
        steps
    };
    run(old as u64);
    fastest(effort, |steps| run(steps.max(old as u64 / 10)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use allocator_api2::alloc::Global;
    use sydra_pool::SydraAlloc;

    use super::*;

    #[test]
    fn limits_are_spread_over_the_doublings() {
        let mut random = Random::new(1);
        let mut seen = [0; 7];
        for _ in 0..6_000 {
            seen[limit(&mut random).ilog2() as usize - 2] += 1;
        }
        assert_eq!(seen[6], 0, "{seen:?}");
        assert!(seen[..6].iter().all(|&count| count > 800), "{seen:?}");
    }

    #[test]
    fn all_allocators_take_the_same_steps() {
        fn play<A: Allocator + Clone + Default>() -> (usize, usize) {
            let random = &mut Random::new(3);
            let mut sessions = Sessions::<A>::open(random);
            (0..50_000).for_each(|_| sessions.step(random));
            let open = sessions.0.iter();
            open.fold((0, 0), |(entries, bytes), (map, _)| {
                let texts = map.values().map(|text| text.len());
                (entries + map.len(), bytes + texts.sum::<usize>())
            })
        }
        let (entries, bytes) = play::<Global>();
        assert!(
            entries > 10_000 && bytes > 50 * entries,
            "{entries} {bytes}"
        );
        assert_eq!((entries, bytes), play::<SydraAlloc>());
    }

    #[test]
    fn every_kind_can_be_measured() {
        let effort = Effort {
            samples: 1,
            sample: Duration::from_micros(1),
        };
        for maps in Maps::ALL {
            let ns = measure::<SydraAlloc>(maps, effort);
            assert!(ns.is_finite() && ns > 0.0, "{maps:?}: {ns}");
        }
    }
}
