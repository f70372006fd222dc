//! Runs against a model of who holds which unit.

use super::*;
use crate::slab::SlabId;
use std::boxed::Box;
use std::collections::BTreeMap;
use std::vec::Vec;

const UNITS_OF_A_RANGE: usize = if cfg!(miri) { 20 } else { 600 };

struct Held {
    first: usize,
    units: usize,
    bytes: usize,
    letter: u8,
}

/// Runs that are alive, each filled with a letter of its own.
struct Model {
    space: Box<AddressSpace>,
    held: Vec<Held>,
    /// First unit and end.
    taken: BTreeMap<usize, usize>,
    letters: u8,
}

impl Model {
    fn new() -> Self {
        Self {
            space: Box::new(AddressSpace::new()),
            held: Vec::new(),
            taken: BTreeMap::new(),
            letters: 0,
        }
    }

    fn offset(&self, start: NonNull<u8>) -> usize {
        self.space
            .window
            .offset_of(start.addr().get())
            .expect("in the range")
    }

    /// Nobody else holds a unit of it.
    fn enter(&mut self, first: usize, units: usize) {
        let before = self.taken.range(..first + units).next_back();
        assert!(
            before.is_none_or(|(_, &end)| end <= first),
            "{first} + {units} overlaps {before:?}"
        );
        self.taken.insert(first, first + units);
    }

    /// The byte in each page of the first `bytes` of a run, and its last.
    fn places(held: &Held) -> impl Iterator<Item = usize> {
        (0..held.bytes).step_by(4096).chain([held.bytes - 1])
    }

    fn write(&self, held: &Held) {
        let start = self.space.at(held.first as u32);
        for place in Self::places(held) {
            // SAFETY: SPC-2; within the run.
            let byte = unsafe { start.add(place) };
            // SAFETY: SPC-2; the run is ours.
            unsafe { byte.write(held.letter) };
        }
    }

    fn read(&self, held: &Held, bytes: usize) {
        let start = self.space.at(held.first as u32);
        for place in Self::places(held).filter(|&place| place < bytes) {
            // SAFETY: SPC-2; within the run.
            let byte = unsafe { start.add(place) };
            // SAFETY: SPC-2; the run is ours, and all its pages were written.
            let letter = unsafe { byte.read() };
            assert_eq!(letter, held.letter, "byte {place} of {}", held.bytes);
        }
    }

    fn take(&mut self, bytes: usize, zeroed: bool) -> bool {
        let units = bytes.div_ceil(UNIT_BYTES);
        let Some(run) = self.space.take_run(units, bytes) else {
            return false;
        };
        let first = self.offset(run.start) / UNIT_BYTES;
        assert_eq!(self.offset(run.start) % UNIT_BYTES, 0);
        self.letters = self.letters % 250 + 1;
        let mut held = Held {
            first,
            units,
            bytes,
            letter: 0,
        };
        if zeroed {
            self.space.clear_run(&run, bytes);
            self.read(&held, bytes);
        }
        held.letter = self.letters;
        self.enter(first, units + GUARD_UNITS);
        self.write(&held);
        self.held.push(held);
        true
    }

    fn give(&mut self, which: usize) {
        let held = self.held.swap_remove(which);
        self.read(&held, held.bytes);
        self.taken.remove(&held.first);
        let offset = held.first * UNIT_BYTES;
        assert!(!self.space.give_run(offset, held.units + 1, held.bytes));
        assert!(!self.space.give_run(offset + 4096, held.units, held.bytes));
        assert!(self.space.give_run(offset, held.units, held.bytes));
        assert!(!self.space.give_run(offset, held.units, held.bytes));
    }

    fn resize(&mut self, which: usize, bytes: usize) -> bool {
        let units = bytes.div_ceil(UNIT_BYTES);
        let mut held = self.held.swap_remove(which);
        let done = self
            .space
            .resize_run(
                held.first * UNIT_BYTES,
                [held.units, held.bytes],
                [units, bytes],
            )
            .expect("a run");
        if done {
            self.taken.remove(&held.first);
            self.enter(held.first, units + GUARD_UNITS);
            let kept = bytes.min(held.bytes);
            (held.units, held.bytes) = (units, bytes);
            self.read(&held, kept.min(kept / 4096 * 4096));
            self.write(&held);
        }
        self.held.push(held);
        done
    }

    fn check(&self) {
        let figures = self.space.figures();
        let units: usize = self.held.iter().map(|held| held.units + GUARD_UNITS).sum();
        let bytes: usize = self.held.iter().map(|held| held.bytes).sum();
        assert_eq!(figures.in_use, (units * UNIT_BYTES) as u64);
        assert_eq!(figures.runs.bytes, figures.in_use);
        assert_eq!(figures.runs.requested, bytes as u64);
        assert_eq!(
            figures.runs.allocations - figures.runs.frees,
            self.held.len() as u64
        );
        assert!(figures.runs.bytes_peak >= figures.runs.bytes);
    }
}

#[test]
fn runs_are_apart_keep_their_bytes_and_are_zero_if_so_wanted() {
    let mut model = Model::new();
    let mut state = 9_u64;
    let (mut grown, mut shrunk, mut long) = (0, 0, 0);
    for round in 0..if cfg!(miri) { 25 } else { 1500 } {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        // Mostly small ones, some of several chunks.
        let most = match state % 8 {
            0 => UNITS_OF_A_RANGE.min(RUN_UNITS_MOST),
            1 | 2 => UNITS_OF_A_RANGE.min(40),
            _ => 4,
        };
        let bytes = 1 + (state >> 20) as usize % (most * UNIT_BYTES);
        match (state >> 8) % 5 {
            0 | 1 if !model.held.is_empty() => {
                let which = (state >> 40) as usize % model.held.len();
                model.give(which);
            }
            2 if !model.held.is_empty() => {
                let which = (state >> 40) as usize % model.held.len();
                let before = model.held[which].units;
                if model.resize(which, bytes) {
                    let after = model.held.last().expect("it is there").units;
                    grown += usize::from(after > before);
                    shrunk += usize::from(after < before);
                }
            }
            _ => {
                let taken = model.take(bytes, state & 16 == 0);
                long += usize::from(taken && bytes > CHUNK_BYTES);
            }
        }
        if round % 16 == 0 {
            model.space.tick();
        }
        if round % 200 == 199 {
            model.space.purge_all();
        }
        model.check();
    }
    if !cfg!(any(miri, feature = "paranoid")) {
        assert!(
            grown > 10 && shrunk > 10 && long > 10,
            "{grown} {shrunk} {long}"
        );
    }
    while !model.held.is_empty() {
        model.give(0);
    }
    model.check();
    assert_eq!(model.space.figures().runs.bytes, 0);
}

#[test]
fn a_run_grows_into_a_chunk_that_is_not_there_yet() {
    let mut model = Model::new();
    let one = if cfg!(miri) { UNIT_BYTES } else { CHUNK_BYTES };
    assert!(model.take(one, true));
    let grows = !cfg!(feature = "paranoid");
    assert_eq!(model.resize(0, one + UNIT_BYTES), grows);
    // What follows belongs to somebody else now.
    assert!(model.take(UNIT_BYTES, false));
    assert!(!model.resize(0, one + 2 * UNIT_BYTES));
    model.check();
    model.give(0);
    model.give(0);
}

#[test]
fn large_blocks_leave_half_of_the_range_to_slabs() {
    let mut model = Model::new();
    let bytes = if cfg!(miri) {
        4 * UNIT_BYTES
    } else {
        RUN_UNITS_MOST * UNIT_BYTES
    };
    let mut held = Vec::new();
    while let Some(run) = model.space.take_run(bytes / UNIT_BYTES, bytes) {
        held.push(model.offset(run.start));
    }
    let figures = model.space.figures();
    assert!(figures.runs.bytes * 2 <= figures.reserved);
    assert!(
        (figures.runs.bytes + (bytes as u64) + (GUARD_UNITS * UNIT_BYTES) as u64) * 2
            > figures.reserved
    );
    assert_eq!(figures.refused, 0, "the system refused nothing");
    assert!(model.space.take_slab(1).is_some());
    for offset in held {
        assert!(model.space.give_run(offset, bytes / UNIT_BYTES, bytes));
    }
    assert!(model.take(bytes, false));
    model.give(0);
}

/// Chunks in each of which every second unit is a slab for good.
fn holes(space: &AddressSpace, chunks: usize) {
    let slabs: Vec<_> = (0..chunks * CHUNK_UNITS)
        .map(|_| space.take_slab(1).expect("a slab"))
        .collect();
    for (place, slab) in slabs.into_iter().enumerate() {
        if place % 2 == 0 {
            space.give_slab(SlabId {
                clean: false,
                ..slab
            });
        }
    }
}

/// What a program makes and drops costs a place once, however many chunks a search would have to pass.
#[test]
#[cfg_attr(
    any(miri, sydra_model, feature = "paranoid"),
    ignore = "takes a range of 64 GiB"
)]
fn runs_come_back_to_the_same_chunks_behind_many_holes() {
    for (chunks, units) in [(64, 16), (256, RUN_UNITS_MOST)] {
        let space = Box::new(AddressSpace::new());
        holes(&space, chunks);
        let before = space.figures().committed;
        for _ in 0..200 {
            let run = space.take_run(units, units * UNIT_BYTES).expect("a run");
            let offset = space.window.offset_of(run.start.addr().get());
            assert!(space.give_run(offset.expect("in the range"), units, units * UNIT_BYTES));
        }
        let more = (space.figures().committed - before) as usize;
        assert_eq!(more, units.div_ceil(CHUNK_UNITS) * CHUNK_BYTES);
    }
}
