//! Slab and heap against models: a set of indices, and a sorted set of units.

use super::heap::{self, Descriptors};
use super::*;
use crate::class;
use std::collections::BTreeSet;
use std::vec;
use std::vec::Vec;

struct Table(Vec<Descriptor>);

impl Descriptors for Table {
    fn at(&mut self, unit: u32) -> &mut Descriptor {
        &mut self.0[unit as usize]
    }
}

fn blank() -> Descriptor {
    Descriptor {
        recip: 0,
        stride: 0,
        blocks: 0,
        carved: 0,
        free: 0,
        hint: 0,
        left: NONE,
        right: NONE,
        parent: NONE,
        rank: 0,
        units: 1,
        listed: false,
        clean: true,
    }
}

impl Table {
    fn rank(&self, unit: u32) -> u8 {
        self.0.get(unit as usize).map_or(0, |node| node.rank)
    }
}

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn check(table: &mut Table, unit: u32, parent: u32) -> usize {
    if unit == NONE {
        return 0;
    }
    let (left, right, rank) = {
        let node = table.at(unit);
        assert_eq!(node.parent, parent);
        assert!(parent == NONE || parent < unit, "HEP-1");
        (node.left, node.right, node.rank)
    };
    let below = check(table, left, unit) + check(table, right, unit);
    let (rank_left, rank_right) = (table.rank(left), table.rank(right));
    assert!(rank_left >= rank_right && rank == rank_right + 1, "HEP-2");
    below + 1
}

#[test]
fn heap_agrees_with_a_sorted_set() {
    let units = 200;
    let mut table = Table((0..units).map(|_| blank()).collect());
    let mut model = BTreeSet::new();
    let (mut root, mut state) = (NONE, 7);
    for _ in 0..if cfg!(miri) { 60 } else { 20_000 } {
        let unit = (random(&mut state) % units as u64) as u32;
        if model.insert(unit) {
            root = heap::insert(&mut table, root, unit);
        } else {
            model.remove(&unit);
            root = heap::remove(&mut table, root, unit);
        }
        if let Some(&least) = model.first()
            && random(&mut state).is_multiple_of(4)
        {
            assert_eq!(root, least);
            model.remove(&least);
            root = heap::remove(&mut table, root, least);
        }
        assert_eq!(check(&mut table, root, NONE), model.len());
    }
}

/// What a slab needs, of one's own.
struct Ground {
    memory: Vec<u8>,
    descriptor: Descriptor,
    words: Vec<u64>,
}

impl Ground {
    fn new(geometry: &Geometry) -> Self {
        let mut descriptor = blank();
        descriptor.found(geometry, geometry.slab_units() as u32, true);
        Self {
            memory: Vec::with_capacity(geometry.slab_bytes),
            words: vec![0; descriptor.words()],
            descriptor,
        }
    }

    fn slab(&mut self) -> Slab<'_> {
        Slab {
            descriptor: &mut self.descriptor,
            words: &mut self.words,
            base: NonNull::new(self.memory.as_mut_ptr()).expect("a vector's start is never null"),
        }
    }
}

/// Brings blocks home; behind an even number is one that lies in no slab.
fn put(slab: &mut Slab<'_>, offsets: &[usize]) -> Result<Put, Misput> {
    let base = slab.base;
    let block = |&offset: &usize| base.map_addr(|start| start.saturating_add(offset));
    let stranger = NonNull::without_provenance(core::num::NonZero::<usize>::MIN);
    let end = offsets.len().is_multiple_of(2).then_some(stranger);
    let blocks: Vec<_> = offsets.iter().map(block).chain(end).collect();
    let blocks: Vec<_> = blocks.into_iter().map(|block| Some(Block(block))).collect();
    let (count, put) = slab.put(&blocks)?;
    assert_eq!(count, offsets.len());
    Ok(put)
}

#[test]
fn what_cannot_come_home_is_named() {
    let geometry = Geometry::of(16, 0, 0);
    let mut ground = Ground::new(&geometry);
    let mut slab = ground.slab();
    assert_eq!(slab.carve(200, |_| {}), 200);
    // Never handed out.
    assert_eq!(put(&mut slab, &[3200]), Err(Misput::NoBlock(3200)));
    // Found by a stale pointer, which lies beyond this slab: nothing would come home.
    let beyond = geometry.slab_bytes + 64;
    assert_eq!(put(&mut slab, &[beyond]), Err(Misput::NoBlock(beyond)));
    // In one word, and with another word in between.
    assert_eq!(put(&mut slab, &[0, 16, 0]), Err(Misput::Twice(0)));
    assert_eq!(put(&mut slab, &[32, 2048, 32]), Err(Misput::Twice(32)));
    // The offset named is that of the block which was home, not of the word's first.
    assert_eq!(put(&mut slab, &[48]), Ok(Put::Home));
    assert_eq!(put(&mut slab, &[64, 48, 80]), Err(Misput::Twice(48)));
    // Ends as those of a row, and something else in between; rows with one that is home, or that end beyond
    // what was handed out.
    let row = |offset: usize| -> Vec<_> { (0..9).map(|index| offset + index * 16).collect() };
    assert_eq!(
        put(&mut slab, &[960, 976, 976, 1008, 1024]),
        Err(Misput::Twice(976))
    );
    assert_eq!(put(&mut slab, &[1600]), Ok(Put::Home));
    assert_eq!(put(&mut slab, &row(1536)), Err(Misput::Twice(1600)));
    let falling: Vec<_> = row(1536).into_iter().rev().collect();
    assert_eq!(put(&mut slab, &falling), Err(Misput::Twice(1600)));
    assert_eq!(put(&mut slab, &row(2049)), Err(Misput::NoBlock(2049)));
    assert_eq!(
        put(&mut slab, &[640, 656, 672, 656]),
        Err(Misput::Twice(656))
    );
    assert_eq!(
        put(&mut slab, &[736, 720, 704, 720, 736]),
        Err(Misput::Twice(720))
    );
    assert_eq!(
        put(&mut slab, &[3200, 3184, 3168, 3152, 3136]),
        Err(Misput::NoBlock(3200))
    );
    assert_eq!(
        put(&mut slab, &[3136, 3152, 3168, 3184, 3200]),
        Err(Misput::NoBlock(3200))
    );
}

#[test]
fn a_row_ends_where_its_slab_ends() {
    // Blocks fill the slab, so neighbours may lie in the next one.
    let geometry = Geometry::of(64, 0, 0);
    assert_eq!(geometry.slab_blocks * 64, geometry.slab_bytes);
    let mut ground = Ground::new(&geometry);
    let mut slab = ground.slab();
    let count = geometry.slab_blocks;
    assert_eq!(slab.carve(count, |_| {}), count);
    let base = slab.base;
    let block = |index: isize| {
        let address = base.addr().get().checked_add_signed(index * 64);
        let address = address.and_then(core::num::NonZero::new);
        address.map(|address| Block(NonNull::without_provenance(address)))
    };
    let last = count as isize - 1;
    let rising: Vec<_> = (last - 1..last + 3).map(block).collect();
    assert_eq!(slab.put(&rising), Ok((2, Put::WasFull)));
    let falling: Vec<_> = (-2..70).rev().map(block).collect();
    assert_eq!(slab.put(&falling), Ok((70, Put::Home)));
    assert_eq!(slab.descriptor.free, 72);
    let rest: Vec<_> = (70..last - 1).map(block).collect();
    assert_eq!(slab.put(&rest), Ok((count - 72, Put::Empty)));
    assert!(slab.words.iter().all(|&word| word == u64::MAX));
}

#[test]
fn carve_and_put_agree_with_a_set() {
    let classes: &[usize] = if cfg!(miri) {
        &[7, 40]
    } else {
        &[0, 2, 7, 20, 40]
    };
    for &class in classes {
        let geometry = Geometry::of(class::stride(class), 0, 0);
        let mut ground = Ground::new(&geometry);
        let mut slab = ground.slab();
        let base = slab.base;
        let (mut out, mut state) = (BTreeSet::new(), 99);
        let most = if cfg!(miri) { 12 } else { 70 };
        for _ in 0..if cfg!(miri) { 6 } else { 3000 } {
            let wanted = (random(&mut state) % most) as usize;
            let given = slab.carve(wanted, |block| {
                assert!(
                    out.insert(block.addr().get() - base.addr().get()),
                    "handed out twice"
                );
            });
            assert!(given == wanted || slab.is_full());
            for _ in 0..random(&mut state) % 5 {
                // Some blocks in the order of addresses, from anywhere, and one of them twice.
                let skip = random(&mut state) as usize % out.len().max(1);
                let count = (random(&mut state) % most) as usize;
                let offsets: Vec<_> = out.iter().copied().skip(skip).take(count).collect();
                let Some(&last) = offsets.last() else {
                    continue;
                };
                assert_eq!(put(&mut slab, &[last + 1]), Err(Misput::NoBlock(last + 1)));
                let was_full = slab.is_full();
                for offset in &offsets {
                    out.remove(offset);
                }
                let expected = match (out.is_empty(), was_full) {
                    (true, _) => Put::Empty,
                    (false, true) => Put::WasFull,
                    (false, false) => Put::Home,
                };
                if random(&mut state).is_multiple_of(2) {
                    assert_eq!(put(&mut slab, &offsets), Ok(expected));
                } else {
                    let shuffled: Vec<_> = offsets.iter().rev().copied().collect();
                    assert_eq!(put(&mut slab, &shuffled), Ok(expected));
                }
                assert_eq!(put(&mut slab, &[last]), Err(Misput::Twice(last)));
            }
            assert_eq!(slab.is_empty(), out.is_empty());
            let carved = slab.descriptor.carved as usize;
            assert_eq!(slab.descriptor.free as usize, carved - out.len());
        }
    }
}

#[test]
fn only_untouched_memory_counts_as_zero() {
    let geometry = Geometry::of(4096, 0, 0);
    let mut ground = Ground::new(&geometry);
    let mut slab = ground.slab();
    let base = slab.base;
    assert!(slab.carve_untouched().is_some());
    assert_eq!(put(&mut slab, &[0]), Ok(Put::Empty));
    // The block that came home is given again before untouched ones.
    let mut given = Vec::new();
    assert_eq!(slab.carve(3, |block| given.push(block)), 3);
    assert_eq!(given[0], base);
    assert_eq!(slab.untouched(), geometry.slab_blocks - 3);
    assert_eq!(
        slab.carve(usize::MAX, |_| {}),
        geometry.slab_blocks - 3,
        "all that is left"
    );
    assert!(slab.carve_untouched().is_none() && slab.is_full());
}
