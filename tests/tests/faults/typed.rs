//! The typed door under refusal.

use core::mem::MaybeUninit;
use std::rc::Rc;

use sydra_pool::__private::v1::faults;
use sydra_pool::{AllocError, PoolBox, Pooled, Refusal, Snapshot, pool};
use tests::child::Apart;

use crate::sweep::{Mood, sweep, sweep_after};

/// More than a slab of each type below.
const MANY: u64 = 1_500;

/// More than a chunk of the address space, which is what the system is asked for at a time.
const A_CHUNK: u64 = 40_000;

/// The engine may be slow to believe that the system serves again: so many requests at most.
const SLOW: u64 = 256;

/// A value that owns something, so that a lost or doubled one shows.
#[derive(Debug, Pooled)]
struct Value {
    number: u64,
    text: String,
    body: [u64; 8],
}

impl Value {
    fn new(number: u64) -> Self {
        Self {
            number,
            text: number.to_string(),
            body: [number; 8],
        }
    }

    fn check(&self, number: u64) {
        assert_eq!((self.number, &self.text), (number, &number.to_string()));
        assert_eq!(self.body, [number; 8]);
    }
}

/// What an operation gave: a box, or the error that it may give in a stingy mood.
fn judge<T, V>(mood: Mood, result: Result<T, AllocError<V>>) -> Result<T, AllocError<V>> {
    if let Err(error) = &result {
        assert_eq!(mood, Mood::Stingy, "refused though nothing was");
        assert!(
            matches!(error.reason(), Refusal::OutOfMemory),
            "{:?}",
            error.reason()
        );
        // An error can be shown without its value being `Debug`.
        assert!(!format!("{error} {error:?}").is_empty());
    }
    result
}

/// Makes many, checks all, frees all; those that were refused keep their value.
fn make_many(
    mood: Mood,
    count: u64,
    make: impl Fn(Value) -> Result<PoolBox<Value>, AllocError<Value>>,
) {
    let mut made = Vec::new();
    for number in 0..count {
        match judge(mood, make(Value::new(number))) {
            Ok(boxed) => made.push((number, boxed)),
            Err(error) => {
                error.value().check(number);
                error.into_inner().check(number);
            }
        }
    }
    made.iter().for_each(|(number, boxed)| boxed.check(*number));
    assert_eq!(pool::<Value>().live(), made.len() as u64);
    drop(made);
    let figures = pool::<Value>().stats();
    assert_eq!((figures.live, figures.allocations), (0, figures.frees));
}

#[test]
fn try_new() {
    sweep("typed::try_new", |mood| {
        make_many(mood, MANY, PoolBox::try_new)
    });
}

#[test]
fn try_new_with_and_uninit() {
    sweep("typed::try_new_with_and_uninit", |mood| {
        let mut kept = Vec::new();
        for number in 0..MANY {
            match judge(mood, PoolBox::try_new_with(|| Value::new(number))) {
                Ok(boxed) => boxed.check(number),
                // The closure comes back uncalled.
                Err(error) => error.into_inner()().check(number),
            }
            match judge(mood, PoolBox::try_new(MaybeUninit::<Value>::uninit())) {
                Ok(block) => kept.push(PoolBox::write(block, Value::new(number))),
                Err(error) => drop(error.into_inner()),
            }
        }
        drop(kept);
        assert_eq!(pool::<Value>().live(), 0);
    });
}

/// A shared class, the case of every generic type.
#[test]
fn shared_classes() {
    #[derive(Pooled)]
    struct Wrapper<T>(T);
    sweep("typed::shared_classes", |mood| {
        let mut kept = Vec::new();
        for number in 0..MANY {
            match judge(mood, PoolBox::try_new(Wrapper([number; 9]))) {
                Ok(boxed) => kept.push(boxed),
                Err(error) => assert_eq!(error.into_inner().0, [number; 9]),
            }
        }
        assert!(kept.iter().all(|boxed| boxed.0 == [boxed.0[0]; 9]));
    });
}

/// What no class holds: the backing allocator refuses.
#[test]
fn large_and_over_aligned_values() {
    #[derive(Pooled)]
    struct Large([u8; 50_000]);
    #[derive(Pooled)]
    #[repr(align(16384))]
    struct OverAligned(u64);
    sweep("typed::large_and_over_aligned_values", |mood| {
        let (mut large, mut over) = (Vec::new(), Vec::new());
        for number in 0..3 {
            match judge(mood, PoolBox::try_new(Large([number; 50_000]))) {
                Ok(boxed) => large.push(boxed),
                Err(error) => assert_eq!(error.into_inner().0, [number; 50_000]),
            }
            match judge(mood, PoolBox::try_new(OverAligned(u64::from(number)))) {
                Ok(boxed) => over.push(boxed),
                Err(error) => assert_eq!(error.into_inner().0, u64::from(number)),
            }
        }
        assert!(large.iter().all(|large| large.0 == [large.0[0]; 50_000]));
        assert!(
            over.iter()
                .all(|over| PoolBox::as_ptr(over).addr().is_multiple_of(16_384))
        );
    });
}

/// A type without a fallback.
#[derive(Pooled)]
#[pooled(fallback = "none")]
struct Alone([u64; 8]);

/// A type without a fallback says so, and never goes there.
#[test]
fn no_fallback() {
    sweep("typed::no_fallback", |mood| {
        let mut kept: Vec<PoolBox<Alone>> = Vec::new();
        let mut refused = 0;
        for number in 0..MANY {
            match PoolBox::try_new(Alone([number; 8])) {
                Ok(boxed) => kept.push(boxed),
                Err(error) => {
                    refused += 1;
                    assert!(mood == Mood::Stingy || refused < SLOW, "still refused");
                    assert_eq!(error.reason(), Refusal::FallbackOff);
                    assert_eq!(error.into_inner().0, [number; 8]);
                }
            }
        }
        assert_eq!(pool::<Alone>().live(), kept.len() as u64);
        kept.clear();
        assert_eq!(pool::<Alone>().live(), 0);
        assert_eq!(sydra_pool::snapshot().fallback.allocs, 0);
    });
}

/// Refused from the first request on, and once the slabs have run out.
#[test]
fn no_fallback_gives_the_value_back() {
    let test = "typed::no_fallback_gives_the_value_back";
    let apart = Apart::new(test, |ready| {
        let ready: u64 = ready.parse().expect("a number");
        let mut kept: Vec<_> = (0..ready).map(|n| PoolBox::new(Alone([n; 8]))).collect();
        faults::refuse_from(0);
        let error = (ready..ready + A_CHUNK)
            .find_map(|n| match PoolBox::try_new(Alone([n; 8])) {
                Ok(boxed) => {
                    kept.push(boxed);
                    None
                }
                Err(error) => Some(error),
            })
            .expect("nothing was refused: the test saw nothing");
        let refused = kept.len() as u64;
        assert!(refused > 0 || ready == 0);
        assert_eq!(error.reason(), Refusal::FallbackOff);
        assert_eq!(error.value().0, [refused; 8]);
        assert_eq!(error.into_inner().0, [refused; 8]);
        assert!(kept.iter().zip(0..).all(|(one, n)| one.0 == [n; 8]));
        assert_eq!(pool::<Alone>().live(), refused);
        assert_eq!(sydra_pool::snapshot().fallback.allocs, 0);
    });
    for ready in [0, 1] {
        apart.run(ready).succeeded();
    }
}

/// Every way to ask that can fail: the reason, the text, and the value back or dropped.
#[test]
fn each_refusal_with_its_value_and_without() {
    #[derive(Debug, Pooled)]
    struct Marked(
        u64,
        #[expect(dead_code, reason = "counts the values alive")] Rc<()>,
    );
    let test = "typed::each_refusal_with_its_value_and_without";
    let apart = Apart::new(test, |_| {
        faults::refuse_from(0);
        let mark = Rc::new(());
        let marked = |number| Marked(number, Rc::clone(&mark));
        let error = PoolBox::try_pin(marked(1)).expect_err("refused");
        assert_eq!(error.value().0, 1);
        assert_eq!(error.into_inner().0, 1);
        let error = PoolBox::try_new(marked(2)).expect_err("refused");
        assert_eq!((error.value().0, Rc::strong_count(&mark)), (2, 2));
        let error: AllocError = error.without_value();
        assert_eq!(Rc::strong_count(&mark), 1, "the value is dropped");
        let uninit = PoolBox::<Marked>::try_new_uninit().map(drop);
        let zeroed = PoolBox::<Marked>::try_new_zeroed().map(drop);
        for error in [Err(error), uninit, zeroed] {
            let error = error.expect_err("refused");
            assert_eq!(error.reason(), Refusal::OutOfMemory);
            assert_eq!(error.to_string(), "pool allocation refused: out of memory");
        }
        assert_eq!(pool::<Marked>().live(), 0);
    });
    apart.run("").succeeded();
}

#[test]
fn reserve() {
    sweep("typed::reserve", |mood| {
        let mut refused = 0;
        while let Err(error) = pool::<Value>().reserve(5_000) {
            assert_eq!(error.reason(), Refusal::OutOfMemory);
            refused += 1;
            if mood == Mood::Stingy {
                break;
            }
            assert!(refused < SLOW, "still refused");
        }
        make_many(mood, MANY, PoolBox::try_new);
    });
}

/// Growth beyond the first slabs, when the engine is already at work.
#[test]
fn growth() {
    let start = || drop(PoolBox::new(Value::new(0)));
    sweep_after("typed::growth", start, |mood| {
        make_many(mood, A_CHUNK, PoolBox::try_new)
    });
}

/// Questions and housekeeping cannot fail, whatever the system says.
#[test]
fn questions_and_trim() {
    sweep("typed::questions_and_trim", |mood| {
        let mut snapshot = Snapshot::default();
        sydra_pool::snapshot_into(&mut snapshot);
        assert_eq!(pool::<Value>().live(), 0);
        assert_eq!(pool::<Value>().name(), "Value");
        assert!(pool::<Value>().geometry().stride >= size_of::<Value>());
        sydra_pool::trim();
        pool::<Value>().trim();
        make_many(mood, MANY, PoolBox::try_new);
        pool::<Value>().trim();
        sydra_pool::trim();
        sydra_pool::snapshot_into(&mut snapshot);
        assert!(snapshot.to_string().starts_with("memory\n  live blocks"));
    });
}

/// Blocks that were made before the refusals are read and freed under them.
#[test]
fn frees_need_no_memory() {
    use std::cell::RefCell;
    thread_local! {
        static KEPT: RefCell<Vec<PoolBox<Value>>> = const { RefCell::new(Vec::new()) };
    }
    let start = || {
        KEPT.with_borrow_mut(|kept| {
            kept.extend((0..MANY * 4).map(|n| PoolBox::new(Value::new(n))))
        });
    };
    sweep_after("typed::frees_need_no_memory", start, |mood| {
        KEPT.with_borrow_mut(|kept| {
            kept.iter()
                .zip(0..)
                .for_each(|(value, number)| value.check(number));
            kept.clear();
        });
        assert_eq!(pool::<Value>().live(), 0);
        make_many(mood, MANY, PoolBox::try_new);
        // So that there is a request to refuse at all.
        let _ = pool::<Value>().reserve(A_CHUNK as usize);
    });
}
