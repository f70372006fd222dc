//! The allocator door under refusal: an error, and the old block as it was.

use std::alloc::Layout;
use std::mem::MaybeUninit;
use std::ptr::NonNull;

use allocator_api2::alloc::{AllocError, Allocator};
use allocator_api2::vec::Vec as PoolVec;
use sydra_pool::{Pooled, SydraAlloc, pool};

use crate::sweep::{Mood, sweep};

/// So many requests at most, until a pool that may not ask elsewhere is served again.
const SLOW: usize = 256;

/// Layouts of every route: small, aligned, large classes, too large, over-aligned; and nothing.
const ROUTES: [(usize, usize); 9] = [
    (0, 8),
    (16, 8),
    (40, 1),
    (48, 16),
    (640, 64),
    (4_096, 4_096),
    (30_000, 8),
    (40_000, 8),
    (64, 1 << 14),
];

fn layouts() -> impl Iterator<Item = Layout> + Clone {
    let layout = |(size, align)| Layout::from_size_align(size, align).expect("valid layouts");
    ROUTES.into_iter().map(layout)
}

/// The block, or nothing if the mood allows it; empty ones are never refused.
fn judge(
    mood: Mood,
    slice: Result<NonNull<[u8]>, AllocError>,
    layout: Layout,
) -> Option<NonNull<u8>> {
    let Ok(slice) = slice else {
        assert_eq!(mood, Mood::Stingy, "refused though nothing was");
        assert!(layout.size() > 0, "nothing was asked for, and refused");
        return None;
    };
    assert_eq!(slice.len(), layout.size());
    assert!(
        slice
            .cast::<u8>()
            .addr()
            .get()
            .is_multiple_of(layout.align())
    );
    Some(slice.cast())
}

/// The bytes of a block of so many.
fn bytes<'a>(start: NonNull<u8>, length: usize) -> &'a mut [MaybeUninit<u8>] {
    // SAFETY: the caller owns so many bytes; nothing is assumed about them.
    unsafe { std::slice::from_raw_parts_mut(start.as_ptr().cast(), length) }
}

/// Writes what the place decides.
fn fill(start: NonNull<u8>, length: usize) {
    for (offset, room) in bytes(start, length).iter_mut().enumerate() {
        room.write(offset as u8 | 1);
    }
}

/// Whether all bytes are as `right` says, by their places.
fn all(start: NonNull<u8>, length: usize, right: impl Fn(usize) -> u8) -> bool {
    let mut bytes = bytes(start, length).iter().enumerate();
    // SAFETY: filled by the caller, or promised to be zero.
    bytes.all(|(offset, byte)| unsafe { byte.assume_init() } == right(offset))
}

fn check(start: NonNull<u8>, length: usize) {
    assert!(
        all(start, length, |offset| offset as u8 | 1),
        "{length} bytes"
    );
}

#[test]
fn allocate() {
    sweep("allocator::allocate", |mood| {
        let mut held = Vec::new();
        for zeroed in [false, true] {
            for layout in layouts() {
                let slice = if zeroed {
                    SydraAlloc.allocate_zeroed(layout)
                } else {
                    SydraAlloc.allocate(layout)
                };
                let Some(start) = judge(mood, slice, layout) else {
                    continue;
                };
                assert!(!zeroed || all(start, layout.size(), |_| 0), "{layout:?}");
                fill(start, layout.size());
                held.push((start, layout));
            }
        }
        for (start, layout) in held {
            check(start, layout.size());
            // SAFETY: held with this layout.
            unsafe { SydraAlloc.deallocate(start, layout) };
        }
    });
}

/// Every pair of routes: `grow`, `grow_zeroed` or `shrink`. What was refused left the block as it was.
#[test]
fn grow_and_shrink() {
    sweep("allocator::grow_and_shrink", |mood| {
        for from in layouts() {
            for to in layouts() {
                for zeroed in [false, true] {
                    let taken = judge(mood, SydraAlloc.allocate(from), from);
                    let Some(start) = taken else { continue };
                    fill(start, from.size());
                    let slice = if to.size() < from.size() {
                        // SAFETY: held with the layout `from`; the size falls.
                        unsafe { SydraAlloc.shrink(start, from, to) }
                    } else if zeroed {
                        // SAFETY: held with the layout `from`; the size does not fall.
                        unsafe { SydraAlloc.grow_zeroed(start, from, to) }
                    } else {
                        // SAFETY: held with the layout `from`; the size does not fall.
                        unsafe { SydraAlloc.grow(start, from, to) }
                    };
                    let (start, layout) = match judge(mood, slice, to) {
                        Some(moved) => (moved, to),
                        None => (start, from),
                    };
                    check(start, from.size().min(layout.size()));
                    // SAFETY: held with this layout.
                    unsafe { SydraAlloc.deallocate(start, layout) };
                }
            }
        }
    });
}

/// Containers pass the refusal on, and hold what they held.
#[test]
fn containers() {
    sweep("allocator::containers", |mood| {
        let mut vector: PoolVec<u64, SydraAlloc> = PoolVec::new_in(SydraAlloc);
        let mut map: hashbrown::HashMap<u64, u64, hashbrown::DefaultHashBuilder, SydraAlloc> =
            hashbrown::HashMap::default();
        let mut held = 0;
        for number in 0..10_000 {
            let room = vector.try_reserve(1).is_ok() && map.try_reserve(1).is_ok();
            assert!(room || mood == Mood::Stingy, "refused though nothing was");
            if room {
                vector.push(number);
                map.insert(number, !number);
                held += 1;
            }
        }
        assert_eq!((vector.len(), map.len()), (held, held));
        assert!(vector.iter().all(|number| map[number] == !number));
    });
}

/// In a pool that may not ask elsewhere, and in one that may: what was refused left the block as it was.
#[test]
fn pools_of_types() {
    #[derive(Pooled)]
    #[pooled(fallback = "none")]
    struct Alone(#[expect(dead_code, reason = "gives the value a size")] [u64; 12]);
    #[derive(Pooled)]
    struct Backed(#[expect(dead_code, reason = "gives the value a size")] [u64; 12]);

    /// Returns how often it was refused.
    fn play<T: Pooled>() -> usize {
        let layout = |size| Layout::from_size_align(size, 8).expect("valid layouts");
        // What is beyond is asked of the system each time, and refused each time.
        let (small, inside, beyond) = (layout(40), layout(96), layout(40_000));
        let mut refused = 0;
        let mut held = Vec::new();
        for _ in 0..60 {
            let Some(start) = judge(Mood::Stingy, pool::<T>().allocate(small), small) else {
                refused += 1;
                continue;
            };
            fill(start, 40);
            let mut block = (start, small);
            for to in [inside, beyond, inside] {
                let (start, from) = block;
                let moved = if to.size() >= from.size() {
                    // SAFETY: held with this layout; the size does not fall.
                    unsafe { pool::<T>().grow(start, from, to) }
                } else {
                    // SAFETY: held with this layout; the size falls.
                    unsafe { pool::<T>().shrink(start, from, to) }
                };
                match judge(Mood::Stingy, moved, to) {
                    Some(moved) => block = (moved, to),
                    None => refused += 1,
                }
                check(block.0, 40);
            }
            held.push(block);
        }
        let inside = held.iter().filter(|(_, layout)| layout.size() <= 96);
        assert_eq!(pool::<T>().live(), inside.count() as u64);
        for (start, layout) in held {
            // SAFETY: held with this layout.
            unsafe { pool::<T>().deallocate(start, layout) };
        }
        assert_eq!(pool::<T>().live(), 0);
        refused
    }
    sweep("allocator::pools_of_types", |mood| {
        let (alone, backed) = (play::<Alone>(), play::<Backed>());
        // The engine may be slow to believe that the system serves again.
        assert!(mood == Mood::Stingy || alone <= SLOW, "{alone} refusals");
        assert!(mood == Mood::Stingy || backed == 0, "{backed} refusals");
    });
}
