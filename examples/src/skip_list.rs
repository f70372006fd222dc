//! A skip list in which every node has one owner, and no line is `unsafe`.
//!
//! In the usual skip list a node of height `h` is pointed to from `h` places, so nobody can own it. But a search never
//! follows most of those pointers: it came down from a level where it has already seen that the next node lies too far.
//! What it does follow is, at each level, the next node *whose top level this is*. Keep only those pointers, and each
//! node has exactly one, its owner; the list is then a tree, and the borrow checker can read it:
//!
//! ```text
//! level 2   head ------------------------------> 30
//! level 1   head ---------> 12 -> 20             30 --------> 47
//! level 0   head -> 3 -> 7  12    20 -> 25       30 -> 31     47 -> 50
//! ```
//!
//! `links[l]` of a node (and of the head) is the next node of height exactly `l + 1`, if no higher node comes first; the
//! classic list would here point to that higher node once more. Everything reached through `links[l]` lies before
//! everything reached through `links[l + 1]`, so walking the links of a node from the bottom up gives key order.
//!
//! # Invariants
//! * A node's height is a function of its key. So an equal key is met, if at all, in the one slot where the new
//!   node would go, before anything has been moved.
//! * A node of height `h` has `None` in `links[h..]`.
//! * A walk has at most one pending node for each level: the levels still pending of an ancestor lie above the height of
//!   the child being walked. So `Iter` and `Drain` are arrays of `MAX_HEIGHT`, and nothing recurses, however long the list.
//!
//! # Not here
//! Concurrency: one writer owns the list, or one flush thread does.

use crate::hot::{Family, InPool, Key, Owner, mixed};
use crate::store::Entry;
use std::fmt;
use sydra_pool::Pooled;

/// One node in four is higher than another: six levels serve `4^6` keys, the size of a memtable.
pub const MAX_HEIGHT: usize = 6;

/// A key, what is known of it, and the nodes owned at each level.
#[derive(Pooled)]
#[pooled(instances(Node<InPool>))]
pub struct Node<F: Family> {
    key: Key,
    entry: Entry<F>,
    links: Links<F>,
}

type Links<F> = [Option<<F as Family>::Node>; MAX_HEIGHT];

/// An ordered map from `Key` to `Entry`.
pub struct SkipList<F: Family> {
    head: Links<F>,
    len: usize,
}

impl<F: Family> SkipList<F> {
    pub const fn new() -> Self {
        Self {
            head: no_links::<F>(),
            len: 0,
        }
    }

    /// How many keys there are.
    pub const fn len(&self) -> usize {
        self.len
    }

    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Puts `entry` at `key` and returns the one that was there.
    pub fn upsert(&mut self, key: Key, entry: Entry<F>) -> Option<Entry<F>> {
        let height = height_of(key);
        let mut links = &mut self.head[..];
        for level in (height - 1..MAX_HEIGHT).rev() {
            links = advance::<F>(links, level, key);
        }
        let (below, slot) = links.split_at_mut(height - 1);
        let slot = &mut slot[0];
        if let Some(node) = slot
            && node.key == key
        {
            return Some(std::mem::replace(&mut node.entry, entry));
        }
        // The new node takes the slot; what lay behind it there, and on each level below, is now behind the node.
        let mut node = F::Node::own(Node {
            key,
            entry,
            links: no_links::<F>(),
        });
        node.links[height - 1] = slot.take();
        let mut links = below;
        for level in (0..height - 1).rev() {
            links = advance::<F>(links, level, key);
            node.links[level] = links[level].take();
        }
        *slot = Some(node);
        self.len += 1;
        None
    }

    /// The entries in key order, from the first key not below `from`.
    pub fn iter_from(&self, from: Key) -> Iter<'_, F> {
        let mut pending = [None; MAX_HEIGHT];
        let mut links = &self.head;
        for level in (0..MAX_HEIGHT).rev() {
            while let Some(next) = &links[level]
                && next.key < from
            {
                links = &next.links;
            }
            pending[level] = links[level].as_deref();
        }
        Iter { pending }
    }

    /// Takes the list apart in key order, freeing each node as it goes.
    pub fn drain(mut self) -> Drain<F> {
        Drain {
            pending: std::mem::replace(&mut self.head, no_links::<F>()),
        }
    }
}

impl<F: Family> Drop for SkipList<F> {
    fn drop(&mut self) {
        let pending = std::mem::replace(&mut self.head, no_links::<F>());
        drop(Drain::<F> { pending });
    }
}

/// Entries in key order.
pub struct Iter<'a, F: Family> {
    pending: [Option<&'a Node<F>>; MAX_HEIGHT],
}

impl<'a, F: Family> Iterator for Iter<'a, F> {
    type Item = (Key, &'a Entry<F>);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.pending.iter_mut().find_map(Option::take)?;
        for (slot, link) in self.pending.iter_mut().zip(&node.links) {
            if let Some(child) = link {
                *slot = Some(child);
            }
        }
        Some((node.key, &node.entry))
    }
}

/// Entries in key order, each taken out of its node.
pub struct Drain<F: Family> {
    pending: Links<F>,
}

impl<F: Family> Iterator for Drain<F> {
    type Item = (Key, Entry<F>);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.pending.iter_mut().find_map(Option::take)?;
        let Node { key, entry, links } = node.release();
        for (slot, link) in self.pending.iter_mut().zip(links) {
            if let Some(child) = link {
                *slot = Some(child);
            }
        }
        Some((key, entry))
    }
}

impl<F: Family> Drop for Drain<F> {
    fn drop(&mut self) {
        // Bounded by the list: each turn frees a node. Without it a long level would recurse node by node.
        for _ in self.by_ref() {}
    }
}

const fn no_links<F: Family>() -> Links<F> {
    [const { None }; MAX_HEIGHT]
}

/// Goes right along `level` while the next node there lies before `key`.
fn advance<F: Family>(
    mut links: &mut [Option<F::Node>],
    level: usize,
    key: Key,
) -> &mut [Option<F::Node>] {
    while links[level].as_ref().is_some_and(|next| next.key < key) {
        let Some(next) = &mut links[level] else {
            unreachable!("seen one line above")
        };
        links = &mut next.links;
    }
    links
}

/// 1 to `MAX_HEIGHT`, each a quarter as frequent as the one before; always the same for the same key.
fn height_of(key: Key) -> usize {
    1 + (mixed(key.bits()).trailing_zeros() as usize / 2).min(MAX_HEIGHT - 1)
}

impl<F: Family> Default for SkipList<F> {
    fn default() -> Self {
        Self::new()
    }
}

impl<F: Family> fmt::Debug for Node<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl<F: Family> fmt::Debug for SkipList<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SkipList")
            .field("len", &self.len)
            .finish_non_exhaustive()
    }
}

impl<F: Family> fmt::Debug for Iter<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iter")
    }
}

impl<F: Family> fmt::Debug for Drain<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Drain")
    }
}

#[cfg(test)]
mod tests;
