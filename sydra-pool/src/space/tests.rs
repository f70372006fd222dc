//! The address space against a model of who holds which unit.

use super::*;
use crate::slab::SlabId;
use core::ptr::NonNull;
use std::boxed::Box;
use std::collections::BTreeSet;
use std::vec::Vec;

#[test]
fn slabs_are_apart_aligned_and_zero_when_clean() {
    let space = Box::new(AddressSpace::new());
    let mut held: Vec<SlabId> = Vec::new();
    let mut units = BTreeSet::new();
    let mut state = 5_u64;
    for round in 0..if cfg!(miri) { 30 } else { 800 } {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        let wanted = 1 << ((state >> 60) % 5);
        if state & 1 == 0 || held.is_empty() {
            let Some(slab) = space.take_slab(wanted) else {
                let reserved = space.figures().reserved;
                assert!(
                    reserved < 1 << 30,
                    "{reserved} bytes are enough for this test"
                );
                continue;
            };
            assert_eq!(slab.units as usize, wanted);
            for unit in slab.unit..slab.unit + slab.units {
                assert!(units.insert(unit), "unit {unit} twice");
                let start = space.at(unit);
                assert_eq!(start.addr().get() % UNIT_BYTES, 0);
                let offset = space.window.offset_of(start.addr().get());
                assert_eq!(offset, Some(unit as usize * UNIT_BYTES));
                // SAFETY: SPC-2; the unit is ours.
                let first = unsafe { start.read() };
                assert!(!slab.clean || first == 0);
                // SAFETY: SPC-2; the unit is ours.
                unsafe { start.write(1) };
            }
            assert!(
                space.slab_at(slab.unit as usize * UNIT_BYTES).is_none(),
                "nobody owns it yet"
            );
            held.push(slab);
        } else {
            let mut slab = held.swap_remove((state >> 8) as usize % held.len());
            slab.clean = false;
            for unit in slab.unit..slab.unit + slab.units {
                units.remove(&unit);
            }
            space.give_slab(slab);
        }
        if round % 50 == 0 {
            space.tick();
        }
        assert_eq!(space.figures().in_use, (units.len() * UNIT_BYTES) as u64);
    }
    for mut slab in held {
        slab.clean = false;
        space.give_slab(slab);
    }
    assert!(space.figures().resident_free > 0);
    let before = space.figures();
    assert_eq!(space.purge_all() as u64, before.resident_free);
    assert_eq!(space.figures().purged, before.purged + before.resident_free);
    assert_eq!(space.figures().resident_free, 0);
    let again = space.take_slab(1);
    assert!(
        again.is_some_and(|slab| slab.clean),
        "purged units read as zero"
    );
}

#[test]
fn a_surplus_decays_within_its_ticks_and_the_keep_stays() {
    let space = Box::new(AddressSpace::new());
    let count = if cfg!(miri) { 24 } else { 400 };
    let slabs: Vec<_> = (0..count).filter_map(|_| space.take_slab(1)).collect();
    assert_eq!(slabs.len(), count);
    for mut slab in slabs {
        slab.clean = false;
        space.give_slab(slab);
    }
    assert_eq!(space.figures().resident_free as usize, count * UNIT_BYTES);
    for _ in 0..2 * purge::WINDOW_TICKS {
        space.tick();
    }
    let kept = space.figures().resident_free as usize;
    assert!(
        kept > count * UNIT_BYTES / 2,
        "what was used a moment ago stays"
    );
    for _ in 0..purge::DECAY_TICKS {
        space.tick();
    }
    assert_eq!(
        space.figures().resident_free as usize,
        1 << 20,
        "max(1 MiB, 4 %) stays"
    );
    assert_eq!(space.purge_all(), 1 << 20);
}

#[test]
fn rederive_keeps_the_address_and_the_window_refuses_strangers() {
    let space = Box::new(AddressSpace::new());
    let outside = NonNull::from(&0_u8);
    let address = outside.addr().get();
    assert_eq!(
        space.window.offset_of(address),
        None,
        "before the start nothing is ours"
    );
    let slab = space.take_slab(1).expect("memory for a unit");
    let start = space.at(slab.unit);
    assert_eq!(space.window.rederive(start), start);
    assert_eq!(space.window.rederive(outside), outside);
    assert_eq!(space.window.offset_of(address), None);
    space.give_slab(slab);
}

#[test]
fn a_program_that_breathes_keeps_its_pages() {
    let space = Box::new(AddressSpace::new());
    let count = if cfg!(miri) { 40 } else { 200 };
    for _ in 0..10 {
        let slabs: Vec<_> = (0..count).filter_map(|_| space.take_slab(1)).collect();
        assert_eq!(slabs.len(), count);
        for _ in 0..3 {
            space.tick();
        }
        for mut slab in slabs {
            slab.clean = false;
            space.give_slab(slab);
        }
        for _ in 0..3 {
            space.tick();
        }
    }
    assert_eq!(space.figures().purged, 0);
    // The control: once it stops breathing the pages go.
    for _ in 0..2 * purge::WINDOW_TICKS + purge::DECAY_TICKS {
        space.tick();
    }
    assert!(space.figures().purged > 0, "ticks purge nothing at all");
}
