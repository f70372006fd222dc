//! `fork` in tests: children that end, one way or the other, and threads that need nothing of `std`.

use core::ffi::c_void;
use core::ptr::{null, null_mut};
use std::thread;
use std::time::{Duration, Instant};

/// After this a forked child counts as stuck.
const LIMIT: Duration = Duration::from_secs(20);

/// Waits for `child`; a stuck one is killed and reported.
///
/// # Panics
/// If it is stuck, or ended other than by exit code 0.
pub fn wait_for(child: libc::pid_t) {
    let start = Instant::now();
    loop {
        let mut status = 0;
        // SAFETY: our own child, and a place for its status.
        let ended = unsafe { libc::waitpid(child, &raw mut status, libc::WNOHANG) };
        if ended == child {
            let clean = libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0;
            assert!(clean, "a forked child ended with status {status:#x}");
            return;
        }
        if start.elapsed() > LIMIT {
            // SAFETY: our own child, not waited for yet, so the number is still its own.
            unsafe { libc::kill(child, libc::SIGKILL) };
            panic!("a forked child is stuck");
        }
        thread::sleep(Duration::from_micros(200));
    }
}

/// Starts a thread by the system's own call and waits for it: `std` takes a lock of its own when a
/// thread starts, which another thread of the parent may have held during the fork.
///
/// # Panics
/// If the system gives no thread. A panic in `run` aborts the process, which a parent sees.
pub fn in_a_bare_thread(run: extern "C" fn(*mut c_void) -> *mut c_void) {
    let mut thread = 0;
    // SAFETY: a place for the thread's name, the default attributes, a function that never unwinds
    // into its caller.
    let made = unsafe { libc::pthread_create(&raw mut thread, null(), run, null_mut()) };
    assert_eq!(made, 0, "a thread in the child");
    // SAFETY: just made, waited for once.
    let joined = unsafe { libc::pthread_join(thread, null_mut()) };
    assert_eq!(joined, 0, "the thread in the child ends");
}
