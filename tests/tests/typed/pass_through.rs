//! Every trait `Box` passes through to its value, where stable Rust allows it.

use core::borrow::{Borrow, BorrowMut};
use core::cmp::Ordering;
use core::future::Future;
use core::hash::{BuildHasher, Hash, Hasher};
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::collections::{BTreeSet, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher};

use sydra_pool::{PoolBox, Pooled, pool};

#[derive(Clone, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Pooled)]
struct Name(String);

fn boxed(text: &str) -> PoolBox<Name> {
    PoolBox::new(Name(text.into()))
}

#[test]
fn clone_and_clone_from() {
    let one = boxed("one");
    let mut two = one.clone();
    assert_eq!(one, two);
    assert_ne!(PoolBox::as_ptr(&one), PoolBox::as_ptr(&two));
    let place = PoolBox::as_ptr(&two);
    two.clone_from(&boxed("three"));
    assert_eq!((two.0.as_str(), PoolBox::as_ptr(&two)), ("three", place));

    /// Says which way it was cloned.
    #[derive(Pooled)]
    struct Way(&'static str);
    impl Clone for Way {
        fn clone(&self) -> Self {
            Self("clone")
        }
        fn clone_from(&mut self, _: &Self) {
            self.0 = "clone_from";
        }
    }
    let first = PoolBox::new(Way(""));
    let mut other = first.clone();
    assert_eq!((other.0, pool::<Way>().stats().allocations), ("clone", 2));
    other.clone_from(&first);
    assert_eq!(
        (other.0, pool::<Way>().stats().allocations),
        ("clone_from", 2)
    );
}

#[test]
fn default_and_from() {
    assert_eq!(*PoolBox::<Name>::default(), Name(String::new()));
    let from: PoolBox<Name> = Name("from".into()).into();
    assert_eq!(from.0, "from");
}

#[test]
fn comparison_and_order() {
    let (low, high) = (boxed("a"), boxed("b"));
    assert!(low < high && low != high && high == boxed("b"));
    assert_eq!(low.partial_cmp(&high), Some(Ordering::Less));
    assert_eq!(high.cmp(&low), Ordering::Greater);
    let sorted: BTreeSet<PoolBox<Name>> = ["c", "a", "b"].map(boxed).into_iter().collect();
    let names: Vec<&str> = sorted.iter().map(|name| name.0.as_str()).collect();
    assert_eq!(names, ["a", "b", "c"]);
}

#[test]
fn hashes_as_the_value_does() {
    let build = BuildHasherDefault::<DefaultHasher>::default();
    assert_eq!(build.hash_one(boxed("x")), build.hash_one(Name("x".into())));
    let set: HashSet<PoolBox<Name>> = ["x", "y", "x"].map(boxed).into_iter().collect();
    assert_eq!(set.len(), 2);
    // `Borrow`: a set of boxes is asked with a plain value.
    assert!(set.contains(&Name("y".into())));
}

#[test]
fn formats_as_the_value_does() {
    #[derive(Pooled)]
    struct Shown;
    impl core::fmt::Display for Shown {
        fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            out.pad("shown")
        }
    }
    assert_eq!(format!("{:>8}|", PoolBox::new(Shown)), "   shown|");
    assert_eq!(
        format!("{:?}", boxed("q")),
        format!("{:?}", Name("q".into()))
    );
    let name = boxed("p");
    assert_eq!(format!("{name:p}"), format!("{:p}", PoolBox::as_ptr(&name)));
}

#[test]
fn references_of_all_kinds() {
    let mut name = boxed("ref");
    let by_ref: &Name = name.as_ref();
    assert_eq!(by_ref.0, "ref");
    let borrowed: &Name = name.borrow();
    assert_eq!(borrowed.0, "ref");
    let by_mut: &mut Name = name.as_mut();
    by_mut.0.push('1');
    let borrowed: &mut Name = name.borrow_mut();
    borrowed.0.push('2');
    name.0.push('3');
    assert_eq!(name.0, "ref123");
}

#[test]
fn iterators() {
    #[derive(Pooled)]
    struct Steps {
        next: u32,
        end: u32,
    }
    impl Iterator for Steps {
        type Item = u32;
        fn next(&mut self) -> Option<u32> {
            let now = (self.next < self.end).then_some(self.next)?;
            self.next += 1;
            Some(now)
        }
        fn size_hint(&self) -> (usize, Option<usize>) {
            let left = (self.end - self.next) as usize;
            (left, Some(left))
        }
    }
    impl ExactSizeIterator for Steps {}
    impl DoubleEndedIterator for Steps {
        fn next_back(&mut self) -> Option<u32> {
            (self.next < self.end).then(|| {
                self.end -= 1;
                self.end
            })
        }
    }
    impl core::iter::FusedIterator for Steps {}
    fn fused(_: &impl core::iter::FusedIterator) {}

    let mut steps = PoolBox::new(Steps { next: 0, end: 5 });
    fused(&steps);
    assert_eq!((steps.len(), steps.size_hint()), (5, (5, Some(5))));
    assert_eq!(
        (steps.next(), steps.next_back(), steps.nth(1)),
        (Some(0), Some(4), Some(2))
    );
    assert_eq!(steps.collect::<Vec<_>>(), [3]);
}

#[test]
fn futures() {
    #[derive(Pooled)]
    struct Twice(u32);
    impl Future for Twice {
        type Output = &'static str;
        fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<&'static str> {
            self.0 += 1;
            if self.0 == 2 {
                Poll::Ready("done")
            } else {
                Poll::Pending
            }
        }
    }
    let mut future = PoolBox::new(Twice(0));
    let mut context = Context::from_waker(Waker::noop());
    assert_eq!(Pin::new(&mut future).poll(&mut context), Poll::Pending);
    assert_eq!(
        Pin::new(&mut future).poll(&mut context),
        Poll::Ready("done")
    );
}

#[test]
fn errors() {
    #[derive(Debug, Pooled)]
    struct Broken(std::num::ParseIntError);
    impl core::fmt::Display for Broken {
        fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
            write!(out, "broken")
        }
    }
    impl core::error::Error for Broken {
        fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let cause = "x".parse::<u32>().expect_err("not a number");
    let error: Box<dyn core::error::Error> = Box::new(PoolBox::new(Broken(cause)));
    assert_eq!(error.to_string(), "broken");
    assert!(error.source().is_some());
}

#[test]
fn hashers() {
    #[derive(Default, Pooled)]
    struct Inner(DefaultHasher);
    impl Hasher for Inner {
        fn finish(&self) -> u64 {
            self.0.finish()
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0.write(bytes);
        }
    }
    let mut through = PoolBox::<Inner>::default();
    let mut plain = Inner::default();
    for hasher in [&mut through as &mut dyn Hasher, &mut plain] {
        "same".hash(&mut &mut *hasher);
        hasher.write_u32(7);
    }
    assert_eq!(through.finish(), plain.finish());
}

#[test]
fn readers_and_writers() {
    use std::io::{BufRead, Read, Seek, SeekFrom, Write};
    #[derive(Pooled)]
    struct File(std::io::Cursor<Vec<u8>>);
    impl Read for File {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(buffer)
        }
    }
    impl Write for File {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            self.0.flush()
        }
    }
    impl Seek for File {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }
    impl BufRead for File {
        fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
            self.0.fill_buf()
        }
        fn consume(&mut self, bytes: usize) {
            self.0.consume(bytes);
        }
    }
    let mut file = PoolBox::new(File(std::io::Cursor::new(Vec::new())));
    write!(file, "first\nsecond\n").expect("memory can be written");
    file.seek(SeekFrom::Start(0)).expect("memory can be sought");
    let mut line = String::new();
    file.read_line(&mut line).expect("memory can be read");
    assert_eq!(line, "first\n");
    line.clear();
    file.read_to_string(&mut line).expect("memory can be read");
    assert_eq!(line, "second\n");
}
