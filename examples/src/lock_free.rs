//! A skip list that any number of threads read and write at once, none waiting for another; after Fraser, and Herlihy
//! and Shavit.
//!
//! ```text
//! level 2   head ------------------------> 30 ----------------> null
//! level 1   head ---------> 12 ----------> 30 ------> 47 -----> null
//! level 0   head -> 3 -> 7 -> 12 -> 20 -> 30 -> 31 -> 47 -> 50 -> null
//! ```
//!
//! **The value decides.** A node is one key, and its word `value` is the record or null. A key is there if its node is
//! linked on level 0 and the word is not null. Overwriting and deleting are each one exchange of that word, so one of two
//! that race takes the other's record out, and whoever takes a record out retires it: none is lost, none retired twice. Null
//! is final: a writer that meets it in the node of its key helps to take the node away and inserts another.
//!
//! **Marks make it safe to unlink.** A deleted node is marked: tag 1 on each of its links, from the top level down to level
//! 0. A marked link never changes again, so nothing can be inserted behind a node while it is unlinked. Whoever searches and
//! meets a marked node takes it out of the level where it met it. Readers write nothing, they pass it.
//!
//! **Who retires a node?** Its inserter may still be linking it on upper levels while others take it out. So a node counts
//! its holds: one for each level where it is linked, taken before the link is made, and one of its inserter. Who unlinks it
//! from a level lets one go, the inserter the last of his when he is done, and who lets the last one go retires it.
//!
//! # Invariants
//! - `SKL-1`: a node that a link leads to may be read until the guard under which the link was read is gone. Made by: a
//!   node is retired when it is linked on no level (SKL-3), and whatever a guard's thread meets on a level was linked
//!   there at some moment since it pinned. That holds for the head; for the node behind an unmarked link of a node that is
//!   linked; for the node behind a marked one, because what a marked node leads to cannot be unlinked before it; and
//!   one level down, because nobody descends from a node whose link was seen marked, and what is unmarked on a level
//!   is linked on those below.
//! - `SKL-2`: the word `value` of its node is a record's only place in the list; it leaves by an exchange that one
//!   thread wins. Null is never exchanged again.
//! - `SKL-3`: `holds` is at least the number of links that lead to the node, plus one while its inserter may make another.
//!   A level is linked once, by the inserter, and unlinked once: an unlinked node is marked, and its inserter stops at a
//!   mark. So `holds` reaches zero once, with no link left and none to come.
//! - `SKL-4`: a list or a node that is owned or borrowed exclusively has no readers: whatever the list gives out borrows
//!   it, and a node is dropped only by its list, by the epoch when nobody can have it, or unpublished.
//!
//! Besides, for order and completeness: on each level keys ascend strictly from link to link (a level is not linked while
//! the next node there has the same key, `raise`); links are marked only after `value` is null, and from the top down; and
//! when an operation has returned, no level leads to a node that it deleted (`clear`).
//!
//! # Concurrency
//! | word | written by | when |
//! |---|---|---|
//! | `value` | exchanges of any writer | until it is null |
//! | a link, the node not linked at its level | its inserter; marks by anyone | until marked |
//! | a link, the node linked there | exchanges of any writer: insert behind, unlink behind, mark | until marked |
//! | `holds` | its inserter, whoever unlinks it | |
//! | key, height | nobody | |
//!
//! Every exchange that fails does so because another thread's succeeded: some thread always gets on (the test
//! `nobody_waits_for_a_thread_that_stopped_halfway` stops one at each step). Memory does wait for the slowest pinned thread.
//!
//! # Not here
//! Snapshots: a range sees each key as it is when it comes by. Key order is strict and a key that was there all the time is
//! seen, but two keys may be seen at two moments.

use crate::hot::Key;
use crate::sealed::SealedRecord;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicIsize, Ordering};
use sydra_pool::PoolBox;
use sydra_pool::epoch::{Atomic, Guard, Shared};

mod node;
mod search;

use node::{LEVELS, Links, let_go, met, read};
pub use node::{Node, Tower};
use search::Position;

/// The tag of a link whose node is deleted.
const MARKED: usize = 1;

/// An ordered map from `Key` to `SealedRecord`, shared by reference.
pub struct SkipList {
    head: Links,
    len: AtomicIsize,
}

impl SkipList {
    pub const fn new() -> Self {
        Self {
            head: [const { Atomic::null() }; LEVELS],
            len: AtomicIsize::new(0),
        }
    }

    /// How many keys there are; exact when nobody writes.
    pub fn len(&self) -> usize {
        // A deletion may be counted before the insertion it undoes.
        self.len.load(Ordering::Relaxed).max(0).cast_unsigned()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is known of `key`.
    pub fn get<'a>(&'a self, key: Key, guard: &'a Guard) -> Option<&'a SealedRecord> {
        let node = met(self.seek(key, guard)).filter(|node| node.key == key)?;
        // ORDERING: Acquire pairs with the Release of the exchange in `insert` or `replace` that put the record there.
        read(node.value.load(Ordering::Acquire, guard))
    }

    /// Puts the record at its key. The one that was there is retired; it can be read while the guard lives.
    pub fn insert<'a>(
        &'a self,
        mut record: PoolBox<SealedRecord>,
        guard: &'a Guard,
    ) -> Option<&'a SealedRecord> {
        let key = record.key();
        // Bounded as `position` is: each turn another thread has inserted the key, deleted it, or changed the link.
        loop {
            let position = self.position(key, guard);
            if let Some(node) = position.found(key) {
                match self.replace(node, record, guard) {
                    Ok(replaced) => return replaced,
                    Err(back) => record = back,
                }
                continue;
            }
            let fresh = Node::new(record, position.after[0]);
            let link = self.link(position.before[0], 0);
            // ORDERING: Release publishes the node and its record; pairs with the Acquire of whoever follows the link.
            let (won, lost) = (Ordering::Release, Ordering::Relaxed);
            match link.compare_exchange(position.after[0], fresh, won, lost, guard) {
                Ok(this) => {
                    self.len.fetch_add(1, Ordering::Relaxed);
                    self.raise(this, position, guard);
                    return None;
                }
                Err(failed) => match Node::into_record(failed.new) {
                    Some(back) => record = back,
                    None => unreachable!("nobody deletes what was never linked"),
                },
            }
        }
    }

    /// Deletes the key. Its record is retired; it can be read while the guard lives.
    pub fn remove<'a>(&'a self, key: Key, guard: &'a Guard) -> Option<&'a SealedRecord> {
        let node = self.position(key, guard).found(key)?;
        let removed = take_value(node, guard)?;
        self.len.fetch_sub(1, Ordering::Relaxed);
        self.clear(node, guard);
        Some(removed)
    }

    /// Visits the keys in the range, in ascending order, each with its record of that moment.
    pub fn range<'a>(
        &'a self,
        guard: &'a Guard,
        keys: Range<Key>,
        mut visit: impl FnMut(Key, &'a SealedRecord),
    ) {
        let mut next = self.seek(keys.start, guard);
        // Bounded by the keys: each turn goes on to a higher one.
        while let Some(node) = met(next)
            && node.key < keys.end
        {
            // ORDERING: Acquire, as in `get`: pairs with the Release that put the record there.
            if let Some(record) = read(node.value.load(Ordering::Acquire, guard)) {
                visit(node.key, record);
            }
            // ORDERING: Acquire pairs with the Release that made the link.
            next = node.link(0).load(Ordering::Acquire, guard);
        }
    }

    /// Puts the record in the place of the node's, which it returns; or gives it back, the node being deleted and
    /// unlinked.
    fn replace<'a>(
        &'a self,
        node: &'a Node,
        mut record: PoolBox<SealedRecord>,
        guard: &'a Guard,
    ) -> Result<Option<&'a SealedRecord>, PoolBox<SealedRecord>> {
        // ORDERING: Acquire pairs with the Release of the exchange that put the record there.
        let mut old = node.value.load(Ordering::Acquire, guard);
        // Bounded by other threads' overwrites of the same key.
        while !old.is_null() {
            may_be_overtaken();
            // ORDERING: Release publishes the record and pairs with the Acquire of those who read the word; so does
            // Acquire, when it failed, with the Release of the exchange that came first.
            let (won, lost) = (Ordering::Release, Ordering::Acquire);
            match node.value.compare_exchange(old, record, won, lost, guard) {
                Ok(_) => return Ok(retired(old, guard)),
                Err(failed) => (record, old) = (failed.new, failed.current),
            }
        }
        self.clear(node, guard);
        Err(record)
    }

    /// Links a node, which is linked on level 0, on its upper levels.
    fn raise<'a>(&'a self, this: Shared<'a, Node>, mut position: Position<'a>, guard: &'a Guard) {
        let Some(node) = met(this) else { return };
        let mut level = 1;
        // Bounded by the height and by the changes of other threads: a turn that gains no level follows one of them.
        while level < node.height as usize {
            let (own, after) = (node.link(level), position.after[level]);
            let seen = own.load(Ordering::Relaxed, guard);
            if seen.tag() == MARKED {
                break;
            }
            // A deleted node of the same key may still be linked here. The search unlinks it, so that keys ascend strictly.
            if met(after).is_some_and(|next| next.key == node.key) {
                position = self.position(node.key, guard);
                continue;
            }
            let (won, lost) = (Ordering::Relaxed, Ordering::Relaxed);
            if seen != after && own.compare_exchange(seen, after, won, lost, guard).is_err() {
                break;
            }
            may_be_overtaken();
            // The hold comes before the link that it counts.
            node.holds.fetch_add(1, Ordering::Relaxed);
            let link = self.link(position.before[level], level);
            // ORDERING: Release publishes the node's own link; pairs with the Acquire of whoever follows this one.
            let (won, lost) = (Ordering::Release, Ordering::Relaxed);
            if link.compare_exchange(after, this, won, lost, guard).is_ok() {
                level += 1;
            } else {
                // Not the last one: the inserter's own is still there.
                node.holds.fetch_sub(1, Ordering::Relaxed);
                position = self.position(node.key, guard);
            }
        }
        may_be_overtaken();
        // A read that takes its place among the changes of the word, hence an exchange. Either a deletion comes after it
        // and knows of all the links made above, or it came before, and then they are this thread's to clear away.
        // ORDERING: Release pairs with the Acquire of the exchange in `take_value`, Acquire with its Release.
        let value = node.value.fetch_or(0, Ordering::AcqRel, guard);
        if value.is_null() {
            self.clear(node, guard);
        }
        let_go(this, guard);
    }

    /// Marks a deleted node and sees to it that no level leads to it.
    fn clear(&self, node: &Node, guard: &Guard) {
        for level in (0..node.height as usize).rev() {
            may_be_overtaken();
            // ORDERING: Release pairs with the Acquire of searches: who sees a level marked sees those above it marked.
            node.link(level).fetch_or(MARKED, Ordering::Release, guard);
        }
        self.position(node.key, guard);
    }
}

/// A point at which others may do whatever they like; in tests they are made to, now and then.
#[inline]
fn may_be_overtaken() {
    #[cfg(test)]
    tests::dawdle();
}

/// Takes the record out of its node, for good; none if another thread has.
fn take_value<'a>(node: &'a Node, guard: &'a Guard) -> Option<&'a SealedRecord> {
    // ORDERING: Acquire pairs with the Release of the exchange that put the record there.
    let mut old = node.value.load(Ordering::Acquire, guard);
    // Bounded by other threads' overwrites of the same key.
    while !old.is_null() {
        may_be_overtaken();
        // ORDERING: Acquire pairs with the Release of the inserter's last look at the word, in `raise`, and makes its links
        // known here; Release meets the Acquire of that same look. When it failed, as above.
        let (won, lost) = (Ordering::AcqRel, Ordering::Acquire);
        match node
            .value
            .compare_exchange(old, Shared::null(), won, lost, guard)
        {
            Ok(_) => return retired(old, guard),
            Err(failed) => old = failed.current,
        }
    }
    None
}

/// Retires a record that this thread's exchange took out of its node.
fn retired<'a>(record: Shared<'a, SealedRecord>, guard: &'a Guard) -> Option<&'a SealedRecord> {
    // SAFETY: SKL-2; it had one place and has none now, and the thread that took it out is this one.
    unsafe { guard.retire(record) };
    read(record)
}

impl Drop for SkipList {
    fn drop(&mut self) {
        let mut next = Node::take_next(&mut self.head[0]);
        // Bounded by the list: each turn frees a node.
        while let Some(mut node) = next {
            next = Node::take_next(node.next_mut());
        }
    }
}

impl Default for SkipList {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SkipList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkipList")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
pub(crate) mod tests;
