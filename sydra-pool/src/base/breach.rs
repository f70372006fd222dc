//! A breach: an invariant that only a bug of the program (or of this crate) can break.
//!
//! The answer is one line on file descriptor 2 from a buffer on the stack, then `abort`. Nothing
//! here allocates, locks or unwinds, so it works inside an allocator, a signal handler and a
//! thread that is being torn down.
//!
//! # Not here
//! Shortages. Out of memory is a value (`None`, null, `AllocError`), never a breach.

use core::fmt::{self, Write};

/// Bytes of one report; what is longer is cut.
const REPORT_BYTES: usize = 400;

struct Report {
    bytes: [u8; REPORT_BYTES],
    length: usize,
}

impl Write for Report {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = REPORT_BYTES - self.length;
        let taken = text.len().min(room);
        self.bytes[self.length..self.length + taken].copy_from_slice(&text.as_bytes()[..taken]);
        self.length += taken;
        Ok(())
    }
}

/// Reports a breach and aborts the process.
#[cold]
#[inline(never)]
pub(crate) fn stop(what: fmt::Arguments<'_>) -> ! {
    let mut report = Report {
        bytes: [0; REPORT_BYTES],
        length: 0,
    };
    // `Report` never fails, so neither line can be lost.
    let _ = report.write_str("sydra-pool: ");
    let _ = report.write_fmt(what);
    let _ = report.write_str("\n");
    crate::os::write_stderr(&report.bytes[..report.length]);
    crate::os::abort()
}

/// Stops the process with a formatted line; see [`stop`].
macro_rules! breach {
    ($($what:tt)*) => { $crate::base::breach::stop(format_args!($($what)*)) };
}
pub(crate) use breach;
