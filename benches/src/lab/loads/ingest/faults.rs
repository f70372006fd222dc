//! Faults that are put in on purpose, so that a gate can be seen to fail.

use std::alloc::{Layout, alloc, dealloc};
use std::hint::black_box;
use std::sync::Mutex;

use super::index::{Fate, LEAK_EVERY};
use crate::lab::job::Inject;

/// No class has such an alignment.
const DETOUR_ALIGN: usize = 8192;

/// What a thread does to each of its operations.
#[derive(Debug, Clone, Copy)]
pub(in crate::lab::loads) struct Faults {
    leaks: bool,
    detours: bool,
}

impl Faults {
    pub(in crate::lab::loads) fn new(inject: Option<Inject>) -> Self {
        Self {
            leaks: inject == Some(Inject::Leak),
            detours: inject == Some(Inject::SlowPath),
        }
    }

    /// What becomes of what the operation `number` of a thread replaces.
    #[inline(always)]
    pub(in crate::lab::loads) fn fate(self, number: u64) -> Fate {
        if self.leaks && number.is_multiple_of(LEAK_EVERY) {
            Fate::Forgotten
        } else {
            Fate::Retired
        }
    }

    /// The way round by a block that no pool serves, if it is asked for.
    #[inline(always)]
    pub(in crate::lab::loads) fn detour(self) {
        if self.detours {
            detour();
        }
    }
}

#[inline(never)]
fn detour() {
    const LAYOUT: Layout = match Layout::from_size_align(64, DETOUR_ALIGN) {
        Ok(layout) => layout,
        Err(_) => panic!("a power of two"),
    };
    // SAFETY: the layout has a size.
    let block = black_box(unsafe { alloc(LAYOUT) });
    if !block.is_null() {
        // SAFETY: the block is that large, and nobody else has it.
        unsafe { block.write(1) };
        // SAFETY: allocated above with this layout.
        unsafe { dealloc(block, LAYOUT) };
    }
}

/// Blocks that a hammer takes at once: far more than a magazine holds.
const BATCH: usize = 2000;

/// All of one class, freed by whichever hammer comes next.
type Batch = Vec<Box<[u64; 8]>>;

/// Where hammers leave what they took.
#[derive(Debug, Default)]
pub(super) struct Anvil(Mutex<Batch>);

impl Anvil {
    /// One blow: takes a batch, frees the one another hammer has left, and gives all caches back so that the next blow takes
    /// the locks again.
    pub(super) fn blow(&self) {
        let batch: Batch = (0..BATCH as u64).map(|word| Box::new([word; 8])).collect();
        let mut place = self.0.lock().expect("no hammer panics with it");
        let old = core::mem::replace(&mut *place, batch);
        drop(place);
        drop(old);
        sydra_pool::trim();
    }
}
