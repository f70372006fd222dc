//! The partial slabs of a bucket by address: a leftist heap threaded through the descriptors.
//!
//! Refills take from the lowest slab, so the high ones drain and go back to the system. A sorted
//! list would cost a walk for every insertion, a pairing heap may pay for all its insertions at
//! once; a leftist heap (Crane, 1972) does insertion, removal of the least and removal of any
//! member in `O(log n)` at worst, with three links and a rank in each descriptor and no memory of
//! its own.
//!
//! # Invariants
//! - `HEP-1`: a parent's unit number is below its children's.
//! - `HEP-2`: `rank` is 1 plus the right child's rank (0 for none), and the left child's rank is
//!   not below the right one's. So the right spine, which merging walks, is at most `log2(n + 1)`.
//! - `HEP-3`: every linked descriptor belongs to the bucket whose lock is held.

use super::{Descriptor, NONE};

/// Access to the descriptors by unit number, under the bucket's lock.
pub(crate) trait Descriptors {
    /// The descriptor of `unit`.
    fn at(&mut self, unit: u32) -> &mut Descriptor;
}

fn rank(table: &mut impl Descriptors, unit: u32) -> u8 {
    if unit == NONE { 0 } else { table.at(unit).rank }
}

/// Puts the children of `unit` in order and its rank right (HEP-2).
fn settle(table: &mut impl Descriptors, unit: u32) {
    let (left, right) = (table.at(unit).left, table.at(unit).right);
    let (rank_left, rank_right) = (rank(table, left), rank(table, right));
    let node = table.at(unit);
    if rank_left < rank_right {
        node.left = right;
        node.right = left;
        node.rank = rank_left + 1;
    } else {
        node.rank = rank_right + 1;
    }
}

/// Merges two heaps and returns the root, whose parent is `NONE`.
fn merge(table: &mut impl Descriptors, mut one: u32, mut other: u32) -> u32 {
    // Down the two right spines, then back up; bounded by their ranks (HEP-2).
    let mut above = NONE;
    while one != NONE && other != NONE {
        if other < one {
            core::mem::swap(&mut one, &mut other);
        }
        let node = table.at(one);
        let right = node.right;
        node.parent = above;
        node.right = NONE;
        if above != NONE {
            table.at(above).right = one;
        }
        above = one;
        one = right;
    }
    let rest = if one == NONE { other } else { one };
    if rest != NONE {
        table.at(rest).parent = above;
    }
    if above == NONE {
        return rest;
    }
    table.at(above).right = rest;
    let mut unit = above;
    loop {
        settle(table, unit);
        let parent = table.at(unit).parent;
        if parent == NONE {
            return unit;
        }
        unit = parent;
    }
}

/// Adds `unit`, which is in no heap, and returns the new root.
pub(crate) fn insert(table: &mut impl Descriptors, root: u32, unit: u32) -> u32 {
    let node = table.at(unit);
    debug_assert!(!node.listed);
    node.left = NONE;
    node.right = NONE;
    node.parent = NONE;
    node.rank = 1;
    node.listed = true;
    merge(table, root, unit)
}

/// Takes `unit` out of the heap it is in and returns the new root.
pub(crate) fn remove(table: &mut impl Descriptors, root: u32, unit: u32) -> u32 {
    let node = table.at(unit);
    debug_assert!(node.listed);
    node.listed = false;
    let (left, right, parent) = (node.left, node.right, node.parent);
    let rest = merge(table, left, right);
    if parent == NONE {
        return rest;
    }
    if rest != NONE {
        table.at(rest).parent = parent;
    }
    let above = table.at(parent);
    if above.left == unit {
        above.left = rest;
    } else {
        above.right = rest;
    }
    // Ranks change only while they shrink on the way up: at most `log2` steps, or to the root.
    let mut unit = parent;
    while unit != NONE {
        let before = table.at(unit).rank;
        settle(table, unit);
        let node = table.at(unit);
        if node.rank == before {
            break;
        }
        unit = node.parent;
    }
    root
}
