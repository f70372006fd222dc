//! The process's resident memory, as users see it.

use std::io::Read;

/// Bytes resident now, read without allocating.
///
/// # Panics
/// If the kernel does not tell.
#[must_use]
pub fn resident_bytes() -> usize {
    let mut text = [0_u8; 128];
    let mut file = std::fs::File::open("/proc/self/statm").expect("the kernel tells sizes");
    let length = file.read(&mut text).expect("the kernel tells sizes");
    let text = std::str::from_utf8(&text[..length]).expect("numbers in ASCII");
    let pages = text
        .split_ascii_whitespace()
        .nth(1)
        .expect("the second number is the resident set");
    pages.parse::<usize>().expect("a number of pages") * page_bytes()
}

/// The system's page size.
#[must_use]
pub fn page_bytes() -> usize {
    // SAFETY: asks for a constant of the system.
    let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(bytes).expect("a page has a size")
}
