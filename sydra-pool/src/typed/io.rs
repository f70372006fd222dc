//! The traits of `std::io` that a `PoolBox` passes through, as `Box` does; the counting pointers those of handles.

use super::stored::Stored;
use super::{PoolArc, PoolBox, PoolRc};
use core::fmt;
use std::io::{BufRead, IoSlice, IoSliceMut, Read, Result, Seek, SeekFrom, Write};
use std::string::String;
use std::vec::Vec;

impl<T: ?Sized + Stored + Read> Read for PoolBox<T> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        self.value_mut().read(buffer)
    }
    fn read_vectored(&mut self, buffers: &mut [IoSliceMut<'_>]) -> Result<usize> {
        self.value_mut().read_vectored(buffers)
    }
    fn read_to_end(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        self.value_mut().read_to_end(buffer)
    }
    fn read_to_string(&mut self, buffer: &mut String) -> Result<usize> {
        self.value_mut().read_to_string(buffer)
    }
    fn read_exact(&mut self, buffer: &mut [u8]) -> Result<()> {
        self.value_mut().read_exact(buffer)
    }
}

impl<T: ?Sized + Stored + Write> Write for PoolBox<T> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.value_mut().write(bytes)
    }
    fn write_vectored(&mut self, buffers: &[IoSlice<'_>]) -> Result<usize> {
        self.value_mut().write_vectored(buffers)
    }
    fn flush(&mut self) -> Result<()> {
        self.value_mut().flush()
    }
    fn write_all(&mut self, bytes: &[u8]) -> Result<()> {
        self.value_mut().write_all(bytes)
    }
    fn write_fmt(&mut self, text: fmt::Arguments<'_>) -> Result<()> {
        self.value_mut().write_fmt(text)
    }
}

impl<T: ?Sized + Stored + BufRead> BufRead for PoolBox<T> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        self.value_mut().fill_buf()
    }
    fn consume(&mut self, amount: usize) {
        self.value_mut().consume(amount);
    }
    fn read_until(&mut self, byte: u8, buffer: &mut Vec<u8>) -> Result<usize> {
        self.value_mut().read_until(byte, buffer)
    }
    fn skip_until(&mut self, byte: u8) -> Result<usize> {
        self.value_mut().skip_until(byte)
    }
    fn read_line(&mut self, buffer: &mut String) -> Result<usize> {
        self.value_mut().read_line(buffer)
    }
}

impl<T: ?Sized + Stored + Seek> Seek for PoolBox<T> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        self.value_mut().seek(position)
    }
    fn rewind(&mut self) -> Result<()> {
        self.value_mut().rewind()
    }
    fn stream_position(&mut self) -> Result<u64> {
        self.value_mut().stream_position()
    }
    fn seek_relative(&mut self, offset: i64) -> Result<()> {
        self.value_mut().seek_relative(offset)
    }
}

/// Passes traits without exclusive access through, as `Box`, `Arc` and `Rc` do.
#[cfg(any(unix, windows))]
macro_rules! handles {
    ($($trait:ident, $method:ident -> $handle:ty;)*) => {
        $(handles!(@each PoolBox PoolArc PoolRc; $trait, $method -> $handle);)*
    };
    (@each $($name:ident)*; $trait:ident, $method:ident -> $handle:ty) => {$(
        impl<T: ?Sized + Stored + $trait> $trait for $name<T> {
            fn $method(&self) -> $handle {
                (**self).$method()
            }
        }
    )*};
}

#[cfg(unix)]
mod unix {
    use super::{PoolArc, PoolBox, PoolRc, Stored};
    use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};

    handles! {
        AsFd, as_fd -> BorrowedFd<'_>;
        AsRawFd, as_raw_fd -> RawFd;
    }
}

#[cfg(windows)]
mod windows {
    use super::{PoolArc, PoolBox, PoolRc, Stored};
    use std::os::windows::io::{AsHandle, AsSocket, BorrowedHandle, BorrowedSocket};

    handles! {
        AsHandle, as_handle -> BorrowedHandle<'_>;
        AsSocket, as_socket -> BorrowedSocket<'_>;
    }
}
