//! Every shape of type can be retired: dropped once, freed, and the figures return to zero.

use core::mem::MaybeUninit;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

use sydra_pool::{PoolBox, Pooled, epoch, pool};
use tests::ledger::Ledger;
use tests::patience::collect_until;

/// Strikes its number when dropped.
struct Entry {
    number: usize,
    ledger: Arc<Ledger>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.ledger.strike(self.number);
    }
}

/// Retires many values from here and from threads that end, some with a reader around, and waits for
/// all of them.
fn sound<T: Pooled + Send + 'static>(make: impl Fn(Entry) -> T + Sync) {
    const MANY: usize = if cfg!(miri) { 10 } else { 150 };
    let ledger = Ledger::new(3 * MANY);
    let one = |number| {
        let ledger = ledger.clone();
        make(Entry { number, ledger })
    };
    for number in 0..MANY {
        PoolBox::retire(PoolBox::new(one(number)), &epoch::pin());
    }
    let guard = epoch::pin();
    thread::scope(|scope| {
        for half in [MANY..3 * MANY / 2, 3 * MANY / 2..2 * MANY] {
            let one = &one;
            scope.spawn(move || {
                for number in half {
                    PoolBox::retire(PoolBox::new(one(number)), &epoch::pin());
                }
            });
        }
    });
    // Kept alive and dropped at once, between those that are retired.
    for number in 2 * MANY..3 * MANY {
        let alive = PoolBox::new(one(number));
        if number % 2 == 0 {
            PoolBox::retire(alive, &guard);
        }
    }
    drop(guard);
    let what = std::any::type_name::<T>();
    collect_until(what, || ledger.struck() >= 3 * MANY);
    ledger.settled();
    collect_until(what, || pool::<T>().stats().limbo == 0);
}

/// The same for a type with a pool of its own, whose figures say so as well.
fn sound_and_counted<T: Pooled + Send + 'static>(make: impl Fn(Entry) -> T + Sync) {
    sound(make);
    let figures = pool::<T>().stats();
    assert_eq!((figures.live, figures.limbo), (0, 0), "{figures:?}");
    assert_eq!(figures.allocations, figures.frees, "{figures:?}");
    assert_eq!(figures.retired, figures.reclaimed, "{figures:?}");
    assert!(figures.retired > 0, "{figures:?}");
}

#[test]
fn small_and_large() {
    #[derive(Pooled)]
    struct Small(#[expect(dead_code, reason = "owned")] Entry);
    #[derive(Pooled)]
    struct Page(#[expect(dead_code, reason = "owned")] Entry, [u64; 700]);
    #[derive(Pooled)]
    struct AlmostTooLarge(#[expect(dead_code, reason = "owned")] Entry, [u64; 4000]);
    sound_and_counted(Small);
    sound_and_counted(|entry| Page(entry, [3; 700]));
    sound_and_counted(|entry| AlmostTooLarge(entry, [3; 4000]));
    _ = (
        Page(dummy(), [0; 700]).1,
        AlmostTooLarge(dummy(), [0; 4000]).1,
    );
}

fn dummy() -> Entry {
    let ledger = Ledger::new(0);
    Entry { number: 0, ledger }
}

/// What no pool serves lives in the backing allocator, and is retired all the same.
#[test]
fn beyond_the_pools() {
    #[derive(Pooled)]
    struct Huge(#[expect(dead_code, reason = "owned")] Entry, [u64; 5000]);
    #[derive(Pooled)]
    #[repr(align(8192))]
    struct Aligned(#[expect(dead_code, reason = "owned")] Entry);
    sound_and_counted(|entry| Huge(entry, [3; 5000]));
    sound_and_counted(Aligned);
    _ = Huge(dummy(), [0; 5000]).1;
}

#[test]
fn keys() {
    #[derive(Pooled)]
    #[pooled(zero_on_free)]
    struct Secret(#[expect(dead_code, reason = "owned")] Entry);
    #[derive(Pooled)]
    #[pooled(merge)]
    struct Merged(#[expect(dead_code, reason = "owned")] Entry);
    #[derive(Pooled)]
    #[pooled(isolate)]
    struct Isolated(#[expect(dead_code, reason = "owned")] Entry);
    #[derive(Pooled)]
    #[pooled(align = 256, shards = 1, magazine = 2)]
    struct Wide(#[expect(dead_code, reason = "owned")] Entry);
    #[derive(Pooled)]
    #[pooled(magazine = 1024)]
    struct Many(#[expect(dead_code, reason = "owned")] Entry);
    sound_and_counted(Secret);
    sound(Merged);
    sound_and_counted(Isolated);
    sound_and_counted(Wide);
    sound_and_counted(Many);
}

/// A type without size has no block, but drop glue.
#[test]
fn without_size() {
    static DROPS: AtomicU64 = AtomicU64::new(0);
    #[derive(Pooled)]
    struct Token;
    impl Drop for Token {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Relaxed);
        }
    }
    let guard = epoch::pin();
    (0..100).for_each(|_| PoolBox::retire(PoolBox::new(Token), &guard));
    assert_eq!(DROPS.load(Relaxed), 0, "dropped under a reader's eyes");
    drop(guard);
    thread::scope(|scope| {
        _ = scope.spawn(|| {
            for _ in 0..100 {
                PoolBox::retire(PoolBox::new(Token), &epoch::pin());
            }
        });
    });
    collect_until("all tokens", || DROPS.load(Relaxed) >= 200);
    (0..10).for_each(|_| _ = sydra_pool::collect_garbage());
    assert_eq!(DROPS.load(Relaxed), 200);
}

/// Two types of one class, alternately: each is dropped as what it is.
#[test]
fn types_that_share_a_class() {
    #[derive(Pooled)]
    struct Wrapper<T>(T);
    struct Twice(#[expect(dead_code, reason = "owned")] Entry);
    const MANY: usize = if cfg!(miri) { 20 } else { 3_000 };
    let ledgers = [(); 3].map(|()| Ledger::new(MANY));
    let entry = |which: usize, number| Entry {
        number,
        ledger: ledgers[which].clone(),
    };
    for number in 0..MANY {
        let guard = epoch::pin();
        PoolBox::retire(PoolBox::new(Wrapper(entry(0, number))), &guard);
        PoolBox::retire(PoolBox::new(Wrapper(Twice(entry(1, number)))), &guard);
        // Without drop glue, in the same class.
        PoolBox::retire(PoolBox::new(Wrapper([number; 2])), &guard);
        if number % 3 == 0 {
            guard.flush();
        }
        PoolBox::retire(PoolBox::new(Wrapper(Some(entry(2, number)))), &guard);
    }
    for ledger in &ledgers {
        collect_until("all drops", || ledger.struck() >= MANY);
        ledger.settled();
    }
}

/// Memory whose value was never written has nothing to drop, and a block to free.
#[test]
fn uninitialised() {
    #[derive(Pooled)]
    struct Slot(#[expect(dead_code, reason = "owned")] Entry);
    let before = pool::<Slot>().stats();
    const MANY: u64 = if cfg!(miri) { 20 } else { 200 };
    for _ in 0..MANY {
        let slot = PoolBox::new(MaybeUninit::<Slot>::uninit());
        PoolBox::retire(slot, &epoch::pin());
    }
    collect_until("all slots", || pool::<Slot>().stats().limbo == 0);
    let after = pool::<Slot>().stats();
    assert_eq!(after.frees - before.frees, MANY);
    assert_eq!(after.live, 0);
    sound_and_counted(Slot);
}

/// A block that was retired is zeroed when it is freed, not before.
#[test]
fn zeroed_when_freed() {
    #[derive(Pooled)]
    #[pooled(zero_on_free, magazine = 4)]
    struct Secret([AtomicU64; 16]);
    let mut used = BTreeSet::new();
    let mut fresh = |mark: u64| {
        let secret = PoolBox::new(Secret([(); 16].map(|()| AtomicU64::new(mark))));
        used.insert(PoolBox::as_ptr(&secret).addr());
        secret
    };
    let guard = epoch::pin();
    let shared = epoch::Shared::from_box(fresh(!0), &guard);
    // SAFETY: given up under the guard.
    let seen = unsafe { shared.deref() };
    // SAFETY: nobody else can load it; retired once.
    unsafe { guard.retire(shared) };
    for _ in 0..200 {
        PoolBox::retire(fresh(1), &guard);
        drop(fresh(2));
    }
    sydra_pool::collect_garbage();
    assert!(seen.0.iter().all(|word| word.load(Relaxed) == !0));
    drop(guard);
    collect_until("all secrets", || pool::<Secret>().stats().limbo == 0);
    let blocks = (0..300).map(|_| PoolBox::new(MaybeUninit::<Secret>::uninit()));
    let blocks: Vec<_> = blocks.collect();
    let again = blocks
        .iter()
        .filter(|block| used.contains(&PoolBox::as_ptr(block).addr()));
    let mut count = 0;
    for block in again {
        count += 1;
        // SAFETY: written when it was used, zeroed since; an `AtomicU64` of zeros is a value.
        let words = unsafe { block.assume_init_ref() };
        assert!(words.0.iter().all(|word| word.load(Relaxed) == 0));
    }
    assert!(count > 100, "{count} of {} blocks came again", used.len());
}
