//! The traits that pass through, against `Arc`'s.

use core::cmp::Ordering;
use core::fmt;
use core::hash::{BuildHasher, Hash};
use core::pin::Pin;
use std::borrow::Borrow;
use std::collections::{BTreeSet, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use sydra_pool::{PoolArc, PoolBox, PoolRc, Pooled};
use tests::counted::{counted, settled};
use tests::noted::{self, Broken};

/// A word whose comparisons are as odd as `f64`'s: 13 is unordered.
#[derive(Clone, Debug, Default, Pooled)]
struct Word(u32);

impl Hash for Word {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl PartialEq for Word {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 && self.0 != 13
    }
}

impl PartialOrd for Word {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        (self.0 != 13 && other.0 != 13).then(|| self.0.cmp(&other.0))
    }
    // Of its own, and told apart from what follows from `partial_cmp`.
    fn lt(&self, other: &Self) -> bool {
        self.0 == 13 || self.0 < other.0
    }
    fn le(&self, other: &Self) -> bool {
        self.0 == 13 || self.0 <= other.0
    }
    fn gt(&self, other: &Self) -> bool {
        self.0 == 13 || self.0 > other.0
    }
    fn ge(&self, other: &Self) -> bool {
        self.0 == 13 || self.0 >= other.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("word {}", self.0))
    }
}

#[derive(Debug, Eq, Ord, PartialEq, PartialOrd, Pooled)]
struct Rank(u32);

macro_rules! compare {
    ($($test:ident, $pointer:ident, $model:ident;)*) => {$(
        #[test]
        fn $test() {
            for left in [3, 7, 13] {
                for right in [3, 7, 13] {
                    let (a, b) = ($pointer::new(Word(left)), $pointer::new(Word(right)));
                    let (x, y) = ($model::new(Word(left)), $model::new(Word(right)));
                    assert_eq!(a == b, x == y);
                    assert_eq!(a != b, x != y);
                    assert_eq!(a.partial_cmp(&b), x.partial_cmp(&y));
                    assert_eq!(a < b, x < y, "{left} < {right}");
                    assert_eq!(a <= b, x <= y, "{left} <= {right}");
                    assert_eq!(a > b, x > y, "{left} > {right}");
                    assert_eq!(a >= b, x >= y, "{left} >= {right}");
                    // Unequal to itself, also behind one pointer.
                    let same = (a == a, x == x);
                    assert_eq!(same.0, same.1);
                }
            }
            let (a, x) = ($pointer::new(Word(7)), $model::new(Word(7)));
            assert_eq!(format!("{a:?} {a:#?} {a} {a:>12}"), format!("{x:?} {x:#?} {x} {x:>12}"));
            assert_eq!(format!("{a:p}"), format!("{:p}", $pointer::as_ptr(&a)));
            let state = std::hash::RandomState::new();
            assert_eq!(state.hash_one(&a), state.hash_one(&x));
            let by_ref: &Word = a.as_ref();
            let borrowed: &Word = a.borrow();
            assert!(core::ptr::eq(by_ref, &raw const *a) && core::ptr::eq(borrowed, by_ref));
            noted::each_comparison(&$pointer::default(), &$pointer::default());
            noted::shown_alike(&$pointer::<Broken>::default());
            noted::the_source(&$pointer::<Broken>::default());
            assert_eq!($pointer::new(Rank(1)).cmp(&$pointer::new(Rank(2))), Ordering::Less);
            assert_eq!($pointer::<Word>::default().0, 0);
            assert_eq!($pointer::from(Word(9)).0, 9);
            let boxed = PoolBox::new(Word(11));
            assert_eq!($pointer::from(boxed).0, 11);
            let pinned: Pin<$pointer<Word>> = $pointer::pin(Word(5));
            assert_eq!(pinned.as_ref().get_ref().0, 5);
            let pinned = $pointer::try_pin(Word(6)).expect("memory");
            assert_eq!(pinned.0, 6);
            assert_eq!($pointer::try_new(Word(1)).expect("memory").0, 1);
            assert_eq!($pointer::new_with(|| Word(2)).0, 2);
            assert_eq!($pointer::try_new_with(|| Word(3)).expect("memory").0, 3);
        }
    )*};
}
compare! {
    many_threads, PoolArc, Arc;
    one_thread, PoolRc, Rc;
}

#[test]
fn sets_of_pointers_are_searched_by_value() {
    #[derive(Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Pooled)]
    struct Key(u64);
    let mut hashed: HashSet<PoolArc<Key>> = HashSet::new();
    let mut ordered: BTreeSet<PoolRc<Key>> = BTreeSet::new();
    for number in 0..50 {
        assert!(hashed.insert(PoolArc::new(Key(number))));
        assert!(!hashed.insert(PoolArc::new(Key(number))));
        assert!(ordered.insert(PoolRc::new(Key(50 - number))));
    }
    assert!(hashed.contains(&Key(7)) && ordered.contains(&Key(7)));
    assert_eq!(ordered.first().expect("the least").0, 1);
    assert_eq!(counted::<Key>().live, 100);
    drop((hashed, ordered));
    settled::<Key>();
}

/// What hashes as the value hashes can be found by the value.
#[test]
fn hashes_are_the_values() {
    fn hash(value: impl Hash) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        value.hash(&mut hasher);
        std::hash::Hasher::finish(&hasher)
    }
    assert_eq!(hash(PoolArc::new(Word(4))), hash(Word(4)));
    assert_eq!(hash(PoolRc::new(Word(4))), hash(Word(4)));
}
