//! The pool of a type as an allocator: what it serves, what it does not, and containers in it.

use allocator_api2::alloc::Allocator;
use allocator_api2::boxed::Box;
use allocator_api2::vec::Vec as PoolVec;
use hashbrown::{DefaultHashBuilder, HashMap};
use sydra_pool::{PoolBox, Pooled, TypePool, pool};
use tests::rng::Rng;

use crate::{Held, alone, classes, layout, step};

/// A room of 96 bytes at 16.
#[derive(Pooled)]
#[repr(align(16))]
struct Room([u8; 96]);

/// Blocks of the class, magazines of its own.
#[derive(Pooled)]
#[pooled(merge)]
struct Merged(#[expect(dead_code, reason = "gives the value a size")] [u64; 9]);

/// A larger alignment than the type's.
#[derive(Pooled)]
#[pooled(align = 256)]
struct Aligned(#[expect(dead_code, reason = "gives the value a size")] [u8; 100]);

/// A byte, in blocks of eight.
#[derive(Pooled)]
struct Byte(#[expect(dead_code, reason = "gives the value a size")] u8);

/// Generic, so in the pool of its class.
#[derive(Pooled)]
struct Generic<T>(T);

/// Larger than any pool serves.
#[derive(Pooled)]
struct Vast(#[expect(dead_code, reason = "gives the value a size")] [u8; 40_000]);

#[derive(Pooled)]
struct Nothing;

/// Layouts around the edges of a type: those that a value's room serves are the pool's.
fn serves<T: Pooled>(size: usize, align: usize) {
    let pool = pool::<T>();
    let sizes = [1, size / 2, size - 1, size, size + 1, size * 2];
    for wanted in sizes.into_iter().filter(|&wanted| wanted > 0) {
        for log in (0..=9).step_by(if cfg!(miri) { 4 } else { 1 }) {
            let wanted = layout(wanted, 1 << log);
            let before = pool.stats();
            let held = Held::take(&pool, wanted);
            let inside = wanted.size() <= size && wanted.align() <= align;
            let live = pool.live() - before.live;
            assert_eq!(live, u64::from(inside), "{wanted:?} in {}", pool.name());
            held.check(wanted.size());
            held.give(&pool);
            assert_eq!(pool.live(), before.live, "{wanted:?} in {}", pool.name());
        }
    }
}

#[test]
fn what_fits_in_a_value_is_the_pools() {
    let _alone = alone();
    let before = classes().0;
    serves::<Room>(96, 16);
    serves::<Merged>(72, 8);
    serves::<Aligned>(100, 256);
    serves::<Byte>(1, 1);
    assert_eq!(classes().0, before);
}

#[test]
fn a_generic_type_lends_its_class() {
    let _alone = alone();
    let class = || {
        let classes = sydra_pool::snapshot().classes;
        let class = classes.iter().find(|class| class.stride == 104);
        class.map_or(0, |class| class.live)
    };
    let (pool, before) = (pool::<Generic<[u64; 13]>>(), class());
    let inside = Held::take(&pool, layout(10, 8));
    assert_eq!(class(), before + 1, "the class of 104 bytes at 8");
    let beyond = Held::take(&pool, layout(10, 16));
    assert_eq!(class(), before + 1, "more aligned than the type");
    inside.give(&pool);
    beyond.give(&pool);
    assert_eq!(class(), before);
}

#[test]
fn types_without_a_pool_leave_all_to_the_classes() {
    let _alone = alone();
    let before = classes();
    for wanted in [layout(8, 1), layout(24, 8), layout(300, 64)] {
        let vast = Held::take(&pool::<Vast>(), wanted);
        let nothing = Held::take(&pool::<Nothing>(), wanted);
        vast.check(wanted.size());
        nothing.check(wanted.size());
        vast.give(&pool::<Vast>());
        nothing.give(&pool::<Nothing>());
    }
    assert_eq!(classes(), (before.0, before.1 + 6));
    assert_eq!(pool::<Vast>().live(), 0);
}

/// Into the pool, within it, out of it, at every alignment.
#[test]
fn blocks_grow_out_of_the_pool_and_shrink_into_it() {
    let _alone = alone();
    let sizes: &[usize] = if cfg!(miri) {
        &[1, 90, 96, 97, 400]
    } else {
        &[1, 8, 60, 95, 96, 97, 130, 4_000, 40_000]
    };
    let aligns: &[usize] = if cfg!(miri) {
        &[8, 32]
    } else {
        &[1, 8, 16, 32, 4096, 8192]
    };
    for (place, &small) in sizes.iter().enumerate() {
        for &large in &sizes[place..] {
            for &from in aligns {
                for &to in aligns {
                    step(&pool::<Room>(), (small, from), (large, to), from <= to);
                }
            }
        }
    }
    assert_eq!(pool::<Room>().live(), 0);
}

#[test]
fn a_block_within_the_pool_stays_where_it_is() {
    let _alone = alone();
    let pool = pool::<Room>();
    let held = Held::take(&pool, layout(5, 1));
    // SAFETY: held with this layout; the size rises.
    let grown = unsafe { pool.grow(held.start, held.layout, layout(96, 16)) };
    let grown = Held::of(grown, layout(96, 16));
    assert_eq!(grown.start, held.start);
    grown.check(5);
    grown.fill(0);
    grown.give(&pool);
}

/// Memory that was written to and given back, within the pool and beyond it.
#[test]
fn zeroed_blocks_are_zero_whoever_serves_them() {
    let _alone = alone();
    let pool = pool::<Room>();
    for wanted in [layout(5, 1), layout(96, 16), layout(97, 16), layout(500, 8)] {
        for _ in 0..4 {
            Held::take(&pool, wanted).give(&pool);
            let held = Held::of(pool.allocate_zeroed(wanted), wanted);
            held.check_zero(0);
            held.fill(0);
            held.give(&pool);
        }
    }
}

/// Exactly so many blocks: the next is refused, not taken elsewhere, and a refused move leaves the block as it was.
#[test]
fn a_fixed_pool_is_full_in_the_end() {
    let _alone = alone();
    #[derive(Pooled)]
    #[pooled(capacity = 3)]
    struct Few(#[expect(dead_code, reason = "gives the value a size")] [u64; 6]);
    let (pool, inside, beyond) = (pool::<Few>(), layout(20, 4), layout(60, 4));
    let mut held: Vec<Held> = (0..3).map(|_| Held::take(&pool, inside)).collect();
    assert!(pool.allocate(inside).is_err() && pool.allocate_zeroed(inside).is_err());
    let large = Held::take(&pool, beyond);
    // SAFETY: held with this layout; the size falls.
    assert!(unsafe { pool.shrink(large.start, beyond, inside) }.is_err());
    large.check(60);
    assert_eq!(pool.live(), 3);
    let one = held.pop().expect("three are held");
    // SAFETY: held with this layout; the size rises.
    let grown = Held::of(unsafe { pool.grow(one.start, inside, beyond) }, beyond);
    grown.check(20);
    assert_eq!(pool.live(), 2);
    // SAFETY: held with this layout; the size falls.
    let shrunk = unsafe { pool.shrink(large.start, beyond, inside) };
    held.push(Held::of(shrunk, inside));
    // SAFETY: held with this layout; the size rises, but not beyond the type's.
    let same = unsafe { pool.grow(held[0].start, inside, layout(48, 8)) };
    held[0] = Held::of(same, layout(48, 8));
    held.iter().for_each(|held| held.check(20));
    held.into_iter()
        .chain([grown])
        .for_each(|held| held.give(&pool));
    assert_eq!(pool.live(), 0);
}

/// The nodes of a list and the tables of small maps, together with boxes of the same pool.
#[test]
fn containers_live_in_the_pool() {
    let _alone = alone();
    struct Node {
        number: u64,
        next: Option<Box<Node, TypePool<Room>>>,
    }
    let before = pool::<Room>().live();
    let mut list = None;
    for number in 0..50 {
        let node = Node { number, next: list };
        list = Some(Box::new_in(node, pool::<Room>()));
    }
    let room = PoolBox::new(Room([7; 96]));
    // Four buckets of 16 bytes and their control bytes: 84 at an alignment of 16.
    let mut map: HashMap<u64, u64, DefaultHashBuilder, TypePool<Room>> = HashMap::default();
    map.insert(1, 2);
    assert_eq!(pool::<Room>().live() - before, 52);
    map.extend((0..100).map(|number| (number, number)));
    assert_eq!(
        pool::<Room>().live() - before,
        51,
        "the table has outgrown the pool"
    );
    let other = std::thread::spawn(move || {
        let mut numbers = 0;
        let mut rest = list;
        while let Some(node) = rest {
            numbers += node.number;
            rest = Box::into_inner(node).next;
        }
        numbers
    });
    assert_eq!(
        other.join().expect("another thread frees the list"),
        49 * 25
    );
    assert_eq!(room.0, [7; 96]);
    drop((room, map));
    assert_eq!(pool::<Room>().live(), before);
}

/// Random vectors that wander in and out of the pool; the pool's figures follow.
#[test]
fn vectors_wander_in_and_out() {
    let _alone = alone();
    let mut rng = Rng::announced("vectors_wander_in_and_out");
    let before = (pool::<Merged>().live(), classes().0);
    let mut vectors: Vec<PoolVec<u32, TypePool<Merged>>> = Vec::new();
    for _ in 0..if cfg!(miri) { 60 } else { 20_000 } {
        match rng.below(5) {
            0 => vectors.push(PoolVec::new_in(pool())),
            1 if !vectors.is_empty() => drop(vectors.swap_remove(rng.below(vectors.len()))),
            _ if !vectors.is_empty() => {
                let place = rng.below(vectors.len());
                let vector = &mut vectors[place];
                vector.resize(rng.below(40), place as u32);
                vector.shrink_to_fit();
                vector.fill(place as u32);
            }
            _ => {}
        }
    }
    let inside = |vector: &&PoolVec<u32, TypePool<Merged>>| (1..=18).contains(&vector.capacity());
    let count = vectors.iter().filter(inside).count() as u64;
    assert_eq!(pool::<Merged>().live() - before.0, count);
    assert!(
        vectors
            .iter()
            .all(|vector| vector.iter().all(|&number| number == vector[0]))
    );
    drop(vectors);
    assert_eq!((pool::<Merged>().live(), classes().0), before);
}

/// Also the bytes that a container gave up before the free.
#[cfg(not(miri))] // It looks at a block that was given away.
#[test]
fn what_a_container_leaves_is_overwritten() {
    let _alone = alone();
    #[derive(Pooled)]
    #[pooled(zero_on_free)]
    struct Secret(#[expect(dead_code, reason = "gives the value a size")] [u8; 64]);
    let mut vector = PoolVec::new_in(pool::<Secret>());
    vector.resize(64, 0x5A_u8);
    let start = vector.as_ptr();
    vector.truncate(3);
    vector.shrink_to_fit();
    assert_eq!(vector.as_ptr(), start);
    drop(vector);
    for offset in 0..64 {
        // SAFETY: the slab stays; nobody else uses the pool of this type.
        let byte = unsafe { start.add(offset) };
        // SAFETY: as above.
        assert_eq!(unsafe { byte.read_volatile() }, 0, "at {offset}");
    }
}

/// A block may come back by a pointer that is good for the bytes in use only, as through `Box::leak`; the room is larger.
#[test]
fn a_narrowed_pointer_leads_to_the_whole_room() {
    let _alone = alone();
    #[derive(Pooled)]
    #[pooled(capacity = 2, zero_on_free)]
    struct Wiped(#[expect(dead_code, reason = "gives the value a size")] [u64; 6]);

    fn leads<T: Pooled>() {
        let pool = pool::<T>();
        let narrowed = Box::leak(Box::new_in(7_u8, pool));
        // SAFETY: leaked just now, from this pool.
        drop(unsafe { Box::from_raw_in(narrowed, pool) });

        let narrowed = core::ptr::NonNull::from(Box::leak(Box::new_in(7_u8, pool))).cast::<u8>();
        // SAFETY: of this layout; the size rises.
        let grown = unsafe { pool.grow(narrowed, layout(1, 1), layout(40, 8)) };
        let grown = Held::of(grown, layout(40, 8));
        grown.check(0);
        grown.fill(0);
        grown.give(&pool);
    }
    leads::<Wiped>();
    leads::<Room>();
}
