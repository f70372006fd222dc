//! The portable model: the same contract on `std::alloc::System`.
//!
//! For Miri, loom, `--cfg sydra_model` and every target without a module of its own. A reservation
//! is one zeroed allocation, `commit` always succeeds, `purge` writes zeros, waiting is yielding.
//!
//! # Invariants
//! - `OSM-1`: a range given to `purge` and `release` is (part of) a reservation made here, with
//!   the bytes and alignment it was made with. Kept by the callers, which own their reservations.

use super::{ForkHooks, NAME_BYTES, ThreadLabel, faults};
use core::ptr::NonNull;
use std::alloc::{GlobalAlloc, Layout, System};

/// Every reservation is aligned so, whatever was asked, so that `release` knows the layout.
const ALIGN: usize = 64 * 1024;

pub(crate) fn page_bytes() -> usize {
    4096
}

pub(crate) fn reserve(bytes: usize, align: usize) -> Option<NonNull<u8>> {
    if align > ALIGN || !faults::permit() {
        return None;
    }
    let layout = Layout::from_size_align(bytes, ALIGN).ok()?;
    // SAFETY: OSM-1; the layout is valid and not empty (callers reserve at least a page).
    NonNull::new(unsafe { System.alloc_zeroed(layout) })
}

pub(crate) fn release(start: NonNull<u8>, bytes: usize) {
    if let Ok(layout) = Layout::from_size_align(bytes, ALIGN) {
        // SAFETY: OSM-1; made by `reserve` with this layout.
        unsafe { System.dealloc(start.as_ptr(), layout) };
    }
}

pub(crate) fn commit(_start: NonNull<u8>, _bytes: usize) -> bool {
    faults::permit()
}

pub(crate) fn forbid(_start: NonNull<u8>, _bytes: usize) -> bool {
    false
}

pub(crate) fn purge(start: NonNull<u8>, bytes: usize) -> bool {
    // SAFETY: OSM-1; part of a reservation in which no block is alive.
    unsafe { start.write_bytes(0, bytes) };
    true
}

pub(crate) fn advise_huge(_start: NonNull<u8>, _bytes: usize) {}

pub(crate) fn now_ns() -> u64 {
    use std::sync::OnceLock;
    use std::time::Instant;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

pub(crate) fn now_coarse_ms() -> u64 {
    now_ns() / 1_000_000
}

pub(crate) fn wait<Word>(_word: &Word, _while_it_is: u32) {
    #[cfg(loom)]
    loom::thread::yield_now();
    #[cfg(not(loom))]
    std::thread::yield_now();
}

pub(crate) fn wake_one<Word>(_word: &Word) {}

pub(crate) fn processors() -> usize {
    // Where `std` asks the control groups, it allocates, and that may lead back to us.
    if cfg!(any(miri, loom, target_os = "linux", target_os = "android")) {
        return 2;
    }
    std::thread::available_parallelism().map_or(1, core::num::NonZero::get)
}

/// The address of a thread-local.
pub(crate) fn thread_token() -> usize {
    std::thread_local!(static TOKEN: u8 = const { 1 });
    TOKEN.with(|token| core::ptr::from_ref(token).addr())
}

#[cfg(sydra_count)]
pub(crate) fn thread_number() -> usize {
    thread_token()
}

pub(crate) fn at_thread_exit(_hook: unsafe extern "C" fn(*mut core::ffi::c_void)) {}

pub(crate) fn at_fork(_hooks: ForkHooks) -> bool {
    false
}

pub(crate) fn barriers_open() -> bool {
    false
}

pub(crate) fn barrier() -> bool {
    false
}

pub(crate) fn thread_label() -> ThreadLabel {
    ThreadLabel {
        number: thread_token() as u64,
        name: [0; NAME_BYTES],
    }
}

pub(crate) fn write_stderr(bytes: &[u8]) {
    use std::io::Write;
    let _ = std::io::stderr().write_all(bytes);
}

pub(crate) fn abort() -> ! {
    std::process::abort()
}
