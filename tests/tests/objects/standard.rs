//! Trait objects of the standard library's traits.

use core::error::Error;
use core::fmt;
use core::future::Future;
use core::hash::Hasher;
use core::marker::PhantomPinned;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};
use std::io::{BufRead, Read, Write};

use sydra_pool::{PoolArc, PoolBox, Pooled, Stored, coerce, pool};

/// A future that must not move, and says when it did.
#[derive(Pooled)]
struct Countdown {
    left: u32,
    place: usize,
    _stays: PhantomPinned,
}

impl Countdown {
    fn new(left: u32) -> Self {
        Self {
            left,
            place: 0,
            _stays: PhantomPinned,
        }
    }
}

impl Future for Countdown {
    type Output = u32;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<u32> {
        // SAFETY: nothing moves out of it.
        let this = unsafe { self.get_unchecked_mut() };
        let place = (&raw const *this).addr();
        assert!(
            this.place == 0 || this.place == place,
            "a pinned future has moved"
        );
        this.place = place;
        if this.left == 0 {
            return Poll::Ready(7);
        }
        this.left -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// Polls until it is done; how often it was not.
fn run<F: Future + ?Sized + Stored>(mut future: Pin<PoolBox<F>>) -> (u32, F::Output) {
    let mut context = Context::from_waker(Waker::noop());
    let mut pending = 0;
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return (pending, output),
            Poll::Pending => pending += 1,
        }
    }
}

#[test]
fn futures() {
    let plain = coerce!(PoolBox::pin(Countdown::new(3)) => dyn Future<Output = u32>);
    assert_eq!(run(plain), (3, 7));
    // In another thread, half way.
    let mut moved = coerce!(PoolBox::pin(Countdown::new(5)) => dyn Future<Output = u32> + Send);
    let mut context = Context::from_waker(Waker::noop());
    assert!(moved.as_mut().poll(&mut context).is_pending());
    let end = std::thread::spawn(move || run(moved))
        .join()
        .expect("no panic");
    assert_eq!(end, (4, 7));
    // A generic wrapper takes any future, those of `async` blocks too.
    #[derive(Pooled)]
    struct Task<F>(F);
    impl<F: Future> Future for Task<F> {
        type Output = F::Output;
        fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
            // SAFETY: the one field is pinned with the whole.
            unsafe { self.map_unchecked_mut(|task| &mut task.0) }.poll(context)
        }
    }
    let text = String::from("borrowed");
    let task = Task(async {
        let mut sum = 0;
        for left in 0..3 {
            sum += Countdown::new(left).await;
        }
        (sum, text.len())
    });
    let task = coerce!(PoolBox::pin(task) => dyn Future<Output = (u32, usize)> + '_);
    assert_eq!(run(task), (3, (21, 8)));
    // Dropped before it is done.
    drop(coerce!(PoolBox::pin(Countdown::new(5)) => dyn Future<Output = u32>));
    assert_eq!(pool::<Countdown>().live(), 0);
}

#[derive(Debug, Pooled)]
struct Failure(fmt::Error);

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it failed")
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn errors() {
    fn fails() -> Result<(), PoolBox<dyn Error + Send + Sync>> {
        Err(coerce!(PoolBox::new(Failure(fmt::Error)) => dyn Error + Send + Sync))
    }
    fn passes_on() -> Result<(), PoolBox<dyn Error + Send + Sync>> {
        fails()?;
        Ok(())
    }
    let error = passes_on().expect_err("it fails");
    assert_eq!(format!("{error}, {error:?}"), "it failed, Failure(Error)");
    // The box itself is an error with the same source.
    let as_error: &dyn Error = &error;
    assert!(as_error.source().expect("a source").is::<fmt::Error>());
    assert!(error.is::<Failure>());
    drop(error);
    assert_eq!(pool::<Failure>().live(), 0);
    let shared = coerce!(PoolArc::new(Failure(fmt::Error)) => dyn Error + Send + Sync);
    assert_eq!(shared.clone().to_string(), "it failed");
}

/// Counts up, and notices the methods that were called.
#[derive(Pooled)]
struct Count {
    next: u32,
    end: u32,
    calls: &'static str,
}

impl Count {
    fn to(end: u32) -> Self {
        Self {
            next: 0,
            end,
            calls: "",
        }
    }
}

impl Iterator for Count {
    type Item = u32;
    fn next(&mut self) -> Option<u32> {
        let next = self.next;
        self.next += 1;
        (next < self.end).then_some(next)
    }
    fn nth(&mut self, n: usize) -> Option<u32> {
        self.calls = "nth";
        self.next += n as u32;
        self.next()
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.end.saturating_sub(self.next) as usize;
        (left, Some(left))
    }
    fn last(self) -> Option<u32> {
        assert_ne!(self.calls, "nth", "as told by the test");
        self.end.checked_sub(1)
    }
}

impl DoubleEndedIterator for Count {
    fn next_back(&mut self) -> Option<u32> {
        (self.next < self.end).then(|| {
            self.end -= 1;
            self.end
        })
    }
}

impl ExactSizeIterator for Count {}

#[test]
fn iterators() {
    let count = |end| coerce!(PoolBox::new(Count::to(end)) => dyn Iterator<Item = u32>);
    assert_eq!(count(5).sum::<u32>(), 10);
    let mut some = count(9);
    assert_eq!(
        (some.nth(4), some.next(), some.size_hint()),
        (Some(4), Some(5), (3, Some(3)))
    );
    assert_eq!(some.by_ref().take(1).collect::<Vec<_>>(), [6]);
    // `last` takes the box: of a trait object by going through, of a known type by its own method.
    assert_eq!(some.last(), Some(8));
    assert_eq!((count(4).last(), count(0).last()), (Some(3), None));
    assert_eq!(PoolBox::new(Count::to(4)).last(), Some(3));
    assert_eq!(pool::<Count>().live(), 0);
    let panics = PoolBox::new(Count {
        calls: "nth",
        ..Count::to(4)
    });
    let end = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| panics.last()));
    assert!(end.is_err());
    assert_eq!(
        pool::<Count>().live(),
        0,
        "the block of a `last` that panicked"
    );

    let both = coerce!(PoolBox::new(Count::to(5)) => dyn DoubleEndedIterator<Item = u32> + Send);
    assert_eq!(both.rev().collect::<Vec<_>>(), [4, 3, 2, 1, 0]);
    let exact = coerce!(PoolBox::new(Count::to(5)) => dyn ExactSizeIterator<Item = u32> + Sync);
    assert_eq!(exact.len(), 5);
    drop(exact);
    let borrowed = String::from("a b c");
    #[derive(Pooled)]
    struct Words<'t>(std::str::Split<'t, char>);
    impl<'t> Iterator for Words<'t> {
        type Item = &'t str;
        fn next(&mut self) -> Option<&'t str> {
            self.0.next()
        }
    }
    let words = coerce!(PoolBox::new(Words(borrowed.split(' '))) => dyn Iterator<Item = &str> + '_);
    assert_eq!(words.last(), Some("c"));
    assert_eq!(
        (pool::<Count>().live(), pool::<Words<'static>>().live()),
        (0, 0)
    );
}

#[test]
fn readers_and_writers() {
    #[derive(Pooled)]
    struct Bytes(std::io::Cursor<Vec<u8>>);
    impl Read for Bytes {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(buffer)
        }
    }
    impl BufRead for Bytes {
        fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
            self.0.fill_buf()
        }
        fn consume(&mut self, amount: usize) {
            self.0.consume(amount);
        }
    }
    #[derive(Pooled)]
    struct Sink<'t>(&'t mut Vec<u8>);
    impl Write for Sink<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl fmt::Write for Sink<'_> {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            self.0.extend_from_slice(text.as_bytes());
            Ok(())
        }
    }
    let bytes = || Bytes(std::io::Cursor::new(b"first\nsecond\n".to_vec()));
    let mut reader = coerce!(PoolBox::new(bytes()) => dyn Read + Send);
    let mut text = String::new();
    assert_eq!(reader.read_to_string(&mut text).expect("text"), 13);
    let lines = coerce!(PoolBox::new(bytes()) => dyn BufRead);
    let lines: Vec<String> = lines.lines().map(|line| line.expect("a line")).collect();
    assert_eq!(lines, ["first", "second"]);
    let mut out = Vec::new();
    let mut writer = coerce!(PoolBox::new(Sink(&mut out)) => dyn Write + '_);
    write!(writer, "{}-", 7).expect("room");
    std::io::copy(&mut text.as_bytes(), &mut writer).expect("room");
    writer.flush().expect("nothing to do");
    drop(writer);
    let mut formatter = coerce!(PoolBox::new(Sink(&mut out)) => dyn fmt::Write + '_);
    formatter.write_str("end").expect("room");
    drop(formatter);
    assert_eq!(out, b"7-first\nsecond\nend");
}

#[test]
fn what_can_be_shown_and_hashed() {
    #[derive(Debug, Default, Pooled)]
    struct Sum(u64);
    impl fmt::Display for Sum {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.pad_integral(true, "", &self.0.to_string())
        }
    }
    impl Hasher for Sum {
        fn finish(&self) -> u64 {
            self.0
        }
        fn write(&mut self, bytes: &[u8]) {
            self.0 += bytes.iter().map(|&byte| u64::from(byte)).sum::<u64>();
        }
    }
    let shown = coerce!(PoolArc::new(Sum(7)) => dyn fmt::Display + Send + Sync);
    assert_eq!(format!("{shown:>5}|{shown:<3}"), "    7|7  ");
    let debugged = coerce!(PoolBox::new(Sum(7)) => dyn fmt::Debug);
    assert_eq!(format!("{debugged:?}"), "Sum(7)");
    let mut hasher = coerce!(PoolBox::new(Sum(0)) => dyn Hasher);
    hasher.write(&[1, 2, 3]);
    hasher.write_u8(4);
    assert_eq!(hasher.finish(), 10);
    drop((shown, debugged, hasher));
    assert_eq!(pool::<Sum>().live(), 0);
}
