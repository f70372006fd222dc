//! Slices and strings in the pools of the size classes.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Mutex;

use sydra_pool::{PoolArc, PoolBox, PoolRc, Refusal, snapshot};

/// Figures of classes are the process's: tests that look at them run one at a time.
static FIGURES: Mutex<()> = Mutex::new(());

/// Whether this instrument gets through so many elements in time.
fn affordable(length: &usize) -> bool {
    !cfg!(miri) || *length < 130
}

/// Values alive and allocations so far in the class of this stride.
fn class(stride: usize) -> (u64, u64) {
    let taken = snapshot();
    let found = taken.classes.iter().find(|class| class.stride == stride);
    found.map_or((0, 0), |class| (class.live, class.allocations))
}

/// Counts its drops, and panics at one of them or when it is cloned.
struct Watched {
    drops: Rc<Cell<usize>>,
    panics_at: usize,
    clones_left: Rc<Cell<usize>>,
}

impl Watched {
    fn row(length: usize, drops: &Rc<Cell<usize>>, panics_at: usize) -> Vec<Self> {
        let clones_left = Rc::new(Cell::new(usize::MAX));
        let watched = |_| Self {
            drops: Rc::clone(drops),
            panics_at,
            clones_left: Rc::clone(&clones_left),
        };
        (0..length).map(watched).collect()
    }
}

impl Clone for Watched {
    fn clone(&self) -> Self {
        let left = self
            .clones_left
            .get()
            .checked_sub(1)
            .expect("no more clones");
        self.clones_left.set(left);
        Self {
            drops: Rc::clone(&self.drops),
            panics_at: self.panics_at,
            clones_left: Rc::clone(&self.clones_left),
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.drops.set(self.drops.get() + 1);
        assert!(self.drops.get() != self.panics_at, "a drop that panics");
    }
}

#[test]
fn slices_hold_what_they_were_made_of() {
    let lengths = [0_usize, 1, 2, 3, 17, 100, 511, 4_095, 4_097, 70_000];
    for length in lengths.into_iter().filter(affordable) {
        let numbers: Vec<u64> = (0..length as u64).map(|n| n * n).collect();
        let collected: PoolBox<[u64]> = numbers.iter().copied().collect();
        let cloned = PoolBox::from(&numbers[..]);
        let moved = PoolBox::from(numbers.clone());
        let shared: PoolArc<[u64]> = numbers.iter().copied().collect();
        let here = PoolRc::from(&numbers[..]);
        for slice in [
            &*collected,
            &*cloned,
            &*moved,
            &*shared,
            &*here,
            &*cloned.clone(),
        ] {
            assert_eq!(slice, &numbers[..]);
        }
        assert_eq!(collected, cloned);
        assert_eq!(Vec::from(moved), numbers);
        assert_eq!(cloned.into_vec(), numbers);
        let other = PoolArc::clone(&shared);
        let thread = std::thread::spawn(move || other.iter().copied().max());
        assert_eq!(
            thread.join().expect("read elsewhere"),
            numbers.iter().copied().max()
        );
        assert_eq!(PoolArc::strong_count(&shared), 1);
    }
    assert_eq!(*PoolBox::from([1_u8, 2, 3]), [1, 2, 3]);
    assert_eq!(
        *PoolRc::from([[7_u128; 3]; 2]),
        [[7; 3]; 2],
        "aligned to 16, also behind the head"
    );
    assert!(PoolBox::<[u8]>::default().is_empty() && PoolArc::<[String]>::default().is_empty());
    assert_eq!(PoolBox::from([(); 9]).len(), 9);
    assert_eq!(PoolArc::from([(); 9]).len(), 9);
}

#[test]
fn strings_hold_what_they_were_made_of() {
    let lengths = [0_usize, 1, 8, 127, 129, 5_000, 40_000];
    for length in lengths.into_iter().filter(affordable) {
        let text: String = "é".repeat(length);
        let own: PoolBox<str> = PoolBox::from(text.as_str());
        let shared: PoolArc<str> = text.clone().into();
        let here: PoolRc<str> = text.chars().collect();
        let pieces: PoolBox<str> = [text.as_str(), "!"].into_iter().collect();
        assert_eq!((&*own, &*shared, &*here), (&*text, &*text, &*text));
        assert_eq!(pieces.len(), text.len() + 1);
        assert_eq!(own.clone(), own);
        assert_eq!(String::from(own.clone()), text);
        let bytes: PoolBox<[u8]> = own.into();
        assert_eq!(&*bytes, text.as_bytes());
    }
    assert_eq!(&*PoolBox::<str>::default(), "");
    let map: std::collections::HashMap<PoolArc<str>, u32> = [("a".into(), 1)].into();
    assert_eq!(map.get("a"), Some(&1), "borrowed as a str");
}

#[test]
fn rooms_are_the_classes_and_come_back() {
    // A stride that nothing else in this binary asks for. Miri interprets the copy of every byte: it gets eight times fewer.
    const SHARE: usize = if cfg!(miri) { 8 } else { 1 };
    const STRIDE: usize = 28_672 / SHARE;
    const LENGTH: usize = 26_000 / SHARE;
    let _alone = FIGURES.lock().unwrap_or_else(|broken| broken.into_inner());
    let before = class(STRIDE);
    let boxed: PoolBox<[u8]> = vec![1; LENGTH].into();
    let shared: PoolArc<[u8]> = vec![2; LENGTH].into();
    let now = class(STRIDE);
    assert_eq!((now.0 - before.0, now.1 - before.1), (2, 2));
    drop((boxed, shared));
    assert_eq!(class(STRIDE).0, before.0);
    // A box that becomes a counted slice gives its room back.
    let text = "t".repeat(LENGTH);
    let texts: (PoolArc<str>, PoolRc<str>) = (
        PoolBox::<str>::from(&*text).into(),
        PoolBox::<str>::from(&*text).into(),
    );
    let bytes: (PoolArc<[u8]>, PoolRc<[u8]>) = (
        PoolBox::from(text.as_bytes()).into(),
        PoolBox::from(text.as_bytes()).into(),
    );
    assert_eq!(class(STRIDE).0 - before.0, 4);
    assert_eq!((&*texts.0, &*texts.1), (&*text, &*text));
    drop((texts, bytes));
    assert_eq!(class(STRIDE).0, before.0);
    let beyond = snapshot().large.live;
    let large: PoolBox<[u8]> = vec![3; 32_769].into();
    let head: PoolArc<[u8]> = vec![4; 32_768].into();
    assert_eq!(
        snapshot().large.live - beyond,
        2,
        "with the head it is too large"
    );
    assert_eq!(large.len() + head.len(), 65_537);
    drop((large, head));
    assert_eq!(snapshot().large.live, beyond);
}

#[test]
fn every_element_is_dropped_once_whoever_panics() {
    let _alone = FIGURES.lock().unwrap_or_else(|broken| broken.into_inner());
    const LENGTH: usize = 5;
    let stride = LENGTH * size_of::<Watched>();
    assert_eq!(stride, 120);
    let live = class(stride).0;
    for panics_at in 0..=LENGTH {
        let drops = Rc::new(Cell::new(0));
        let slice: PoolBox<[Watched]> = Watched::row(LENGTH, &drops, panics_at).into();
        let ended = catch_unwind(AssertUnwindSafe(|| drop(slice)));
        assert_eq!(ended.is_err(), panics_at > 0);
        assert_eq!(drops.get(), LENGTH);
        assert_eq!(class(stride).0, live, "the room is back");
        let drops = Rc::new(Cell::new(0));
        let slice: PoolRc<[Watched]> = Watched::row(LENGTH, &drops, panics_at).into();
        let ended = catch_unwind(AssertUnwindSafe(|| drop(slice.clone())));
        assert!(ended.is_ok() && drops.get() == 0, "not the last");
        let _ = catch_unwind(AssertUnwindSafe(|| drop(slice)));
        assert_eq!(drops.get(), LENGTH);
    }
    let drops = Rc::new(Cell::new(0));
    let slice: PoolBox<[Watched]> = Watched::row(LENGTH, &drops, 0).into();
    let vector = slice.into_vec();
    assert_eq!(
        (drops.get(), class(stride).0),
        (0, live),
        "moved, not dropped"
    );
    drop(vector);
    assert_eq!(drops.get(), LENGTH);
    for clones in 0..LENGTH {
        let drops = Rc::new(Cell::new(0));
        let row = Watched::row(LENGTH, &drops, 0);
        row[0].clones_left.set(clones);
        let made = catch_unwind(AssertUnwindSafe(|| PoolBox::from(&row[..])));
        assert!(made.is_err());
        assert_eq!(drops.get(), clones, "what was cloned is dropped");
        let made = catch_unwind(AssertUnwindSafe(|| PoolArc::<[Watched]>::from(&row[..])));
        assert!(made.is_err(), "none left");
        assert_eq!(class(stride).0, live, "the room is back");
    }
}

#[test]
fn uninitialised_slices() {
    let mut slice = PoolBox::<[u32]>::new_uninit_slice(100);
    for (n, place) in slice.iter_mut().enumerate() {
        place.write(n as u32);
    }
    // SAFETY: written above.
    let slice = unsafe { slice.assume_init() };
    assert_eq!(slice.iter().sum::<u32>(), 4_950);
    let tried = PoolBox::<[u64]>::try_new_uninit_slice(100).expect("there is memory");
    assert_eq!(tried.len(), 100);
    let too_large = PoolBox::<[u64]>::try_new_uninit_slice(usize::MAX / 4);
    assert_eq!(
        too_large.map(|_| ()).map_err(|error| error.reason()),
        Err(Refusal::TooLarge)
    );
    let refused = catch_unwind(|| PoolBox::<[u64]>::new_uninit_slice(usize::MAX / 4));
    assert!(refused.is_err(), "as with a vector");
    let strings = PoolBox::<[String]>::new_uninit_slice(3);
    drop(strings); // nothing is dropped in it
}
