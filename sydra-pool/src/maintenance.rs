//! Maintenance in the background, for processes that stop allocating or retiring.

use crate::local;
use crate::reclaim::Budget;
use core::fmt;
use core::time::Duration;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// Calls [`maintain`](crate::maintain) every `period` in a thread of its own, until the handle is
/// dropped.
///
/// The period is at least a millisecond. In the child of a `fork` there is no such thread; a handle
/// that was made in the parent must be forgotten there, not dropped. Drops of retired values run in that
/// thread.
///
/// Not needed as long as the program itself passes slow paths now and then. It lets a process that has
/// become idle give its memory back and drop what it has retired.
///
/// ```
/// use std::time::Duration;
///
/// let maintenance = sydra_pool::maintain_in_background(Duration::from_millis(100))?;
/// // .. the program ..
/// drop(maintenance);
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// If the system gives no thread.
pub fn maintain_in_background(period: Duration) -> std::io::Result<Maintenance> {
    let period = period.max(Duration::from_millis(1));
    let stop = Arc::new((Mutex::new(false), Condvar::new()));
    let theirs = Arc::clone(&stop);
    let thread = thread::Builder::new()
        .name("sydra-maintain".into())
        .spawn(move || run(&theirs, period))?;
    Ok(Maintenance {
        stop,
        thread: Some(thread),
    })
}

fn run((stop, changed): &(Mutex<bool>, Condvar), period: Duration) {
    let mut stopped = stop.lock().unwrap_or_else(PoisonError::into_inner);
    while !*stopped {
        let (guard, waited) = changed
            .wait_timeout(stopped, period)
            .unwrap_or_else(PoisonError::into_inner);
        stopped = guard;
        if waited.timed_out() && !*stopped {
            drop(stopped);
            local::maintain(Budget::ALL);
            stopped = stop.lock().unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Maintenance in the background, until dropped; see [`maintain_in_background`].
#[must_use = "dropping it ends the maintenance"]
pub struct Maintenance {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Maintenance {
    /// Waits until the thread has ended, unless it is the one that drops it.
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take()
            && thread.thread().id() != thread::current().id()
        {
            // Drops of retired values that panic are caught, so it has not panicked.
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Maintenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Maintenance").finish_non_exhaustive()
    }
}
