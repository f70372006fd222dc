//! What a [`Log`] writes down as a reader and a writer.

use super::Log;
use core::fmt;
use std::io::{BufRead, IoSlice, IoSliceMut, Read, Result, Seek, SeekFrom, Write};

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
