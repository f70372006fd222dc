//! The structures keep what was put in, and retire each node once, on a reclaimer that tells; and the same on ours.

use core::cell::Cell;
use core::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::Arc;
use std::thread;

use super::hoard::{Counts, Hoard};
use super::loops::limbo;
use super::queue::Queue;
use super::reclaim::{LEVELS, Reclaim};
use super::skiplist::SkipList;
use super::stack::Stack;
use super::sydra::Sydra;
use super::threads::height;
use crate::random::Random;

const THREADS: u64 = 3;
const EACH: u64 = if cfg!(miri) { 20 } else { 5000 };

/// Runs `work(thread)` in several threads at once.
fn together(work: impl Fn(u64) + Sync) {
    thread::scope(|scope| {
        for number in 0..THREADS {
            let work = &work;
            scope.spawn(move || work(number));
        }
    });
}

fn number(count: &AtomicUsize) -> usize {
    count.load(Ordering::Relaxed)
}

/// All nodes were freed, and `left` of them without having been retired.
fn all_freed(counts: &Counts, left: usize) {
    assert_eq!(number(&counts.made), number(&counts.freed));
    assert_eq!(number(&counts.made), number(&counts.retired) + left);
}

/// Each value pushed comes out once. A thread pops after a push, mostly: what is kept stays short, but no pop comes too early.
fn keeps_all(push: impl Fn(u64) + Sync, pop: impl Fn() -> Option<u64> + Sync) {
    let seen: Vec<AtomicUsize> = (0..THREADS * EACH).map(|_| AtomicUsize::new(0)).collect();
    let see = |value: Option<u64>| {
        let value = value.expect("no more has been popped than pushed");
        seen[value as usize].fetch_add(1, Ordering::Relaxed);
    };
    together(|thread| {
        for value in thread * EACH..(thread + 1) * EACH {
            push(value);
            if value % 2000 != 0 {
                see(pop());
            }
        }
    });
    while let Some(value) = pop() {
        see(Some(value));
    }
    assert!(seen.iter().all(|times| number(times) == 1));
}

#[test]
fn a_stack_keeps_all_and_the_newest_comes_first() {
    let stack = Stack::<Hoard>::default();
    stack.push(1);
    stack.push(2);
    assert_eq!(
        (stack.pop(), stack.pop(), stack.pop()),
        (Some(2), Some(1), None)
    );
    keeps_all(|value| stack.push(value), || stack.pop());
    let counts: Arc<Counts> = stack.reclaim.counts.clone();
    stack.push(3);
    drop(stack);
    all_freed(&counts, 0);
}

#[test]
fn a_queue_keeps_all_and_the_oldest_comes_first() {
    let queue = Queue::<Hoard>::default();
    queue.push(1);
    queue.push(2);
    assert_eq!(
        (queue.pop(), queue.pop(), queue.pop()),
        (Some(1), Some(2), None)
    );
    keeps_all(|value| queue.push(value), || queue.pop());
    let counts: Arc<Counts> = queue.reclaim.counts.clone();
    queue.push(3);
    drop(queue);
    all_freed(&counts, 1);
}

#[test]
fn a_skip_list_is_a_set() {
    let list = SkipList::<Hoard>::default();
    let mut keys: Vec<u64> = (0..200).collect();
    let mut random = Random::new(3);
    random.shuffle(&mut keys);
    for &key in &keys {
        assert!(!list.contains(key) && list.insert(key, height(&mut random)));
        assert!(list.contains(key) && !list.insert(key, 1));
    }
    for &key in &keys[..100] {
        assert!(list.remove(key) && !list.remove(key) && !list.contains(key));
    }
    assert!(keys[100..].iter().all(|key| list.contains(*key)));
    let counts = list.reclaim.counts.clone();
    drop(list);
    all_freed(&counts, 100);
}

/// Threads insert and remove few keys, so that they meet at them. Returns how many are left.
fn agrees_with_what_it_was_told<R: Reclaim>(list: &SkipList<R>) -> usize {
    const KEYS: usize = 8;
    let balance: [AtomicI64; KEYS] = Default::default();
    together(|thread| {
        let mut random = Random::new(thread);
        for _ in 0..EACH * 20 {
            let key = random.below(KEYS);
            let change = match random.below(2) {
                0 => i64::from(list.insert(key as u64, height(&mut random))),
                _ => -i64::from(list.remove(key as u64)),
            };
            balance[key].fetch_add(change, Ordering::Relaxed);
        }
    });
    let mut left = 0;
    for (key, balance) in balance.iter().enumerate() {
        let there = i64::from(list.contains(key as u64));
        assert_eq!(balance.load(Ordering::Relaxed), there, "{key}");
        left += there as usize;
    }
    left
}

#[test]
fn a_skip_list_under_threads_retires_each_tower_once() {
    let list = SkipList::<Hoard>::default();
    let left = agrees_with_what_it_was_told(&list);
    for level in 0..LEVELS {
        let mut link = &list.head[level];
        loop {
            let tower = link.load(Ordering::Relaxed);
            assert!(
                !Hoard::is_retired(tower),
                "retired, and on level {level} still"
            );
            // SAFETY: RIV-1; a hoard frees nothing while it lives.
            let Some(body) = (unsafe { Hoard::body(tower) }) else {
                break;
            };
            link = &body.links[level];
        }
    }
    let counts = list.reclaim.counts.clone();
    // Towers that lost the race to be linked were freed at once.
    let spared = number(&counts.freed);
    drop(list);
    all_freed(&counts, left + spared);
}

#[test]
fn the_structures_keep_all_with_our_epoch() {
    let stack = Stack::<Sydra>::default();
    keeps_all(|value| stack.push(value), || stack.pop());
    let queue = Queue::<Sydra>::default();
    keeps_all(|value| queue.push(value), || queue.pop());
    agrees_with_what_it_was_told(&SkipList::<Sydra>::default());
}

#[test]
fn limbo_is_measured_per_object() {
    let calls = Cell::new(0);
    let sizes = || {
        calls.set(calls.get() + 1);
        [1000 * calls.get(), 5]
    };
    assert_eq!(limbo::<2, Hoard>(100, sizes), [10.0, 0.0]);
}
