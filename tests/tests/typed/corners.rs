//! What nobody means to write and somebody does: a coercion to the type itself, blocks larger than a slab.

use sydra_pool::{
    PoolArc, PoolBox, Pooled, Refusal, coerce, collect_garbage, epoch, pool, snapshot,
};
use tests::child::Apart;

#[derive(Pooled)]
#[pooled(merge)]
struct Merged(u64);

#[derive(Pooled)]
struct Large([u8; 40_000]);

/// Its room could be longer than the value.
#[derive(Pooled)]
#[pooled(align = 64)]
struct Aligned([u8; 33_001]);

/// Larger than any slab, which such a pool has none of.
#[derive(Pooled)]
#[pooled(capacity = 2)]
struct Huge([u8; 600_000]);

fn huge() -> PoolBox<Huge> {
    PoolBox::new_with(|| Huge([7; 600_000]))
}

#[test]
fn coerced_to_its_own_type_nothing_is_forgotten() {
    let outcome = Apart::new(
        "corners::coerced_to_its_own_type_nothing_is_forgotten",
        |_| {
            let merged = coerce!(PoolBox::new(Merged(1)) => Merged);
            assert_eq!((pool::<Merged>().live(), merged.0), (1, 1));
            drop(merged);
            assert_eq!(pool::<Merged>().live(), 0);
            let before = snapshot().bytes.metadata;
            for _ in 0..100 {
                let large = coerce!(PoolBox::new(Large([3; 40_000])) => Large);
                assert_eq!(large.0[39_999], 3);
            }
            assert_eq!(
                snapshot().bytes.metadata,
                before,
                "no entry stays in the book"
            );
            let shared = coerce!(PoolArc::new(Merged(2)) => Merged);
            assert_eq!(shared.0, 2);
        },
    )
    .run("");
    outcome.succeeded();
}

#[test]
fn blocks_larger_than_any_slab_are_retired_and_counted() {
    let first = huge();
    let second = huge();
    let refused = PoolBox::try_new_with(|| Huge([0; 600_000])).map(|_| ());
    assert_eq!(refused.map_err(|why| why.reason()), Err(Refusal::Full));
    assert_eq!(pool::<Huge>().geometry().stride, 600_008);
    assert!(
        snapshot()
            .type_named("Huge")
            .is_some_and(|row| row.live == 2)
    );
    PoolBox::retire(first, &epoch::pin());
    for _ in 0..3 {
        collect_garbage();
    }
    assert_eq!((pool::<Huge>().live(), second.0[599_999]), (1, 7));
    assert!(pool::<Huge>().reserve(1).is_ok() && pool::<Huge>().reserve(2).is_err());
}

#[test]
fn a_pointer_good_for_the_value_alone_frees_its_room() {
    for _ in 0..3 {
        let leaked = PoolBox::leak(PoolBox::new(Aligned([5; 33_001])));
        assert_eq!(
            (leaked.0[33_000], core::ptr::from_mut(leaked).addr() % 64),
            (5, 0)
        );
        // SAFETY: leaked above, and taken back once.
        drop(unsafe { PoolBox::from_raw(leaked) });
    }
    assert_eq!(pool::<Aligned>().live(), 0);
}
