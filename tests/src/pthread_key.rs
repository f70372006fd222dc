//! Work at the very end of a thread: in the destructor of a POSIX key, which on Linux runs after
//! every destructor of a `thread_local!`.

use core::ffi::c_void;
use std::sync::OnceLock;

type Work = Box<dyn FnOnce()>;

/// Runs `work` when the calling thread has torn down its thread-locals.
///
/// # Panics
/// If the thread has such work already, or the system has no key left.
pub fn run_last(work: impl FnOnce() + 'static) {
    static KEY: OnceLock<libc::pthread_key_t> = OnceLock::new();
    let key = *KEY.get_or_init(|| {
        let mut key = 0;
        // SAFETY: the key's place is ours; the destructor takes what `run_last` sets.
        let result = unsafe { libc::pthread_key_create(&raw mut key, Some(run)) };
        assert_eq!(result, 0, "a key for the thread's end");
        key
    });
    // SAFETY: the key exists.
    let earlier = unsafe { libc::pthread_getspecific(key) };
    assert!(earlier.is_null(), "one piece of last work a thread");
    let work: Box<Work> = Box::new(Box::new(work));
    // SAFETY: the key exists; the value is given to `run`, which owns it.
    let result = unsafe { libc::pthread_setspecific(key, Box::into_raw(work).cast()) };
    assert_eq!(result, 0, "the thread keeps its last work");
}

unsafe extern "C" fn run(work: *mut c_void) {
    // SAFETY: the value is what `run_last` set, given over once: the system clears the key first.
    let work = unsafe { Box::from_raw(work.cast::<Work>()) };
    work();
}
