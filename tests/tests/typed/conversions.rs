//! What `Box`, `Arc` and `Rc` turn into one another on stable Rust, with pooled pointers.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use sydra_pool::{PoolArc, PoolBox, PoolRc, Pooled, pool};

#[derive(Pooled, Clone, Debug, PartialEq)]
struct Word(String);

/// The words of a text, so that a wrong drop or copy is one of memory.
fn words(text: &str) -> Vec<Word> {
    text.split(' ').map(|word| Word(word.into())).collect()
}

macro_rules! each_pointer {
    ($($test:ident: $name:ident)*) => {$(
        #[test]
        fn $test() {
            let owned = words("to be or not to be");
            let slices: [$name<[Word]>; 5] = [
                owned.clone().into_boxed_slice().into(),
                Cow::Borrowed(&owned[..]).into(),
                Cow::<[Word]>::Owned(owned.clone()).into(),
                (&mut owned.clone()[..]).into(),
                PoolBox::from(&owned[..]).into(),
            ];
            for slice in slices {
                assert_eq!(*slice, owned[..]);
            }
            let empty: Box<[Word]> = Box::default();
            assert!($name::from(empty).is_empty());
            // What is owned is moved: the texts stay where they are.
            let places: Vec<_> = owned.iter().map(|word| word.0.as_ptr()).collect();
            let moved = $name::<[Word]>::from(Cow::Owned(owned));
            assert!(moved.iter().map(|word| word.0.as_ptr()).eq(places));
            let row = [moved[0].clone(), moved[1].clone()];
            let row = $name::<[Word]>::from(row);
            assert_eq!(*row, words("to be")[..]);
            let row: $name<[Word]> = words("to be").into_iter().collect();
            assert_eq!(*row, words("to be")[..]);

            let texts: [$name<str>; 11] = [
                Box::<str>::from("déjà").into(),
                Cow::Borrowed("déjà").into(),
                Cow::<str>::Owned("déjà".into()).into(),
                "déjà".to_owned().as_mut_str().into(),
                PoolBox::<str>::from("déjà").into(),
                ['d', 'é', 'j', 'à'].iter().collect(),
                ["dé", "jà"].map(String::from).into_iter().collect(),
                ["dé", "jà"].map(Box::<str>::from).into_iter().collect(),
                ["dé", "jà"].map(Cow::from).into_iter().collect(),
                ["dé", "jà"].into_iter().collect(),
                "déjà".chars().collect(),
            ];
            for text in texts {
                assert_eq!(&*text, "déjà");
                let place = text.as_ptr();
                let bytes: $name<[u8]> = text.into();
                assert_eq!(*bytes, *"déjà".as_bytes());
                assert_eq!(bytes.as_ptr(), place, "in its room");
            }
            assert_eq!(&*$name::<str>::default(), "");

            let value: $name<Word> = Box::new(Word("moved".into())).into();
            assert_eq!(value.0, "moved");

            // Also in rooms that were written to: more than a magazine has.
            let many = || 0..if cfg!(miri) { 3 } else { 600 };
            let soiled: Vec<_> = many().map(|_| $name::from([!0_u64; 5])).collect();
            let boxes: Vec<_> = many().map(|_| PoolBox::from([!0_u64; 5])).collect();
            drop((soiled, boxes));
            // SAFETY: zero is a number, and a slice of numbers.
            let zeros = || unsafe { $name::<[u64]>::new_zeroed_slice(5).assume_init() };
            let zeros: Vec<_> = many().map(|_| zeros()).collect();
            assert!(zeros.iter().all(|zeros| **zeros == [0; 5]));
        }
    )*};
}
each_pointer! {
    boxes_are_made_of_what_std_makes_them_of: PoolBox
    arcs_are_made_of_what_std_makes_them_of: PoolArc
    rcs_are_made_of_what_std_makes_them_of: PoolRc
}

macro_rules! each_counting {
    ($($test:ident: $name:ident)*) => {$(
        #[test]
        fn $test() {
            let text: $name<str> = "shared".into();
            let bytes: $name<[u8]> = text.clone().into();
            assert_eq!($name::strong_count(&text), 2, "the bytes are shared, not copied");
            drop(text);
            assert_eq!(*bytes, *b"shared");

            let mut row: $name<[Word]> = words("a b").into();
            let other = row.clone();
            $name::make_mut(&mut row)[0].0.push('!');
            assert_eq!((&*row[0].0, &*other[0].0), ("a!", "a"), "it had got a clone of its own");
            let before = $name::as_ptr(&row);
            $name::make_mut(&mut row)[1].0.push('!');
            assert_eq!(before, $name::as_ptr(&row), "the only one is written in its place");

            let mut text: $name<str> = "quiet".into();
            let other = text.clone();
            $name::make_mut(&mut text).make_ascii_uppercase();
            assert_eq!((&*text, &*other), ("QUIET", "quiet"));

            let mut places = $name::<[Word]>::new_uninit_slice(3);
            let slots = $name::get_mut(&mut places).expect("the only pointer");
            for (slot, word) in slots.iter_mut().zip(words("one two three")) {
                slot.write(word);
            }
            // SAFETY: all three have just been written.
            let written = unsafe { places.assume_init() };
            assert_eq!(*written, words("one two three")[..]);

            let many = || 0..if cfg!(miri) { 3 } else { 600 };
            let soiled: Vec<_> = many().map(|_| $name::new(Number(!0))).collect();
            drop(soiled);
            // SAFETY: zero is a number.
            let zero = || unsafe { $name::<Number>::new_zeroed().assume_init() };
            let zeros: Vec<_> = many().map(|_| zero()).collect();
            assert!(zeros.iter().all(|zero| zero.0 == 0));
            assert_eq!($name::strong_count(&text), 1, "a clone of its own, and only one");

            // With a head it is larger than an address space: a panic, as with a vector.
            let vast = std::panic::catch_unwind(|| {
                drop($name::<[u8]>::new_uninit_slice(isize::MAX as usize - 8));
            });
            assert!(vast.is_err());
        }
    )*};
}
each_counting! {
    arcs_of_slices_and_strings: PoolArc
    rcs_of_slices_and_strings: PoolRc
}

#[derive(Pooled)]
struct Number(u64);

#[test]
fn boxed_slices_are_looped_over() {
    let mut row: PoolBox<[Word]> = words("a b c").into();
    for word in &mut row {
        word.0.push('.');
    }
    let mut seen = String::new();
    for word in &row {
        seen.push_str(&word.0);
    }
    assert_eq!(seen, "a.b.c.");
    let mut rest = row.into_iter();
    assert_eq!(rest.next(), Some(Word("a.".into())));
    assert_eq!(rest.len(), 2, "the others are dropped with the iterator");
    assert_eq!(PoolBox::<str>::from("text").into_string(), "text");
}

#[derive(Pooled, Debug, PartialEq)]
struct Refused(u32);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused {}", self.0)
    }
}

impl Error for Refused {}

#[test]
fn a_question_mark_pools_errors_and_they_come_back() {
    fn plain() -> Result<(), PoolBox<dyn Error>> {
        Err(Refused(1))?;
        Ok(())
    }
    fn sent() -> Result<(), PoolBox<dyn Error + Send + Sync>> {
        Err(Refused(2))?;
        Ok(())
    }
    let (plain, sent) = (plain().unwrap_err(), sent().unwrap_err());
    assert_eq!(plain.to_string(), "refused 1");
    assert_eq!(pool::<Refused>().live(), 2);
    let plain = plain.downcast::<std_error::Other>().expect_err("another");
    let plain: PoolBox<Refused> = plain.downcast().expect("of this type");
    let sent: PoolBox<Refused> = sent.downcast().expect("of this type");
    assert_eq!((plain.0, sent.0), (1, 2));
}

/// An error that nobody reports.
mod std_error {
    #[derive(sydra_pool::Pooled, Debug)]
    pub(super) struct Other;

    impl std::fmt::Display for Other {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            Ok(())
        }
    }

    impl std::error::Error for Other {}
}

#[cfg(unix)]
#[test]
fn handles_of_files_are_passed_on() {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd};

    #[derive(Pooled)]
    struct Log(std::fs::File);

    impl AsRawFd for Log {
        fn as_raw_fd(&self) -> i32 {
            self.0.as_raw_fd()
        }
    }

    impl AsFd for Log {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }

    fn number(of: impl AsFd + AsRawFd) -> i32 {
        assert_eq!(of.as_fd().as_raw_fd(), of.as_raw_fd());
        of.as_raw_fd()
    }

    let file = std::fs::File::open("/dev/null").expect("there is one");
    let expected = file.as_raw_fd();
    let log = PoolArc::new(Log(file));
    assert_eq!(number(log.clone()), expected);
    let log = PoolArc::into_inner(log).expect("the last");
    let log = PoolRc::new(log);
    assert_eq!(number(log.clone()), expected);
    let log = PoolRc::into_inner(log).expect("the last");
    assert_eq!(number(PoolBox::new(log)), expected);
}

/// "Every byte" is those between the fields as well, which a value that is moved loses.
#[test]
fn zeroed_between_the_fields() {
    #[derive(Pooled)]
    #[repr(C)]
    struct Gap(u8, u32);

    fn all_zero<T: ?Sized>(value: &T) {
        let start = core::ptr::from_ref(value).cast::<u8>();
        // SAFETY: the value's bytes, all of which are initialised if it was zeroed.
        let bytes = unsafe { core::slice::from_raw_parts(start, size_of_val(value)) };
        assert!(bytes.iter().all(|byte| *byte == 0));
    }
    all_zero(&*PoolBox::<Gap>::new_zeroed());
    all_zero(&*PoolBox::<Gap>::try_new_zeroed().expect("there is memory"));
    all_zero(&*PoolArc::<Gap>::new_zeroed());
    all_zero(&*PoolRc::<Gap>::new_zeroed());
    all_zero(&*PoolBox::<[Gap]>::new_zeroed_slice(3));
    all_zero(&*PoolArc::<[Gap]>::new_zeroed_slice(3));
    all_zero(&*PoolRc::<[Gap]>::new_zeroed_slice(3));
}
