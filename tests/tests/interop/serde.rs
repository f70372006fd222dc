//! Values to JSON and back, into their pools; what a pool refuses is an error.

use core::fmt::Debug;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use serde::de::value::{BytesDeserializer, Error as ValueError, SeqDeserializer};
use serde::{Deserialize, Serialize};
use sydra_pool::{PoolArc, PoolBox, PoolRc, Pooled, pool};

#[derive(Pooled, Serialize, Deserialize, PartialEq, Eq, Debug, Clone, Default)]
#[serde(default)]
struct Level {
    price: u64,
    name: Option<PoolBox<str>>,
    below: Option<PoolBox<Level>>,
}

impl Level {
    fn chain(length: u64) -> Self {
        (0..length).fold(Self::default(), |below, price| Self {
            price,
            name: Some(PoolBox::from(format!("level \"{price}\"\n"))),
            below: Some(PoolBox::new(below)),
        })
    }
}

/// Goes to JSON as `model` does, and comes back equal.
fn round<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, model: &impl Serialize) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(text, serde_json::to_string(model).unwrap());
    assert_eq!(serde_json::from_str::<T>(&text).unwrap(), *value);
    // From a reader no text can be borrowed.
    assert_eq!(
        serde_json::from_reader::<_, T>(text.as_bytes()).unwrap(),
        *value
    );
}

#[test]
fn values_come_back_equal() {
    let level = Level::chain(40);
    round(&PoolBox::new(level.clone()), &level);
    round(&PoolArc::new(level.clone()), &level);
    round(&PoolRc::new(level.clone()), &level);
}

#[test]
fn slices_and_strings_come_back_equal() {
    for length in [0, 1, 7, 300, 5_000] {
        let numbers: Vec<u64> = (0..length).collect();
        round(&PoolBox::<[u64]>::from(&numbers[..]), &numbers);
        round(&PoolArc::<[u64]>::from(&numbers[..]), &numbers);
        round(&PoolRc::<[u64]>::from(&numbers[..]), &numbers);
        let text: String = (0..length)
            .filter_map(|n| char::from_u32(n as u32))
            .collect();
        round(&PoolBox::<str>::from(&*text), &text);
        round(&PoolArc::<str>::from(&*text), &text);
        round(&PoolRc::<str>::from(&*text), &text);
    }
    // Elements that own something, and elements without size.
    let names: Vec<String> = (0..100).map(|n| format!("name {n}")).collect();
    round(&PoolBox::<[String]>::from(names.clone()), &names);
    round(&PoolArc::<[()]>::from([(), ()]), &[(), ()]);
}

#[test]
fn sharing_is_not_kept() {
    #[derive(Pooled, Serialize, Deserialize, PartialEq, Debug)]
    struct Symbol(String);
    let symbol = PoolArc::new(Symbol("XYZ".into()));
    let pair = (PoolArc::clone(&symbol), symbol);
    let text = serde_json::to_string(&pair).unwrap();
    let back: (PoolArc<Symbol>, PoolArc<Symbol>) = serde_json::from_str(&text).unwrap();
    assert_eq!(back, pair);
    assert!(!PoolArc::ptr_eq(&back.0, &back.1));
    assert_eq!(PoolArc::strong_count(&back.0), 1);
    let back: [PoolRc<Symbol>; 2] = serde_json::from_str(&text).unwrap();
    assert!(!PoolRc::ptr_eq(&back[0], &back[1]));
    assert_eq!(back.map(|one| PoolRc::strong_count(&one)), [1, 1]);
}

#[test]
fn a_wrong_document_is_an_error_and_leaves_nothing() {
    #[derive(Pooled, Serialize, Deserialize, Debug)]
    struct Pair(u64, PoolBox<str>);
    for text in ["7", "[1]", "[1,2]", r#"[1,"a",3]"#, r#"[1,"a"#, "{}"] {
        assert!(
            serde_json::from_str::<PoolBox<Pair>>(text).is_err(),
            "{text}"
        );
        assert!(
            serde_json::from_str::<PoolArc<Pair>>(text).is_err(),
            "{text}"
        );
    }
    let error = serde_json::from_str::<PoolBox<[u8]>>(r#""text""#).unwrap_err();
    assert!(error.to_string().contains("expected a sequence"), "{error}");
    let error = serde_json::from_str::<PoolBox<str>>("[]").unwrap_err();
    assert!(error.to_string().contains("expected a string"), "{error}");
    assert_eq!(pool::<Pair>().live(), 0);
}

/// Elements read before the error are dropped, each once.
#[test]
fn a_broken_sequence_drops_what_was_read() {
    thread_local!(static SEEN: Rc<()> = Rc::new(()));
    struct Held(#[expect(dead_code, reason = "counts")] Rc<()>);
    impl<'de> Deserialize<'de> for Held {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            u8::deserialize(deserializer).map(|_| Held(SEEN.with(Rc::clone)))
        }
    }
    let left = || SEEN.with(Rc::strong_count) - 1;
    assert!(serde_json::from_str::<PoolBox<[Held]>>("[1,2,3,false]").is_err());
    assert_eq!(left(), 0);
    let held: PoolArc<[Held]> = serde_json::from_str("[1,2,3]").unwrap();
    assert_eq!((held.len(), left()), (3, 3));
    drop(held);
    assert_eq!(left(), 0);
}

/// A sequence that says it has more elements than there is memory for.
#[test]
fn a_hint_that_lies_is_not_believed() {
    struct Liar(core::ops::Range<u32>);
    impl Iterator for Liar {
        type Item = u32;
        fn next(&mut self) -> Option<u32> {
            self.0.next()
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            (usize::MAX / 2, Some(usize::MAX / 2))
        }
    }
    let from = SeqDeserializer::<_, ValueError>::new(Liar(0..3));
    let slice = PoolBox::<[u32]>::deserialize(from).unwrap();
    assert_eq!(*slice, [0, 1, 2]);
}

#[test]
fn in_place_keeps_the_block() {
    let mut level = PoolBox::new(Level::chain(2));
    let block = PoolBox::as_ptr(&level);
    let mut from = serde_json::Deserializer::from_str(r#"{"price":5}"#);
    Deserialize::deserialize_in_place(&mut from, &mut level).unwrap();
    assert_eq!((level.price, PoolBox::as_ptr(&level)), (5, block));
    assert_eq!(level.below, None);
}

#[cfg(all(unix, not(miri)))]
mod refused {
    use super::*;
    use sydra_pool::__private::v1::faults;
    use tests::child::Apart;

    fn read<T: DeserializeOwned + PartialEq + Debug + 'static>(
        text: &'static str,
    ) -> Box<dyn Fn() -> Result<(), String>> {
        Box::new(move || {
            let read = serde_json::from_str::<T>(text);
            read.map(drop).map_err(|error| error.to_string())
        })
    }

    #[test]
    fn no_memory_is_an_error() {
        let test = "serde::refused::no_memory_is_an_error";
        let apart = Apart::new(test, |_| {
            let level = r#"{"price":1}"#;
            let all = [
                read::<PoolBox<Level>>(r#"{"price":1,"below":{"price":2}}"#),
                read::<PoolBox<Level>>(level),
                read::<PoolArc<Level>>(level),
                read::<PoolRc<Level>>(level),
                read::<PoolBox<[u64]>>("[1,2,3]"),
                read::<PoolArc<[u64]>>("[1,2,3]"),
                read::<PoolRc<[u64]>>("[1,2,3]"),
                read::<PoolBox<str>>(r#""text""#),
                read::<PoolArc<str>>(r#""text""#),
                read::<PoolRc<str>>(r#""text""#),
            ];
            faults::refuse_from(0);
            for read in &all {
                let said = read().expect_err("nothing is served");
                assert!(said.contains("out of memory"), "{said}");
            }
            faults::allow_all();
            // The engine may be slow to believe that the system serves again.
            for read in &all {
                assert!((0..256).any(|_| read().is_ok()));
            }
            println!("\nall as errors");
        });
        assert!(apart.run("").succeeded().said("all as errors"));
    }
}

/// Some formats give bytes where a string is asked for: a `String` takes them if they are text.
#[test]
fn text_may_come_as_bytes() {
    fn read<P: DeserializeOwned>(bytes: &[u8]) -> Result<P, ValueError> {
        P::deserialize(BytesDeserializer::new(bytes))
    }
    assert_eq!(read::<String>(b"text").unwrap(), "text");
    assert_eq!(&*read::<PoolBox<str>>(b"text").unwrap(), "text");
    assert_eq!(&*read::<PoolArc<str>>(b"text").unwrap(), "text");
    assert_eq!(&*read::<PoolRc<str>>(b"text").unwrap(), "text");
    assert_eq!(
        read::<PoolBox<str>>(b"\xff").unwrap_err(),
        read::<String>(b"\xff").unwrap_err()
    );
}
