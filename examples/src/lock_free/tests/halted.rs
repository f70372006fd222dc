//! A thread stops in the middle of an operation: its steps are taken by hand, and others go on meanwhile.

use super::*;
use std::rc::Rc;
use std::sync::Arc;

/// A key whose node is linked on at least so many levels.
fn high_key(height: u32) -> Key {
    let mut keys = (100..).map(key);
    keys.find(|at| height_of(*at) >= height).unwrap()
}

/// Everything another thread may want of a key that is deleted; then the key is there again, and gone again.
fn others_go_on(list: &SkipList, at: Key) {
    let others = || {
        let guard = pin();
        assert!(list.get(at, &guard).is_none());
        assert!(list.remove(at, &guard).is_none());
        assert_eq!(seen(list, all(), &guard), [(key(1), 1), (key(90_000), 2)]);
        assert!(list.insert(record(at, 77), &guard).is_none());
        assert_eq!(list.get(at, &guard).map(id), Some(77));
        assert_eq!(list.insert(record(at, 78), &guard).map(id), Some(77));
        assert_eq!(seen(list, all(), &guard).len(), 3);
        assert_eq!(list.remove(at, &guard).map(id), Some(78));
    };
    thread::scope(|scope| scope.spawn(others).join().unwrap());
}

/// A list of two keys, and a third between them.
fn three(at: Key) -> SkipList {
    let (list, guard) = (SkipList::new(), pin());
    list.insert(record(key(1), 1), &guard);
    list.insert(record(key(90_000), 2), &guard);
    list.insert(record(at, 3), &guard);
    list
}

#[test]
fn nobody_waits_for_a_thread_that_stopped_halfway() {
    let alone = Alone::new();
    let at = high_key(4);
    let height = height_of(at) as usize;
    // How many levels the deleting thread has marked, from the top, when it stops.
    for marked in 0..=height {
        let list = three(at);
        let guard = pin();
        let node = list.position(at, &guard).found(at).unwrap();
        take_value(node, &guard);
        for level in (height - marked..height).rev() {
            node.link(level).fetch_or(MARKED, Ordering::Release, &guard);
        }
        others_go_on(&list, at);
        // It goes on.
        list.clear(node, &guard);
        drop(guard);
        left(2);
        drop(list);
        left(0);
    }
    assert_eq!(alone.drops(at, 3), height as u32 + 1, "one for each list");
}

/// Whoever sees a level unmarked may go down from there: the levels below are then unmarked too.
#[test]
fn a_node_is_marked_from_the_top_down() {
    let _alone = Alone::new();
    let at = high_key(4);
    let (list, states) = (Arc::new(three(at)), Rc::new(Cell::new(0)));
    let (watched, counted) = (Arc::clone(&list), Rc::clone(&states));
    WATCH.set(Some(Box::new(move || {
        let guard = pin();
        let node = met(watched.seek(at, &guard)).filter(|node| node.key == at);
        let Some(node) = node else { return };
        let marks = (0..node.height as usize).map(|level| {
            let link = node.link(level).load(Ordering::Relaxed, &guard);
            link.tag() == MARKED
        });
        let marks = marks.collect::<Vec<_>>();
        assert!(marks.is_sorted(), "{marks:?}");
        counted.set(counted.get() | 1_u32 << marks.iter().filter(|marked| **marked).count());
    })));
    assert_eq!(list.remove(at, &pin()).map(id), Some(3));
    drop(WATCH.take());
    let whole = (1_u32 << height_of(at)) - 1;
    assert_eq!(states.get() & whole, whole, "looked at after each mark");
    left(2);
    drop(list);
    left(0);
}

/// A node is deleted and gone from level 0, not yet from those above; the key is inserted by one who looked there before.
#[test]
fn a_key_that_comes_again_does_not_hide_its_deleted_node() {
    let _alone = Alone::new();
    let at = high_key(4);
    let (list, guard) = (three(at), pin());
    let Position { before, mut after } = list.position(at, &guard);
    let node = met(after[0]).unwrap();
    take_value(node, &guard);
    for level in (0..node.height as usize).rev() {
        node.link(level).fetch_or(MARKED, Ordering::Release, &guard);
    }
    let next = node.link(0).load(Ordering::Relaxed, &guard).with_tag(0);
    after[0] = list.unlink(before[0], 0, after[0], next, &guard).unwrap();
    let fresh = Node::new(record(at, 4), next);
    let (won, lost) = (Ordering::Release, Ordering::Relaxed);
    let link = list.link(before[0], 0);
    let this = link.compare_exchange(next, fresh, won, lost, &guard);
    let this = this.unwrap_or_else(|_| panic!("nobody else is there"));
    // On the upper levels it believes the deleted node to be the next.
    list.raise(this, Position { before, after }, &guard);
    list.clear(node, &guard);
    assert_eq!(list.get(at, &guard).map(id), Some(4));
    drop(guard);
    left(3);
    drop(list);
    left(0);
}

/// A thread that comes by on the upper levels only unlinks a deleted node there, and not below.
#[test]
fn a_node_is_retired_when_no_level_leads_to_it_any_more() {
    let _alone = Alone::new();
    let at = high_key(4);
    let mut beyond = (at.sequence + 1..).map(key);
    let beyond = beyond
        .find(|other| height_of(*other) == height_of(at))
        .unwrap();
    let (list, guard) = (SkipList::new(), pin());
    list.insert(record(at, 1), &guard);
    list.insert(record(beyond, 2), &guard);
    let node = list.position(at, &guard).found(at).unwrap();
    take_value(node, &guard);
    for level in (0..node.height as usize).rev() {
        node.link(level).fetch_or(MARKED, Ordering::Release, &guard);
    }
    let retired = || {
        guard.flush();
        pool::<Node>().stats().retired
    };
    let before = retired();
    let passing = || {
        let guard = pin();
        list.position(key(beyond.sequence + 1), &guard);
        guard.flush();
    };
    thread::scope(|scope| scope.spawn(passing).join().unwrap());
    let top = node.height as usize - 1;
    let leads = |level: usize| {
        met(list.link(None, level).load(Ordering::Relaxed, &guard))
            .unwrap()
            .key
    };
    assert_eq!(
        (leads(top), leads(0)),
        (beyond, at),
        "unlinked above, linked below"
    );
    assert_eq!(retired(), before, "retired while level 0 leads to it");
    list.clear(node, &guard);
    assert_eq!((leads(top), leads(0)), (beyond, beyond));
    assert_eq!(retired(), before + 1);
    drop(guard);
    left(1);
    drop(list);
    left(0);
}

/// An inserter stops before it has linked a level, the node is deleted, the inserter goes on.
#[test]
fn a_node_deleted_while_it_is_linked_is_retired_once() {
    let alone = Alone::new();
    let at = high_key(4);
    let height = height_of(at) as usize;
    // A node so low that it does not stand in the way of the late link.
    let mut behind = (at.sequence + 1..90_000).map(key);
    let behind = behind.find(|at| height_of(*at) == 1).unwrap();
    // It stops before or after it has counted the link that it is about to make.
    for (stop, counted) in (1..=height).flat_map(|stop| [(stop, false), (stop, true)]) {
        let (list, guard) = (three(key(2)), pin());
        let position = list.position(at, &guard);
        let fresh = Node::new(record(at, 3), position.after[0]);
        let link = |level| list.link(position.before[level], level);
        let linked = |level: usize, this| {
            let (won, lost) = (Ordering::Release, Ordering::Relaxed);
            link(level).compare_exchange(position.after[level], this, won, lost, &guard)
        };
        let (won, lost) = (Ordering::Release, Ordering::Relaxed);
        let this = link(0)
            .compare_exchange(position.after[0], fresh, won, lost, &guard)
            .unwrap_or_else(|_| panic!("nobody else is there"));
        let node = met(this).unwrap();
        for level in 1..stop {
            node.link(level)
                .store(position.after[level], Ordering::Relaxed);
            node.holds.fetch_add(1, Ordering::Relaxed);
            assert!(linked(level, this).is_ok());
        }
        // The next level is all but linked; then the key is deleted, and comes again, and goes again.
        if stop < height {
            node.link(stop)
                .store(position.after[stop], Ordering::Relaxed);
            node.holds.fetch_add(u32::from(counted), Ordering::Relaxed);
        }
        thread::scope(|scope| {
            let others = || {
                let guard = pin();
                assert_eq!(list.remove(at, &guard).map(id), Some(3));
                assert!(list.insert(record(at, 4), &guard).is_none());
                assert_eq!(list.remove(at, &guard).map(id), Some(4));
                assert!(list.insert(record(behind, 5), &guard).is_none());
            };
            scope.spawn(others).join().unwrap();
        });
        if stop < height {
            node.holds.fetch_add(u32::from(!counted), Ordering::Relaxed);
            assert!(linked(stop, this).is_ok(), "level {stop}, too late");
            // Readers that come now meet a node there that is linked nowhere below, and knows nothing of what came later.
            let later = || {
                let guard = pin();
                assert!(list.get(at, &guard).is_none());
                assert_eq!(list.get(behind, &guard).map(id), Some(5));
                let rest = [(behind, 5), (key(90_000), 2)];
                assert_eq!(seen(&list, at..key(90_001), &guard), rest);
                assert_eq!(seen(&list, behind..key(90_001), &guard), rest);
            };
            thread::scope(|scope| scope.spawn(later).join().unwrap());
        }
        // With what it knew when it stopped: a search of its own would clear away what the late link left.
        let Position { before, after } = position;
        list.raise(this, Position { before, after }, &guard);
        drop(guard);
        left(4);
        drop(list);
        left(0);
    }
    assert_eq!(alone.drops(at, 3), 2 * height as u32);
    assert_eq!(alone.drops(at, 4), 2 * height as u32);
}
