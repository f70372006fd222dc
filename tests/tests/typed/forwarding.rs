//! Every method of a trait that `PoolBox` passes on arrives at the value's own method.

use core::pin::Pin;
use std::io::{BufRead, IoSlice, IoSliceMut, Read, Seek, SeekFrom, Write};

use sydra_pool::{PoolBox, Pooled};
use tests::noted::{self, Broken, Log, Wakes};

#[test]
fn each_comparison() {
    noted::each_comparison(&PoolBox::default(), &PoolBox::default());
}

#[test]
fn each_write_of_a_hasher() {
    noted::each_write_of_a_hasher(PoolBox::<Log>::default());
}

#[test]
fn each_step_of_an_iterator() {
    noted::each_step_of_an_iterator(PoolBox::<Log>::default());
}

#[test]
fn the_source_and_the_cause_of_an_error() {
    noted::the_source(&PoolBox::<Broken>::default());
}

#[test]
fn texts_and_addresses_with_all_a_format_asks_for() {
    noted::shown_alike(&PoolBox::<Broken>::default());
}

#[test]
fn the_waker_of_the_caller() {
    noted::the_callers_waker(Pin::new(&mut PoolBox::<Wakes>::default()));
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
