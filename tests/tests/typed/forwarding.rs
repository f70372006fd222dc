//! Every method of a trait that `PoolBox` passes on arrives at the value's own method: values that
//! write down what they were called for.

use core::cell::RefCell;
use core::cmp::Ordering;
use core::error::Error;
use core::fmt;
use core::hash::Hasher;
use std::io::{BufRead, IoSlice, IoSliceMut, Read, Result, Seek, SeekFrom, Write};

use sydra_pool::{PoolBox, Pooled};

/// What was called, in order.
#[derive(Default, Pooled)]
struct Log(RefCell<Vec<String>>);

impl Log {
    fn note(&self, call: impl Into<String>) {
        self.0.borrow_mut().push(call.into());
    }

    /// What was called since the last time.
    fn taken(&self) -> Vec<String> {
        self.0.take()
    }
}

impl PartialEq for Log {
    fn eq(&self, _: &Self) -> bool {
        self.note("eq");
        true
    }
    #[expect(clippy::partialeq_ne_impl, reason = "it is passed on too")]
    fn ne(&self, _: &Self) -> bool {
        self.note("ne");
        true
    }
}

impl PartialOrd for Log {
    fn partial_cmp(&self, _: &Self) -> Option<Ordering> {
        self.note("partial_cmp");
        None
    }
    fn lt(&self, _: &Self) -> bool {
        self.note("lt");
        true
    }
    fn le(&self, _: &Self) -> bool {
        self.note("le");
        true
    }
    fn gt(&self, _: &Self) -> bool {
        self.note("gt");
        true
    }
    fn ge(&self, _: &Self) -> bool {
        self.note("ge");
        true
    }
}

/// No order has all of these answers, so none can stand in for another.
#[test]
fn each_comparison() {
    let (low, high) = (PoolBox::<Log>::default(), PoolBox::<Log>::default());
    assert!(low == high && low != high && low < high && low <= high && low > high && low >= high);
    assert_eq!(PartialOrd::partial_cmp(&low, &high), None);
    let calls = ["eq", "ne", "lt", "le", "gt", "ge", "partial_cmp"];
    assert_eq!(low.taken(), calls);
    assert!(high.taken().is_empty(), "the left one is asked");
}

macro_rules! write_down {
    ($($method:ident: $number:ty),*) => {
        $(fn $method(&mut self, number: $number) {
            self.note(format!("{} {number}", stringify!($method)));
        })*
    };
}

impl Hasher for Log {
    fn finish(&self) -> u64 {
        self.note("finish");
        77
    }
    fn write(&mut self, bytes: &[u8]) {
        self.note(format!("write {bytes:?}"));
    }
    write_down!(write_u8: u8, write_u16: u16, write_u32: u32, write_u64: u64, write_u128: u128);
    write_down!(write_i8: i8, write_i16: i16, write_i32: i32, write_i64: i64, write_i128: i128);
    write_down!(write_usize: usize, write_isize: isize);
}

#[test]
fn each_write_of_a_hasher() {
    let mut hasher = PoolBox::<Log>::default();
    Hasher::write(&mut hasher, &[1, 2]);
    hasher.write_u8(3);
    hasher.write_u16(4);
    hasher.write_u32(5);
    hasher.write_u64(6);
    hasher.write_u128(7);
    hasher.write_usize(8);
    hasher.write_i8(-3);
    hasher.write_i16(-4);
    hasher.write_i32(-5);
    hasher.write_i64(-6);
    hasher.write_i128(-7);
    hasher.write_isize(-8);
    assert_eq!(hasher.finish(), 77);
    let calls = [
        "write [1, 2]",
        "write_u8 3",
        "write_u16 4",
        "write_u32 5",
        "write_u64 6",
        "write_u128 7",
        "write_usize 8",
        "write_i8 -3",
        "write_i16 -4",
        "write_i32 -5",
        "write_i64 -6",
        "write_i128 -7",
        "write_isize -8",
        "finish",
    ];
    assert_eq!(hasher.taken(), calls);
}

impl Iterator for Log {
    type Item = String;
    fn next(&mut self) -> Option<String> {
        Some("next".into())
    }
    fn size_hint(&self) -> (usize, Option<usize>) {
        (4, Some(6))
    }
    fn nth(&mut self, n: usize) -> Option<String> {
        Some(format!("nth {n}"))
    }
    fn last(self) -> Option<String> {
        Some("last".into())
    }
}

impl DoubleEndedIterator for Log {
    fn next_back(&mut self) -> Option<String> {
        Some("next_back".into())
    }
    fn nth_back(&mut self, n: usize) -> Option<String> {
        Some(format!("nth_back {n}"))
    }
}

impl ExactSizeIterator for Log {
    fn len(&self) -> usize {
        5
    }
}

#[test]
fn each_step_of_an_iterator() {
    let mut steps = PoolBox::<Log>::default();
    let mut seen = vec![steps.next(), steps.nth(2), steps.next_back()];
    seen.push(steps.nth_back(3));
    assert_eq!((steps.size_hint(), steps.len()), ((4, Some(6)), 5));
    seen.push(steps.last());
    let seen: Vec<String> = seen.into_iter().flatten().collect();
    assert_eq!(seen, ["next", "nth 2", "next_back", "nth_back 3", "last"]);
}

#[test]
fn the_source_and_the_cause_of_an_error() {
    #[derive(Debug, Pooled)]
    struct Broken(fmt::Error, core::num::ParseIntError);
    impl fmt::Display for Broken {
        fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(out, "broken")
        }
    }
    impl Error for Broken {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
        fn cause(&self) -> Option<&dyn Error> {
            Some(&self.1)
        }
    }
    let parsed = "x".parse::<i32>().expect_err("not a number");
    let error = PoolBox::new(Broken(fmt::Error, parsed.clone()));
    let text = |found: Option<&dyn Error>| found.map(ToString::to_string);
    let source: Option<&dyn Error> = error.source().map(|found| found as _);
    assert_eq!(text(source), Some(fmt::Error.to_string()));
    #[expect(deprecated, reason = "it is passed on too")]
    let cause = error.cause();
    assert_eq!(text(cause), Some(parsed.to_string()));
}

impl Read for Log {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.note(format!("read {}", buffer.len()));
        Ok(1)
    }
    fn read_vectored(&mut self, buffers: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.note(format!("read_vectored {}", buffers.len()));
        Ok(2)
    }
    fn read_to_end(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        self.note("read_to_end");
        buffer.push(b'e');
        Ok(3)
    }
    fn read_to_string(&mut self, buffer: &mut String) -> Result<usize> {
        self.note("read_to_string");
        buffer.push('s');
        Ok(4)
    }
    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<()> {
        self.note(format!("read_exact {}", buffer.len()));
        Ok(())
    }
}

impl BufRead for Log {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.note("fill_buf");
        Ok(b"full")
    }
    fn consume(&mut self, amount: usize) {
        self.note(format!("consume {amount}"));
    }
    fn read_until(&mut self, byte: u8, buffer: &mut Vec<u8>) -> Result<usize> {
        self.note(format!("read_until {byte}"));
        buffer.push(b'u');
        Ok(5)
    }
    fn skip_until(&mut self, byte: u8) -> Result<usize> {
        self.note(format!("skip_until {byte}"));
        Ok(6)
    }
    fn read_line(&mut self, buffer: &mut String) -> Result<usize> {
        self.note("read_line");
        buffer.push('l');
        Ok(7)
    }
}

#[test]
fn each_way_to_read() {
    let mut log = PoolBox::<Log>::default();
    let (mut bytes, mut text, mut room) = (Vec::new(), String::new(), [0; 9]);
    let mut counts = vec![log.read(&mut room).ok()];
    counts.push(log.read_vectored(&mut [IoSliceMut::new(&mut room)]).ok());
    counts.push(log.read_to_end(&mut bytes).ok());
    counts.push(log.read_to_string(&mut text).ok());
    log.read_exact(&mut room).expect("the value's answer");
    assert_eq!(log.fill_buf().ok(), Some(&b"full"[..]));
    log.consume(8);
    counts.push(log.read_until(9, &mut bytes).ok());
    counts.push(log.skip_until(10).ok());
    counts.push(log.read_line(&mut text).ok());
    assert_eq!(counts, (1..=7).map(Some).collect::<Vec<_>>());
    assert_eq!((bytes.as_slice(), text.as_str()), (&b"eu"[..], "sl"));
    let calls = [
        "read 9",
        "read_vectored 1",
        "read_to_end",
        "read_to_string",
        "read_exact 9",
        "fill_buf",
        "consume 8",
        "read_until 9",
        "skip_until 10",
        "read_line",
    ];
    assert_eq!(log.taken(), calls);
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.note(format!("write {bytes:?}"));
        Ok(1)
    }
    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        self.note(format!("write_vectored {}", buffers.len()));
        Ok(2)
    }
    fn flush(&mut self) -> Result<()> {
        self.note("flush");
        Ok(())
    }
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.note(format!("write_all {bytes:?}"));
        Ok(())
    }
    fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> Result<()> {
        self.note(format!("write_fmt {text}"));
        Ok(())
    }
}

impl Seek for Log {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        self.note(format!("seek {position:?}"));
        Ok(3)
    }
    fn rewind(&mut self) -> Result<()> {
        self.note("rewind");
        Ok(())
    }
    fn stream_position(&mut self) -> Result<u64> {
        self.note("stream_position");
        Ok(4)
    }
    fn seek_relative(&mut self, offset: i64) -> Result<()> {
        self.note(format!("seek_relative {offset}"));
        Ok(())
    }
}

#[test]
fn each_way_to_write_and_to_seek() {
    let mut log = PoolBox::<Log>::default();
    let written = Write::write(&mut log, &[1]).expect("the value's answer");
    let slices = [IoSlice::new(&[2]), IoSlice::new(&[3])];
    assert_eq!((written, log.write_vectored(&slices).ok()), (1, Some(2)));
    log.write_all(&[4]).expect("the value's answer");
    write!(log, "{}", 5).expect("the value's answer");
    log.flush().expect("the value's answer");
    assert_eq!(log.seek(SeekFrom::End(-6)).ok(), Some(3));
    log.rewind().expect("the value's answer");
    assert_eq!(log.stream_position().ok(), Some(4));
    log.seek_relative(-7).expect("the value's answer");
    let calls = [
        "write [1]",
        "write_vectored 2",
        "write_all [4]",
        "write_fmt 5",
        "flush",
        "seek End(-6)",
        "rewind",
        "stream_position",
        "seek_relative -7",
    ];
    assert_eq!(log.taken(), calls);
}

#[cfg(unix)]
#[test]
fn the_descriptor_of_a_file() {
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
    #[derive(Pooled)]
    struct Errors(std::io::Stderr);
    impl AsFd for Errors {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.0.as_fd()
        }
    }
    impl AsRawFd for Errors {
        fn as_raw_fd(&self) -> RawFd {
            self.0.as_raw_fd()
        }
    }
    let boxed = PoolBox::new(Errors(std::io::stderr()));
    assert_eq!((boxed.as_fd().as_raw_fd(), boxed.as_raw_fd()), (2, 2));
}
