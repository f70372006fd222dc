//! A lock-free skip list after Fraser, Herlihy and Shavit, for memory that is reclaimed.
//!
//! A tower is in the set while it is linked at level 0 and its link there has no mark. Its remover marks its links from the
//! top down; the mark at level 0 decides. Whoever meets a marked tower unlinks it at that level.
//!
//! # Invariants
//! - `SKP-1`: a marked link never changes again, and no search goes on from one: a search that comes to a marked link begins
//!   anew. So what a search goes to was linked at that level while the thread was pinned. Kept by `search`.
//! - `SKP-2`: who inserts a tower and who removes it both tell so in its state; the second of the two sweeps it out of all
//!   levels and retires it. Before, the inserter may still link it; after, nobody does. Kept by `insert` and `remove`.

use core::sync::atomic::Ordering;

use super::reclaim::{Body, LEVELS, Reclaim};

/// In a link: the tower that the link belongs to is being removed.
const MARK: usize = 1;

/// In a tower's state, above its height: the inserter will not touch it again.
const INSERTED: u64 = 1 << 8;

/// In a tower's state: the remover will not touch it again.
const REMOVED: u64 = 1 << 9;

const _: () = assert!((LEVELS as u64) < INSERTED);

type Links<R> = [<R as Reclaim>::Link; LEVELS];

/// A set of numbers.
#[derive(Debug, Default)]
pub struct SkipList<R: Reclaim> {
    pub(super) head: Links<R>,
    pub(super) reclaim: R,
}

/// Where a key belongs: on each level the links of the last tower below it, and what they lead to.
struct Place<'g, R: Reclaim> {
    before: [&'g Links<R>; LEVELS],
    after: [R::Pointer<'g>; LEVELS],
}

impl<R: Reclaim> SkipList<R> {
    /// Finds the place of a key, unlinks the marked towers on the way. With `sweep`, all marked towers of this very key, too,
    /// even behind an unmarked one.
    #[inline(never)]
    fn search<'g>(&'g self, key: u64, sweep: bool, guard: &'g R::Guard<'_>) -> Place<'g, R> {
        // Ends: a failure means that another thread has changed a link or marked one.
        'anew: loop {
            let mut place = Place {
                before: [&self.head; LEVELS],
                after: [R::null(); LEVELS],
            };
            let mut below = &self.head;
            for level in (0..LEVELS).rev() {
                let mut links = below;
                let mut current = R::load(&links[level], guard);
                let mut found = None;
                loop {
                    if R::tag(current) == MARK {
                        continue 'anew;
                    }
                    // SAFETY: RIV-1, SKP-1.
                    let Some(tower) = (unsafe { R::body(current) }) else {
                        break;
                    };
                    let next = R::load(&tower.links[level], guard);
                    if R::tag(next) == MARK {
                        let next = R::with_tag(next, 0);
                        if !R::cas(&links[level], current, next, guard) {
                            continue 'anew;
                        }
                        current = next;
                        continue;
                    }
                    if tower.key >= key {
                        found.get_or_insert(current);
                        if !sweep || tower.key > key {
                            break;
                        }
                    } else {
                        below = &tower.links;
                    }
                    links = &tower.links;
                    current = next;
                }
                place.before[level] = below;
                place.after[level] = found.unwrap_or(current);
            }
            return place;
        }
    }

    /// Whether the key is in the set.
    #[inline(always)]
    pub fn contains(&self, key: u64) -> bool {
        let guard = self.reclaim.pin();
        self.at(key, &guard).is_some()
    }

    /// The tower of a key.
    #[inline(always)]
    fn at<'g>(&'g self, key: u64, guard: &'g R::Guard<'_>) -> Option<R::Pointer<'g>> {
        let place = self.search(key, false, guard);
        has::<R>(place.after[0], key).then_some(place.after[0])
    }

    /// Adds a key with a tower of `height` levels. Returns whether it was missing.
    #[inline(never)]
    pub fn insert(&self, key: u64, height: usize) -> bool {
        let guard = self.reclaim.pin();
        let mut place = self.search(key, false, &guard);
        if has::<R>(place.after[0], key) {
            return false;
        }
        let new = R::alloc(Body::new(key, key, height as u64), &guard);
        // SAFETY: RIV-1; just made.
        let Some(tower) = (unsafe { R::body(new) }) else {
            return false;
        };
        // Ends: a failure means that another thread has changed the link.
        loop {
            for level in 0..height {
                R::store(&tower.links[level], place.after[level]);
            }
            if R::cas(&place.before[0][0], place.after[0], new, &guard) {
                break;
            }
            place = self.search(key, false, &guard);
            if has::<R>(place.after[0], key) {
                // SAFETY: RIV-3; it was never linked.
                unsafe { R::free(new) };
                return false;
            }
        }
        'levels: for level in 1..height {
            // Ends: as above.
            loop {
                let next = R::load(&tower.links[level], &guard);
                let after = place.after[level];
                let marked = R::tag(next) == MARK;
                if marked || (next != after && !R::cas(&tower.links[level], next, after, &guard)) {
                    break 'levels;
                }
                if R::cas(&place.before[level][level], after, new, &guard) {
                    break;
                }
                place = self.search(key, false, &guard);
                if place.after[0] != new {
                    break 'levels;
                }
            }
        }
        self.let_go(new, tower, INSERTED, &guard);
        true
    }

    /// Takes a key out. Returns whether it was there and this call took it.
    #[inline(never)]
    pub fn remove(&self, key: u64) -> bool {
        let guard = self.reclaim.pin();
        let Some(old) = self.at(key, &guard) else {
            return false;
        };
        // SAFETY: RIV-1; found under the guard.
        let Some(tower) = (unsafe { R::body(old) }) else {
            return false;
        };
        let height = (tower.state.load(Ordering::Relaxed) % INSERTED) as usize;
        let mut ours = false;
        for level in (0..height).rev() {
            ours = mark::<R>(&tower.links[level], &guard);
        }
        if ours {
            self.let_go(old, tower, REMOVED, &guard);
        }
        ours
    }

    /// The inserter or the remover of a tower has done its part; the second of the two retires it.
    #[inline(always)]
    fn let_go<'g>(
        &'g self,
        tower: R::Pointer<'g>,
        body: &Body<R::Link>,
        part: u64,
        guard: &'g R::Guard<'_>,
    ) {
        // ORDERING: Release and Acquire pair with one another, in the two threads: the second sees all links of the first.
        let before = body.state.fetch_or(part, Ordering::AcqRel);
        if before & (INSERTED | REMOVED) != 0 {
            self.search(body.key, true, guard);
            // SAFETY: RIV-2, SKP-2; the sweep has just taken it out of all levels.
            unsafe { R::retire(tower, guard) };
        }
    }
}

/// Whether a pointer leads to this key.
#[inline(always)]
fn has<R: Reclaim>(pointer: R::Pointer<'_>, key: u64) -> bool {
    // SAFETY: RIV-1; all pointers here were loaded under a guard that lives.
    unsafe { R::body(pointer) }.is_some_and(|tower| tower.key == key)
}

/// Marks a link. Returns whether this call did.
#[inline(always)]
fn mark<R: Reclaim>(link: &R::Link, guard: &R::Guard<'_>) -> bool {
    // Ends: a failure means that another thread has changed the link, and none does so without end before a mark.
    loop {
        let next = R::load(link, guard);
        if R::tag(next) == MARK {
            return false;
        }
        if R::cas(link, next, R::with_tag(next, MARK), guard) {
            return true;
        }
    }
}

impl<R: Reclaim> Drop for SkipList<R> {
    fn drop(&mut self) {
        let guard = self.reclaim.pin();
        let mut current = R::load(&self.head[0], &guard);
        // SAFETY: RIV-1; nobody else has the list.
        while let Some(tower) = unsafe { R::body(current) } {
            let next = R::with_tag(R::load(&tower.links[0], &guard), 0);
            // SAFETY: RIV-3; nobody else has the list.
            unsafe { R::free(current) };
            current = next;
        }
    }
}
