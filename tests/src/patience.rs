//! Waiting for what comes by itself, or with another try; what does not come in time fails.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// After this nothing comes any more.
const LIMIT: Duration = Duration::from_secs(if cfg!(miri) { 600 } else { 30 });

/// Waits until `done`, a moment between two looks.
///
/// # Panics
/// If it takes too long; `what` was waited for.
pub fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < LIMIT, "{what}: not within {LIMIT:?}");
        thread::sleep(Duration::from_micros(200));
    }
}

/// Waits until `done`, and collects garbage between two looks: a reader in another test may stand in
/// the way of the first tries.
///
/// # Panics
/// If it takes too long; `what` was waited for.
pub fn collect_until(what: &str, mut done: impl FnMut() -> bool) {
    let start = Instant::now();
    while !done() {
        assert!(start.elapsed() < LIMIT, "{what}: not within {LIMIT:?}");
        sydra_pool::collect_garbage();
        thread::yield_now();
    }
}

/// Whether `holds` stays true whatever is collected; for so long that readers in other tests, which may
/// hold the epoch as well, have gone.
pub fn stays(mut holds: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < Duration::from_millis(if cfg!(miri) { 1 } else { 20 }) {
        sydra_pool::collect_garbage();
        if !holds() {
            return false;
        }
        thread::yield_now();
    }
    true
}

/// Raises a flag when dropped, also by a panic: so that threads that work until it is raised end, and
/// whoever waits for them learns of the panic.
#[derive(Debug)]
pub struct Raise<'a>(pub &'a AtomicBool);

impl Drop for Raise<'_> {
    fn drop(&mut self) {
        self.0.store(true, Relaxed);
    }
}
