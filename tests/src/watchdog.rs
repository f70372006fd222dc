//! A watchdog: what hangs is stopped with a message, so that a deadlock fails and does not wait.

use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// Aborts the process unless it is dropped in time.
#[derive(Debug)]
pub struct Watchdog {
    _leash: SyncSender<()>,
}

impl Watchdog {
    /// Lets `limit` pass before it barks.
    ///
    /// # Panics
    /// If no thread can be started.
    #[must_use]
    pub fn new(name: &'static str, limit: Duration) -> Self {
        let (leash, collar) = sync_channel::<()>(0);
        let watch = move || {
            if collar.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                eprintln!("{name}: still running after {limit:?}");
                std::process::abort();
            }
        };
        std::thread::Builder::new()
            .name("watchdog".into())
            .spawn(watch)
            .expect("a thread for the watchdog");
        Self { _leash: leash }
    }
}
