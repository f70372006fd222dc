//! The ways through the list: one for readers, who write nothing, and one for writers, who clear it.

use super::node::{LEVELS, Node, let_go, met};
use super::{MARKED, SkipList, may_be_overtaken};
use crate::hot::Key;
use std::sync::atomic::Ordering;
use sydra_pool::epoch::{Atomic, Guard, Shared};

/// Where a key is or would be: on each level the last node before it (none: the head) and the link that leads on.
pub(super) struct Position<'a> {
    pub(super) before: [Option<&'a Node>; LEVELS],
    pub(super) after: [Shared<'a, Node>; LEVELS],
}

impl<'a> Position<'a> {
    pub(super) fn found(&self, key: Key) -> Option<&'a Node> {
        met(self.after[0]).filter(|node| node.key == key)
    }
}

impl SkipList {
    /// The link of the node, or of the head, at a level.
    pub(super) fn link<'a>(&'a self, node: Option<&'a Node>, level: usize) -> &'a Atomic<Node> {
        node.map_or(&self.head[level], |node| node.link(level))
    }

    /// The link that leads to the first key not below `from`, deleted or not. Writes nothing, and never begins again.
    pub(super) fn seek<'a>(&'a self, from: Key, guard: &'a Guard) -> Shared<'a, Node> {
        let mut before = None;
        let mut next = Shared::null();
        for level in (0..LEVELS).rev() {
            may_be_overtaken();
            // ORDERING: Acquire pairs with the Release of the exchange that made the link.
            next = self.link(before, level).load(Ordering::Acquire, guard);
            while let Some(node) = met(next)
                && node.key < from
            {
                // ORDERING: Acquire, as above; also it pairs with the Release of a mark.
                next = node.link(level).load(Ordering::Acquire, guard);
                // A marked node is passed, not descended from (SKL-1).
                if next.tag() != MARKED {
                    before = Some(node);
                }
            }
        }
        next
    }

    /// Where `key` is or would be, all marked nodes on the way unlinked.
    pub(super) fn position<'a>(&'a self, key: Key, guard: &'a Guard) -> Position<'a> {
        // Bounded by the deletions of other threads: a turn fails because a node it stood on was marked meanwhile.
        loop {
            if let Some(position) = self.try_position(key, guard) {
                return position;
            }
        }
    }

    fn try_position<'a>(&'a self, key: Key, guard: &'a Guard) -> Option<Position<'a>> {
        let mut position = Position {
            before: [None; LEVELS],
            after: [Shared::null(); LEVELS],
        };
        let mut before = None;
        for level in (0..LEVELS).rev() {
            may_be_overtaken();
            // ORDERING: Acquire pairs with the Release of the exchange that made the link, or marked it.
            let mut next = self.link(before, level).load(Ordering::Acquire, guard);
            if next.tag() == MARKED {
                return None;
            }
            while let Some(node) = met(next) {
                // ORDERING: Acquire, as above: pairs with the Release that made or marked the link.
                let after = node.link(level).load(Ordering::Acquire, guard);
                if after.tag() == MARKED {
                    next = self.unlink(before, level, next, after.with_tag(0), guard)?;
                } else if node.key < key {
                    (before, next) = (Some(node), after);
                } else {
                    break;
                }
            }
            (position.before[level], position.after[level]) = (before, next);
        }
        Some(position)
    }

    /// Makes the link skip a marked node, and returns what it leads to now; none if it is marked itself.
    pub(super) fn unlink<'a>(
        &'a self,
        before: Option<&'a Node>,
        level: usize,
        marked: Shared<'a, Node>,
        after: Shared<'a, Node>,
        guard: &'a Guard,
    ) -> Option<Shared<'a, Node>> {
        let link = self.link(before, level);
        // ORDERING: Release passes on what `after` leads to, and pairs with the Acquire of whoever follows the link; so
        // does Acquire, when it failed, with the Release of the exchange that came first.
        let (won, lost) = (Ordering::Release, Ordering::Acquire);
        match link.compare_exchange(marked, after, won, lost, guard) {
            Ok(_) => {
                let_go(marked, guard);
                Some(after)
            }
            Err(failed) => (failed.current.tag() != MARKED).then_some(failed.current),
        }
    }
}
