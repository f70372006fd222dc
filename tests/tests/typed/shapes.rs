//! Every shape of type: empty, over-aligned, enums, lifetimes, const parameters, where clauses.

use core::fmt::Debug;
use std::collections::BTreeSet;

use sydra_pool::{PoolBox, Pooled, pool};

/// How many boxes of a shape are alive at once.
pub(crate) const MANY: usize = if cfg!(miri) { 10 } else { 500 };

/// Boxes from `make`, all apart, aligned, as long as they live; then the pool is empty again.
pub(crate) fn sound<T: Pooled + PartialEq + Debug>(make: impl Fn(usize) -> T) {
    let boxes: Vec<PoolBox<T>> = (0..MANY).map(|number| PoolBox::new(make(number))).collect();
    let addresses: BTreeSet<usize> = boxes
        .iter()
        .map(|boxed| PoolBox::as_ptr(boxed).addr())
        .collect();
    if size_of::<T>() > 0 {
        assert_eq!(addresses.len(), MANY, "an address was handed out twice");
        let neighbours = addresses.iter().zip(addresses.iter().skip(1));
        assert!(
            neighbours
                .into_iter()
                .all(|(low, high)| high - low >= size_of::<T>())
        );
    }
    assert!(
        addresses
            .iter()
            .all(|address| address.is_multiple_of(align_of::<T>()))
    );
    for (number, boxed) in boxes.iter().enumerate() {
        assert_eq!(**boxed, make(number));
    }
}

/// [`sound`], and the type's own pool has counted it all.
pub(crate) fn sound_and_counted<T: Pooled + PartialEq + Debug>(make: impl Fn(usize) -> T) {
    sound(make);
    let figures = pool::<T>().stats();
    assert_eq!(figures.live, 0);
    assert_eq!(
        (figures.allocations, figures.frees),
        (MANY as u64, MANY as u64)
    );
    assert_eq!(figures.peak, MANY as u64);
}

#[test]
fn nothing_at_all() {
    #[derive(Debug, PartialEq, Pooled)]
    struct Nothing;
    sound(|_| Nothing);
    let raw = PoolBox::into_raw(PoolBox::new(Nothing));
    // SAFETY: from `into_raw` just above.
    drop(unsafe { PoolBox::from_raw(raw) });
    let Nothing = PoolBox::into_inner(PoolBox::new(Nothing));

    #[derive(Debug, PartialEq, Pooled)]
    #[repr(align(64))]
    struct AlignedNothing;
    sound(|_| AlignedNothing);
}

#[test]
fn empty_values_still_drop() {
    use core::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    static DROPS: AtomicUsize = AtomicUsize::new(0);
    #[derive(Debug, PartialEq, Pooled)]
    struct Mark;
    impl Drop for Mark {
        fn drop(&mut self) {
            DROPS.fetch_add(1, Relaxed);
        }
    }
    let boxes: Vec<_> = (0..MANY).map(|_| PoolBox::new(Mark)).collect();
    assert_eq!(DROPS.load(Relaxed), 0);
    drop(boxes);
    assert_eq!(DROPS.load(Relaxed), MANY);
}

#[test]
fn every_alignment_to_a_page() {
    macro_rules! aligned {
        ($($align:literal)*) => {$({
            #[derive(Debug, PartialEq, Pooled)]
            #[repr(align($align))]
            struct Aligned(u8);
            sound_and_counted(|number| Aligned((number % 251) as u8));

            // The same through the attribute, on a type that asks for less itself.
            #[derive(Debug, PartialEq, Pooled)]
            #[pooled(align = $align)]
            struct Lifted(u16);
            let boxes: Vec<_> = (0..MANY).map(|_| PoolBox::new(Lifted(7))).collect();
            for boxed in &boxes {
                assert!(PoolBox::as_ptr(boxed).addr().is_multiple_of($align));
            }
        })*};
    }
    aligned!(1 2 4 8 16 32 64 128 256 512 1024 2048 4096);
}

#[test]
fn every_size_around_the_boundaries() {
    macro_rules! sized {
        ($($size:literal)*) => {$({
            #[derive(Debug, PartialEq, Pooled)]
            struct Sized([u8; $size]);
            sound_and_counted(|number| Sized([(number % 251) as u8; $size]));
        })*};
    }
    sized!(1 2 7 8 9 16 17 24 25 33 47 63 64 65 127 129 160 161 255 257 511 513 1000 1025 4095 4097);
    #[cfg(not(miri))]
    sized!(16385 32767 32768);
}

#[test]
fn what_no_class_holds_goes_to_the_fallback() {
    #[derive(Debug, PartialEq, Pooled)]
    struct Large([u8; 40_000]);
    #[derive(Debug, PartialEq, Pooled)]
    #[repr(align(8192))]
    struct OverAligned(u8);
    let count = if cfg!(miri) { 2 } else { 50 };
    let large: Vec<_> = (0..count)
        .map(|n| PoolBox::new(Large([n; 40_000])))
        .collect();
    let over: Vec<_> = (0..count).map(|n| PoolBox::new(OverAligned(n))).collect();
    for (number, (large, over)) in (0..count).zip(large.iter().zip(&over)) {
        assert!(large.0.iter().all(|&byte| byte == number));
        assert!(PoolBox::as_ptr(over).addr().is_multiple_of(8192));
        assert_eq!(over.0, number);
    }
    assert_eq!(pool::<Large>().live(), u64::from(count));
    drop((large, over));
    assert_eq!(
        (pool::<Large>().live(), pool::<OverAligned>().live()),
        (0, 0)
    );
}

#[test]
fn enums_and_tuples() {
    #[derive(Debug, PartialEq, Pooled)]
    enum Side {
        Buy { price: u64 },
        Sell(u64, String),
        Neither,
    }
    sound_and_counted(|number| match number % 3 {
        0 => Side::Buy {
            price: number as u64,
        },
        1 => Side::Sell(number as u64, number.to_string()),
        _ => Side::Neither,
    });

    #[derive(Debug, PartialEq, Pooled)]
    struct Pair(String, Option<PoolBox<Pair>>);
    sound(|number| Pair(number.to_string(), None));

    // A union cannot derive, but it may be inside of what does.
    #[derive(Clone, Copy)]
    #[repr(C)]
    union Word {
        whole: u64,
        halves: [u32; 2],
    }
    #[derive(Pooled)]
    struct Held(Word);
    let mut word = PoolBox::new(Held(Word { whole: u64::MAX }));
    word.0.halves = [1, 1];
    // SAFETY: both fields are plain integers of the same bytes.
    assert_eq!(unsafe { word.0.whole }, 0x1_0000_0001);
}

#[test]
fn lifetimes() {
    #[derive(Debug, PartialEq, Pooled)]
    struct Line<'t> {
        text: &'t str,
        rest: &'t [u8],
    }
    let text = String::from("some words on a line");
    sound_and_counted(|number| Line {
        text: &text[number % 5..],
        rest: &text.as_bytes()[number % 7..],
    });
    // One pool, whatever the lifetime.
    let boxed = PoolBox::new(Line {
        text: &text,
        rest: &[],
    });
    assert_eq!(pool::<Line<'static>>().live(), 1);
    assert_eq!(boxed.text.len(), 20);
}

#[test]
fn generics_const_parameters_and_where_clauses() {
    #[derive(Debug, PartialEq, Pooled)]
    struct Matrix<T, const ROWS: usize, const COLUMNS: usize>
    where
        T: Copy + Default,
    {
        cells: [[T; COLUMNS]; ROWS],
    }
    sound(|number| Matrix::<u32, 3, 4> {
        cells: [[number as u32; 4]; 3],
    });
    sound(|number| Matrix::<u8, 1, 1> {
        cells: [[(number % 200) as u8]],
    });

    #[derive(Debug, PartialEq, Pooled)]
    struct Node<K: Ord, V = String> {
        key: K,
        value: V,
    }
    sound(|number| Node {
        key: number,
        value: number.to_string(),
    });
    sound(|number| Node::<u64, (u64, u64)> {
        key: number as u64,
        value: (1, number as u64),
    });

    #[derive(Debug, PartialEq, Pooled)]
    struct Borrowed<'t, T: ?Sized>(&'t T);
    let text = String::from("unsized behind a reference");
    sound(|number| Borrowed(&text[number % 5..]));
}

/// What `reserve` touched goes back when it was never used.
#[test]
fn a_reserve_that_was_not_used_is_given_back() {
    #[derive(Pooled)]
    struct Hoped(#[expect(dead_code, reason = "gives the value a size")] [u64; 128]);
    let count = if cfg!(miri) { 64 } else { 10_000 };
    // Of the whole process: tests beside this one may purge our empty slabs before we do, and take
    // a few of them.
    let purged = || sydra_pool::snapshot().bytes.purged_total;
    let before = purged();
    pool::<Hoped>().reserve(count).expect("memory for the hope");
    pool::<Hoped>().trim();
    let wanted = count as u64 * 1024 * 9 / 10;
    // What is on its way to the system in the hands of a test beside this one is counted later.
    let given_back = (0..200).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(1));
        purged() - before >= wanted
    });
    let bytes = purged() - before;
    assert!(given_back, "{bytes} bytes of {count} blocks went back");
}

/// A box that was leaked and taken back serves later owners in full, also larger ones of its class.
#[test]
fn a_leaked_box_that_was_taken_back_serves_a_larger_type() {
    #[derive(Pooled)]
    struct Odd<T>(T);
    let leaked: *mut Odd<[u8; 17]> = PoolBox::leak(PoolBox::new(Odd([1; 17])));
    // SAFETY: leaked just now, by a box of this type; nobody else takes it back.
    drop(unsafe { PoolBox::from_raw(leaked) });
    let larger = PoolBox::new(Odd([2_u64; 3]));
    assert_eq!(
        leaked.addr(),
        PoolBox::as_ptr(&larger).addr(),
        "the same block"
    );
    assert_eq!(larger.0[2], 2);
}
