//! hashbrown's map under random operations, beside the standard library's.

use std::collections::HashMap;

use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec as PoolVec;
use hashbrown::DefaultHashBuilder;
use sydra_pool::SydraAlloc;
use tests::rng::Rng;

use crate::{alone, classes};

type PoolMap<V> = hashbrown::HashMap<u64, V, DefaultHashBuilder, SydraAlloc>;

/// What a map can store: made from a number, and compared with one.
trait Value: Clone + Send + 'static {
    fn of(number: u64) -> Self;
    fn number(&self) -> u64;
}

impl Value for u64 {
    fn of(number: u64) -> Self {
        number
    }
    fn number(&self) -> u64 {
        *self
    }
}

/// A value large and aligned enough that a small table leaves the classes.
#[derive(Clone)]
#[repr(align(64))]
struct Wide([u64; 24]);

impl Value for Wide {
    fn of(number: u64) -> Self {
        Self([number; 24])
    }
    fn number(&self) -> u64 {
        assert_eq!(self.0, [self.0[0]; 24]);
        self.0[0]
    }
}

/// A value that allocates: text of a length that its number decides, in the same allocator.
#[derive(Clone)]
struct Text(PoolVec<u8, SydraAlloc>, Box<u64, SydraAlloc>);

impl Value for Text {
    fn of(number: u64) -> Self {
        let mut text = PoolVec::new_in(SydraAlloc);
        for place in 0..number % 200 {
            text.push((number ^ place) as u8);
        }
        Self(text, Box::new_in(number, SydraAlloc))
    }
    fn number(&self) -> u64 {
        assert_eq!(self.0.len() as u64, *self.1 % 200);
        for (place, &byte) in self.0.iter().enumerate() {
            assert_eq!(byte, (*self.1 ^ place as u64) as u8);
        }
        *self.1
    }
}

/// Equal in size, in every pair, and in what an iteration sees.
fn compare<V: Value>(ours: &PoolMap<V>, model: &HashMap<u64, u64>) {
    assert_eq!(ours.len(), model.len());
    for (key, value) in model {
        assert_eq!(ours.get(key).map(Value::number), Some(*value), "{key}");
    }
    let mut sum = 0_u64;
    for (key, value) in ours {
        assert_eq!(model.get(key), Some(&value.number()));
        sum += 1;
    }
    assert_eq!(sum, model.len() as u64);
}

/// Random operations; the number of keys wanders from none to many, so that the table is resized.
fn play<V: Value>(seed: u64, steps: usize, keys: usize) {
    let mut rng = Rng::new(seed);
    let mut ours: PoolMap<V> = PoolMap::new_in(SydraAlloc);
    let mut model: HashMap<u64, u64> = HashMap::new();
    for step in 0..steps {
        // Every so often the play turns from filling to emptying.
        let filling = (step / (steps / 6).max(1)).is_multiple_of(2);
        let key = rng.below(keys) as u64;
        match rng.below(1000) {
            0..700 if filling => {
                let number = rng.bits() >> 8;
                let old = ours.insert(key, V::of(number));
                assert_eq!(old.map(|old| old.number()), model.insert(key, number));
            }
            0..700 => {
                let gone = ours.remove(&key);
                assert_eq!(gone.map(|gone| gone.number()), model.remove(&key));
            }
            700..850 => assert_eq!(ours.get(&key).map(Value::number), model.get(&key).copied()),
            850..950 => {
                let number = rng.bits() >> 8;
                let found = ours.entry(key).or_insert_with(|| V::of(number)).number();
                assert_eq!(found, *model.entry(key).or_insert(number));
            }
            950..960 => ours.shrink_to_fit(),
            960..970 => ours.reserve(rng.below(keys)),
            970..980 => {
                let copy = ours.clone();
                compare(&copy, &model);
                ours = copy;
            }
            980..990 => {
                let keep = rng.bits() % 8;
                ours.retain(|key, _| key % 8 != keep);
                model.retain(|key, _| key % 8 != keep);
            }
            990..998 => {
                let more: Vec<u64> = (0..rng.below(40))
                    .map(|_| rng.bits() % keys as u64)
                    .collect();
                ours.extend(more.iter().map(|&key| (key, V::of(key))));
                model.extend(more.iter().map(|&key| (key, key)));
            }
            998 => {
                let drained: HashMap<u64, u64> = ours
                    .drain()
                    .map(|(key, value)| (key, value.number()))
                    .collect();
                assert_eq!(drained, std::mem::take(&mut model));
            }
            _ => {
                ours.clear();
                model.clear();
            }
        }
        if step % 500 == 0 {
            compare(&ours, &model);
        }
    }
    compare(&ours, &model);
    let moved = std::thread::spawn(move || {
        compare(&ours, &model);
        drop(ours);
    });
    moved
        .join()
        .expect("another thread reads and frees the map");
}

fn seeds<V: Value>(name: &str, keys: usize) {
    let _alone = alone();
    let mut rng = Rng::announced(name);
    let (seeds, steps) = if cfg!(miri) { (1, 100) } else { (8, 6_000) };
    let before = classes();
    for _ in 0..seeds {
        play::<V>(rng.bits(), steps, if cfg!(miri) { 12 } else { keys });
    }
    let after = classes();
    assert_eq!(after.0, before.0, "every block went back");
    assert!(after.1 > before.1, "the map's tables are the pools'");
}

#[test]
fn numbers() {
    seeds::<u64>("numbers", 3_000);
}

#[test]
fn wide_values() {
    seeds::<Wide>("wide_values", 400);
}

#[test]
fn values_that_allocate() {
    seeds::<Text>("values_that_allocate", 1_000);
}

#[test]
fn sets_and_maps_of_nothing() {
    let _alone = alone();
    let before = classes();
    let mut set = hashbrown::HashSet::<u32, DefaultHashBuilder, SydraAlloc>::default();
    assert!(set.insert(7) && !set.insert(7) && set.remove(&7));
    let mut nothing: PoolMap<()> = PoolMap::default();
    for key in 0..100 {
        assert!(nothing.insert(key, ()).is_none());
    }
    assert_eq!(nothing.len(), 100);
    drop((set, nothing));
    assert_eq!(classes().0, before.0);
}
