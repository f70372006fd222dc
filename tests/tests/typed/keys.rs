//! Every key of the attribute, and `reserve`.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::thread;

use sydra_pool::{PoolBox, Pooled, Refusal, pool};

use crate::shapes::{MANY, sound, sound_and_counted};

/// The shards whose buckets of the pool `name` are in use, beside the central one.
fn shards_of(name: &str) -> BTreeSet<u16> {
    let snapshot = sydra_pool::snapshot();
    let own = snapshot.buckets.iter().filter(|one| one.pool == name);
    own.filter_map(|one| one.shard).collect()
}

/// Gives back what the other tests' types keep: the model of the address space that stands in for
/// the system under an interpreter is small.
fn make_room() {
    sydra_pool::trim();
}

#[test]
fn instances_have_pools_of_their_own() {
    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(instances(Slot<u32>, Slot<[u64; 9]>), shards = 2)]
    struct Slot<T>(T);
    sound_and_counted(|number| Slot(number as u32));
    sound_and_counted(|number| Slot([number as u64; 9]));
    assert_ne!(
        pool::<Slot<u32>>().geometry().stride,
        pool::<Slot<[u64; 9]>>().geometry().stride
    );
}

/// Lets so many threads meet a pool at the same time that every shard gets some, whoever else starts threads.
fn meet(pool: impl Fn() + Sync) {
    let threads = if cfg!(miri) { 16 } else { 64 };
    let all = Barrier::new(threads);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                pool();
                all.wait();
            });
        }
    });
}

#[test]
fn every_key_keeps_the_promises() {
    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(shards = 3, slab_size = 128 << 10, magazine = 16, align = 32, name = "tuned")]
    struct Tuned(u64);
    sound_and_counted(|number| Tuned(number as u64));
    let handle = pool::<Tuned>();
    let geometry = handle.geometry();
    assert_eq!(handle.name(), "tuned");
    assert_eq!(
        (geometry.magazine, geometry.slab_bytes, geometry.stride),
        (16, 128 << 10, 32)
    );
    meet(|| drop(PoolBox::new(Tuned(1))));
    assert_eq!(shards_of("tuned"), (0..3).collect());

    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(merge)]
    struct Merged([u8; 41]);
    sound(|number| Merged([number as u8; 41]));
    assert_eq!(pool::<Merged>().geometry().stride, 48, "the class's");
    let buckets = sydra_pool::snapshot().buckets;
    let own = |one: &sydra_pool::BucketFigures| one.pool == "Merged" && one.slabs > 0;
    assert!(!buckets.iter().any(own), "the class has the buckets");

    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(isolate, fallback = "none")]
    struct Alone([u64; 3]);
    sound_and_counted(|number| Alone([number as u64; 3]));

    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(shards = 0)]
    struct Central(u64);
    sound_and_counted(|number| Central(number as u64));
    meet(|| drop(PoolBox::new(Central(1))));
    assert!(shards_of("Central").is_empty());

    #[derive(Debug, PartialEq, Pooled)]
    #[pooled(magazine = 2)]
    struct Smallest(u64);
    sound_and_counted(|number| Smallest(number as u64));
}

/// A secret must not be visible to the block's next owner.
#[test]
fn zero_on_free_leaves_nothing_behind() {
    const SECRET: u8 = 0xC3;
    #[derive(Clone, Copy, Pooled)]
    #[pooled(zero_on_free)]
    struct Secret(#[expect(dead_code, reason = "gives the value a size")] [u8; 100]);
    #[derive(Clone, Copy, Pooled)]
    struct Public(#[expect(dead_code, reason = "gives the value a size")] [u8; 100]);

    /// The secret bytes that freed blocks still hold.
    fn seen<T: Pooled + Copy>(value: T) -> usize {
        let blocks: Vec<*mut T> = (0..MANY)
            .map(|_| PoolBox::into_raw(PoolBox::new(value)))
            .collect();
        for &block in &blocks {
            // SAFETY: from `into_raw` above, freed once.
            drop(unsafe { PoolBox::from_raw(block) });
        }
        let bytes = blocks.iter().flat_map(|block| {
            // SAFETY: no access by the rules of the program, but by those of the engine: it keeps a
            // freed block's memory as it is while it lies in a magazine or a depot, and no other
            // test uses this type's pool.
            unsafe { core::slice::from_raw_parts(block.cast::<u8>(), size_of::<T>()) }
        });
        bytes.filter(|&&byte| byte == SECRET).count()
    }

    make_room();
    assert_eq!(seen(Secret([SECRET; 100])), 0, "a freed secret is readable");
    // The control: without the key the bytes stay, so the test does see freed blocks.
    assert!(seen(Public([SECRET; 100])) > 0);
}

#[test]
fn reserve_takes_the_slabs_ahead_of_time() {
    #[derive(Pooled)]
    struct Planned(#[expect(dead_code, reason = "gives the value a size")] [u64; 8]);
    let count = if cfg!(miri) { 64 } else { 5_000 };
    make_room();
    let slabs = || -> u64 {
        let snapshot = sydra_pool::snapshot();
        let buckets = snapshot
            .buckets
            .iter()
            .filter(|bucket| bucket.pool == "Planned");
        buckets.map(|bucket| bucket.slabs).sum()
    };
    pool::<Planned>()
        .reserve(count)
        .expect("memory for the plan");
    let (before, ready) = (pool::<Planned>().stats(), slabs());
    assert_eq!((before.live, before.allocations), (0, 0));
    assert!(ready * pool::<Planned>().geometry().slab_blocks as u64 >= count as u64);
    let boxes: Vec<_> = (0..count).map(|_| PoolBox::new(Planned([1; 8]))).collect();
    assert_eq!(pool::<Planned>().live(), count as u64);
    assert_eq!(slabs(), ready, "no slab is taken while the plan lasts");
    drop(boxes);
}

#[test]
fn reserve_says_why_it_cannot() {
    #[derive(Pooled)]
    struct Large(#[expect(dead_code, reason = "gives the value a size")] [u8; 40_000]);
    #[derive(Pooled)]
    #[repr(align(8192))]
    struct OverAligned;
    let error = pool::<Large>()
        .reserve(1)
        .expect_err("no pool serves the type");
    assert_eq!(error.reason(), Refusal::TooLarge);
    #[derive(Pooled)]
    #[repr(align(8192))]
    struct OverAlignedByte(#[expect(dead_code, reason = "gives the value a size")] u8);
    let error = pool::<OverAlignedByte>()
        .reserve(1)
        .expect_err("no pool serves the type");
    assert_eq!(error.reason(), Refusal::OverAligned);
    assert!(error.to_string().contains("aligned"));
    // What has no size needs no room.
    pool::<OverAligned>()
        .reserve(1)
        .expect("nothing is always there");
}

/// A merged pool's memory is its class's: the figures show it there, and `trim` gives it back from
/// there, also if nobody else ever used the class.
#[test]
fn what_a_merged_pool_used_is_seen_and_given_back() {
    #[derive(Pooled)]
    #[pooled(merge)]
    struct Blended(#[expect(dead_code, reason = "gives the value a size")] [u64; 700]);
    let slabs = || -> u64 {
        let stride = pool::<Blended>().geometry().stride;
        let snapshot = sydra_pool::snapshot();
        let own = snapshot.buckets.iter().filter(|one| one.stride == stride);
        own.map(|one| one.slabs).sum()
    };
    let count = if cfg!(miri) { 20 } else { 2_000 };
    let blended: Vec<_> = (0..count)
        .map(|n| PoolBox::new(Blended([n; 700])))
        .collect();
    assert!(slabs() > 0);
    drop(blended);
    // A trim of a test beside this one may have some of our blocks in its hands just now.
    let given_back = (0..200).any(|_| {
        sydra_pool::trim();
        std::thread::sleep(std::time::Duration::from_millis(5));
        slabs() == 0
    });
    assert!(given_back);
}
