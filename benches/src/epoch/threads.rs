//! The structures under one thread and two, and the storm.

use core::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::loops::Stand;
use super::queue::Queue;
use super::reclaim::{LEVELS, Reclaim};
use super::row::Structure;
use super::skiplist::SkipList;
use super::stack::Stack;
use crate::clock::{Effort, fastest};
use crate::cores::{Sample, keep_to_core, side_by_side};
use crate::random::Random;

/// Operations of one thread in a sample of two.
const OPERATIONS: u64 = 2000;

/// Keys of the skip list. It holds half of them in the long run, and at the start.
const KEYS: usize = 2048;

const _: () = assert!(KEYS.is_multiple_of(2));

/// One in so many operations on the skip list inserts, and one removes.
const WRITE_EVERY: usize = 20;

/// Nodes between two looks at the clock.
const BATCH: u64 = 4096;

/// What one thread does with a structure: so many operations, each pinned for itself.
trait Work: Default + Sync {
    fn work(&self, operations: u64, random: &mut Random);
}

impl<R: Reclaim> Work for Stack<R> {
    #[inline(never)]
    fn work(&self, operations: u64, _random: &mut Random) {
        for value in 0..operations {
            self.push(value);
            std::hint::black_box(self.pop());
        }
    }
}

impl<R: Reclaim> Work for Queue<R> {
    #[inline(never)]
    fn work(&self, operations: u64, _random: &mut Random) {
        for value in 0..operations {
            self.push(value);
            std::hint::black_box(self.pop());
        }
    }
}

/// A skip list that is half full.
#[derive(Debug)]
struct HalfFull<R: Reclaim>(SkipList<R>);

impl<R: Reclaim> Default for HalfFull<R> {
    fn default() -> Self {
        let list = SkipList::default();
        let mut keys: Vec<u64> = (0..KEYS as u64).collect();
        let mut random = Random::new(1);
        random.shuffle(&mut keys);
        for key in &keys[..KEYS / 2] {
            list.insert(*key, height(&mut random));
        }
        Self(list)
    }
}

impl<R: Reclaim> Work for HalfFull<R> {
    #[inline(never)]
    fn work(&self, operations: u64, random: &mut Random) {
        for _ in 0..operations {
            let key = random.below(KEYS) as u64;
            let done = match random.below(WRITE_EVERY) {
                0 => self.0.insert(key, height(random)),
                1 => self.0.remove(key),
                _ => self.0.contains(key),
            };
            std::hint::black_box(done);
        }
    }
}

/// The height of a tower: each level has a quarter of the towers of the one below.
pub fn height(random: &mut Random) -> usize {
    let zeros = random.word().trailing_zeros() as usize;
    (zeros / 2 + 1).min(LEVELS)
}

/// Nanoseconds per operation on a structure that only one thread uses.
pub fn alone<R: Reclaim>(structure: Structure, effort: Effort) -> f64 {
    match structure {
        Structure::Stack => alone_with::<Stack<R>>(effort),
        Structure::Queue => alone_with::<Queue<R>>(effort),
        Structure::SkipList => alone_with::<HalfFull<R>>(effort),
    }
}

fn alone_with<W: Work>(effort: Effort) -> f64 {
    let structure = W::default();
    let mut random = Random::new(2);
    fastest(effort, |operations| {
        structure.work(operations, &mut random);
        operations
    })
}

/// Samples of two threads on one structure, per operation of either.
pub fn shared<R: Reclaim>(structure: Structure, samples: u32) -> Vec<Sample> {
    match structure {
        Structure::Stack => shared_with::<Stack<R>>(samples),
        Structure::Queue => shared_with::<Queue<R>>(samples),
        Structure::SkipList => shared_with::<HalfFull<R>>(samples),
    }
}

fn shared_with<W: Work>(samples: u32) -> Vec<Sample> {
    let structure = W::default();
    let (mut one, mut other) = (Random::new(3), Random::new(4));
    side_by_side(
        samples,
        2 * OPERATIONS,
        || structure.work(OPERATIONS, &mut one),
        || structure.work(OPERATIONS, &mut other),
    )
}

/// Two threads allocate, publish and retire nodes for so long, pinned for each node. Returns nanoseconds per node.
pub fn storm<R: Reclaim>(length: Duration) -> f64 {
    let over = AtomicBool::new(false);
    let blow = |core| {
        keep_to_core(core);
        let stand = Stand::<R>::default();
        let mut nodes = 0;
        while !over.load(Ordering::Relaxed) {
            nodes += stand.replace::<1>(BATCH);
        }
        nodes
    };
    thread::scope(|scope| {
        let start = Instant::now();
        let threads = [scope.spawn(|| blow(0)), scope.spawn(|| blow(1))];
        thread::sleep(length);
        over.store(true, Ordering::Relaxed);
        let nodes: u64 = threads
            .map(|thread| thread.join().expect("a storm does not panic"))
            .iter()
            .sum();
        start.elapsed().as_nanos() as f64 / nodes as f64
    })
}
