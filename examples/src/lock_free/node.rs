//! A node of the lock-free list: key, record, links; and who may still reach it.
//!
//! ```text
//! key   value      low[0]  low[1]  high    holds height       48 bytes; three nodes in four need no second link,
//!  |      |           |       |      |                        one in sixteen has a tower for levels 2 and above
//!  8    record      node    node   tower -> [node; 8]
//! ```
//!
//! A tower of full height in every node would more than double it, for links that one node in four thousand has at most;
//! a node type for every height would need casts. So the links that nearly every search reads are in the node, next to
//! the key, and the others are in a block of their own, which the node owns.

use crate::hot::{Key, mixed};
use crate::sealed::SealedRecord;
use std::fmt;
use std::mem;
use std::sync::atomic::{AtomicU32, Ordering};
use sydra_pool::epoch::{Atomic, Guard, Shared};
use sydra_pool::{PoolBox, Pooled};

/// The levels: with one node in four higher than another, they serve a million keys.
pub(super) const LEVELS: usize = 10;
/// Of them, those in the node itself.
const LOW: usize = 2;
/// Bits of a hash to a level. Tests have fewer keys, and as many levels.
const BITS: u32 = if cfg!(any(test, miri)) { 1 } else { 2 };

/// Links, one for each level.
pub(super) type Links = [Atomic<Node>; LEVELS];

/// A key of the list, what is known of it, and the way on.
#[derive(Pooled)]
#[pooled(zero_on_free)]
pub struct Node {
    pub(super) key: Key,
    /// Null once the key is deleted, and from then on.
    pub(super) value: Atomic<SealedRecord>,
    low: [Atomic<Node>; LOW],
    high: Option<PoolBox<Tower>>,
    /// At how many levels it is linked; one more while its inserter is at work.
    pub(super) holds: AtomicU32,
    pub(super) height: u32,
}

/// The links of a high node from level `LOW` on.
#[derive(Pooled)]
pub struct Tower {
    links: [Atomic<Node>; LEVELS - LOW],
}

impl Node {
    /// A node that leads to `after` on level 0 and is linked nowhere itself; it counts that level's link and its
    /// inserter as two holds already.
    pub(super) fn new(record: PoolBox<SealedRecord>, after: Shared<'_, Self>) -> PoolBox<Self> {
        let key = record.key();
        let height = height_of(key);
        let tower = || {
            PoolBox::new(Tower {
                links: [const { Atomic::null() }; LEVELS - LOW],
            })
        };
        let node = Self {
            key,
            value: record.into(),
            low: [const { Atomic::null() }; LOW],
            high: (height as usize > LOW).then(tower),
            holds: AtomicU32::new(2),
            height,
        };
        node.low[0].store(after, Ordering::Relaxed);
        PoolBox::new(node)
    }

    /// The link of a level, which must be one of the node's.
    pub(super) fn link(&self, level: usize) -> &Atomic<Self> {
        match level.checked_sub(LOW) {
            None => &self.low[level],
            Some(above) => match &self.high {
                Some(tower) => &tower.links[above],
                None => unreachable!("a node is met at its own levels only"),
            },
        }
    }

    /// Takes the record out of a node that was never linked, and frees the node.
    pub(super) fn into_record(mut this: PoolBox<Self>) -> Option<PoolBox<SealedRecord>> {
        this.take_record()
    }

    fn take_record(&mut self) -> Option<PoolBox<SealedRecord>> {
        let value = mem::take(&mut self.value);
        // SAFETY: SKL-2, SKL-4; the word was the record's only place, and the node is nobody else's.
        unsafe { value.into_box() }
    }

    /// Takes the node out of the level-0 link of one that is about to be freed, or of the list's head.
    pub(super) fn take_next(link: &mut Atomic<Self>) -> Option<PoolBox<Self>> {
        // SAFETY: SKL-4; on level 0 each node has one link, and nobody else is there to follow it.
        unsafe { mem::take(link).into_box() }
    }

    /// The same for the link of this node.
    pub(super) fn next_mut(&mut self) -> &mut Atomic<Self> {
        &mut self.low[0]
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Of a node that was retired nothing is left here: its record went before it.
        drop(self.take_record());
    }
}

/// The node that a link of the list led to, whether or not the link is marked.
pub(super) fn met<'a>(link: Shared<'a, Node>) -> Option<&'a Node> {
    // SAFETY: SKL-1; links are read under a guard, whose lifetime the `Shared` carries.
    unsafe { link.as_ref() }
}

/// The record that a node's word led to.
pub(super) fn read<'a>(value: Shared<'a, SealedRecord>) -> Option<&'a SealedRecord> {
    // SAFETY: SKL-2; read under a guard like the links, and retired only after it left its word.
    unsafe { value.as_ref() }
}

/// One hold fewer; the last to let go retires the node.
pub(super) fn let_go(link: Shared<'_, Node>, guard: &Guard) {
    let Some(node) = met(link) else { return };
    // ORDERING: Release hands over that a link is gone, and pairs with the Acquire of this line in whoever is last: all
    // links are gone, for him and for whoever hears of the epoch from him, before the node is retired.
    if node.holds.fetch_sub(1, Ordering::AcqRel) == 1 {
        // SAFETY: SKL-3; linked nowhere, never to be linked again, and one thread alone sees the last hold go.
        unsafe { guard.retire(link) };
    }
}

/// 1 to `LEVELS`, each as much rarer than the one before as `BITS` says; always the same for the same key.
pub(super) fn height_of(key: Key) -> u32 {
    let ones = mixed(key.bits()).trailing_ones() / BITS;
    1 + ones.min(LEVELS as u32 - 1)
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Tower {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tower")
    }
}
