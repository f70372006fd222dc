//! The pool as the program's allocator: everything in this binary, the test runner included,
//! lives in it.

#[cfg(all(target_os = "linux", not(miri)))]
mod edges;

use std::collections::{BTreeMap, BinaryHeap, HashMap, LinkedList, VecDeque};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

use sydra_pool::SydraPool;
use tests::op::Taste;
use tests::play::Company;
use tests::rng::{Rng, announced_seed};

#[sydra_pool::config(shards = 4)]
#[global_allocator]
static GLOBAL: SydraPool = SydraPool::new();

const MANY: usize = if cfg!(miri) { 40 } else { 20_000 };

#[test]
fn the_pool_does_serve_this_program() {
    let before = GLOBAL.snapshot();
    let kept: Vec<Box<[u64; 3]>> = (0..1_000).map(|number| Box::new([number; 3])).collect();
    let after = GLOBAL.snapshot();
    // Other tests allocate as well: at least ours must show.
    assert!(allocations(&after) >= allocations(&before) + 1_000);
    assert!(
        kept.iter()
            .enumerate()
            .all(|(number, boxed)| **boxed == [number as u64; 3])
    );
}

/// All blocks of all classes handed out so far.
fn allocations(snapshot: &sydra_pool::Snapshot) -> u64 {
    snapshot.classes.iter().map(|class| class.allocations).sum()
}

/// A hash map and a tree agree after the same random changes.
#[test]
fn maps_agree() {
    let mut rng = Rng::announced("maps_agree");
    let (mut hash, mut tree) = (HashMap::new(), BTreeMap::new());
    for _ in 0..MANY * 3 {
        let key = rng.below(MANY);
        if rng.chance(60) {
            let value = format!("{key}:{}", "x".repeat(rng.below(90)));
            assert_eq!(hash.insert(key, value.clone()), tree.insert(key, value));
        } else {
            assert_eq!(hash.remove(&key), tree.remove(&key));
        }
    }
    assert_eq!(hash.len(), tree.len());
    assert!(tree.iter().all(|(key, value)| hash.get(key) == Some(value)));
}

#[test]
fn strings_and_vectors_grow_and_shrink() {
    let mut rng = Rng::announced("strings_and_vectors_grow_and_shrink");
    let mut lines: Vec<String> = Vec::new();
    for number in 0..MANY / 4 {
        let mut line = number.to_string();
        for _ in 0..rng.below(8) {
            line.push_str(&line.clone());
            line.truncate(2_000);
        }
        if rng.chance(30) {
            line.shrink_to_fit();
        }
        lines.push(line);
        if rng.chance(40) {
            lines.swap_remove(rng.below(lines.len()));
        }
    }
    for line in &lines {
        let number: String = line.chars().take_while(char::is_ascii_digit).collect();
        assert!(line.starts_with(&number) && !number.is_empty());
    }
    // One vector through every size class and far beyond.
    let mut bytes = Vec::new();
    for index in 0..MANY * 20 {
        bytes.push((index % 251) as u8);
    }
    assert!(
        bytes
            .iter()
            .enumerate()
            .all(|(index, &byte)| usize::from(byte) == index % 251)
    );
    while bytes.len() > 1 {
        bytes.truncate(bytes.len() * 3 / 4);
        bytes.shrink_to_fit();
        assert!(
            bytes
                .iter()
                .enumerate()
                .all(|(index, &byte)| usize::from(byte) == index % 251)
        );
    }
}

#[test]
fn other_collections() {
    let mut list: LinkedList<usize> = (0..MANY).collect();
    let mut queue: VecDeque<usize> = list.iter().copied().collect();
    let mut heap: BinaryHeap<usize> = queue.iter().copied().collect();
    for expected in (0..MANY).rev() {
        assert_eq!(list.pop_back(), Some(expected));
        assert_eq!(queue.pop_back(), Some(expected));
        assert_eq!(heap.pop(), Some(expected));
    }
    let zeros = vec![0_u64; MANY];
    assert!(zeros.iter().all(|&word| word == 0));
    let shared: Arc<str> = "shared".repeat(10).into();
    assert_eq!(Arc::clone(&shared).len(), 60);
}

#[test]
fn threads_share_and_hand_over() {
    let threads = if cfg!(miri) { 3 } else { 8 };
    let map = Arc::new(Mutex::new(HashMap::<usize, Vec<u8>>::new()));
    let (send, receive) = mpsc::channel::<Box<[u8]>>();
    let workers: Vec<_> = (0..threads)
        .map(|worker| {
            let (map, send) = (Arc::clone(&map), send.clone());
            thread::spawn(move || {
                for step in 0..MANY / 10 {
                    let size = (worker * 31 + step * 7) % 600 + 1;
                    let bytes = vec![worker as u8; size];
                    let old = map
                        .lock()
                        .expect("no worker panics")
                        .insert(step % 50, bytes);
                    if let Some(old) = old {
                        assert!(old.iter().all(|&byte| byte == old[0]));
                    }
                    send.send(vec![step as u8; size].into())
                        .expect("the test listens");
                }
            })
        })
        .collect();
    drop(send);
    let mut received = 0;
    for bytes in receive {
        assert!(bytes.iter().all(|&byte| byte == bytes[0]));
        received += 1;
    }
    workers
        .into_iter()
        .for_each(|worker| worker.join().expect("no worker panics"));
    assert_eq!(received, threads * (MANY / 10));
}

/// The same plays as in the judge's own test, while the judge's book lives in the same heap.
#[test]
fn the_judge_sits_in_the_heap_it_judges() {
    let seed = announced_seed("the_judge_sits_in_the_heap_it_judges");
    let steps = if cfg!(miri) { 15 } else { 4_000 };
    let threads = if cfg!(miri) { 2 } else { 5 };
    let company = Company {
        threads,
        rounds: 3,
        steps,
        taste: Taste::WIDE,
        seed,
    };
    let done = company
        .play(&GLOBAL)
        .expect("the global door keeps its promises");
    assert_eq!((done.allocations, done.live), (done.frees, 0));
}

#[test]
fn trimming_while_others_work_harms_nobody() {
    let rounds = if cfg!(miri) { 2 } else { 30 };
    thread::scope(|scope| {
        for worker in 0..3_usize {
            scope.spawn(move || {
                for round in 0..rounds {
                    let words: Vec<String> = (0..MANY / 20)
                        .map(|n| format!("{worker} {round} {n}"))
                        .collect();
                    for (number, word) in words.iter().enumerate() {
                        assert_eq!(*word, format!("{worker} {round} {number}"));
                    }
                }
            });
        }
        scope.spawn(|| {
            for _ in 0..rounds {
                GLOBAL.trim();
                let text = GLOBAL.snapshot().to_string();
                assert!(!text.is_empty());
            }
        });
    });
}
