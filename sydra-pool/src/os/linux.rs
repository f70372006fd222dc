//! Linux: `mmap`, `mprotect`, `madvise`, futex, `clock_gettime`, `pthread_atfork`.
//!
//! # Invariants
//! - `OSL-1`: arguments of a system call here are either plain numbers or pointers to memory that
//!   is alive for the whole call. Made by each function; used by each `unsafe` block in this file.
//! - `OSL-2`: a range given to `commit`, `purge`, `advise_huge` and `release` lies within one
//!   reservation of this process, so no call touches a stranger's mapping. Made by `reserve`; kept
//!   by the callers (`meta`, `space`), which own their reservations; checked by nobody else.
//!
//! # Not here
//! Policy: when to commit, purge or ask for huge pages is the business of `space`.

use super::{ForkHooks, NAME_BYTES, ThreadLabel, faults};
use core::ptr::NonNull;
use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering, Ordering::Relaxed};

/// Runs `body` and puts `errno` back as it was, so that freeing memory between a failing call and
/// the look at its error does no harm.
fn keep_errno<R>(body: impl FnOnce() -> R) -> R {
    // SAFETY: OSL-1; the pointer to this thread's `errno` is valid while the thread lives.
    let place = unsafe { libc::__errno_location() };
    // SAFETY: OSL-1; as above.
    let before = unsafe { place.read() };
    let result = body();
    // SAFETY: OSL-1; as above.
    unsafe { place.write(before) };
    result
}

pub(crate) fn page_bytes() -> usize {
    static PAGE: AtomicUsize = AtomicUsize::new(0);
    match PAGE.load(Relaxed) {
        0 => {
            // SAFETY: OSL-1; a number in, a number out.
            let bytes = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
            let bytes = usize::try_from(bytes).unwrap_or(4096);
            PAGE.store(bytes, Relaxed);
            bytes
        }
        bytes => bytes,
    }
}

fn map(bytes: usize) -> Option<NonNull<u8>> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: OSL-1; a fresh anonymous mapping at an address of the kernel's choice.
    let start = unsafe { libc::mmap(core::ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        None
    } else {
        NonNull::new(start.cast())
    }
}

/// Reserves `bytes` (a multiple of the page) aligned to `align` (a power of two, at least a page).
pub(crate) fn reserve(bytes: usize, align: usize) -> Option<NonNull<u8>> {
    if !faults::permit() {
        return None;
    }
    keep_errno(|| {
        let whole = bytes.checked_add(align)?;
        let start = map(whole)?;
        let ahead = start.addr().get().wrapping_neg() & (align - 1);
        // SAFETY: OSL-2; `ahead < align`, so the sum stays within the mapping just made.
        let aligned = unsafe { start.add(ahead) };
        if ahead > 0 {
            // SAFETY: OSL-2; the part before the aligned start, a multiple of the page.
            unsafe { libc::munmap(start.as_ptr().cast(), ahead) };
        }
        if align > ahead {
            // SAFETY: OSL-2; one past the kept range, still within the mapping.
            let behind = unsafe { aligned.add(bytes) };
            // SAFETY: OSL-2; the part behind the kept range.
            unsafe { libc::munmap(behind.as_ptr().cast(), align - ahead) };
        }
        Some(aligned)
    })
}

/// Gives a whole reservation back.
pub(crate) fn release(start: NonNull<u8>, bytes: usize) {
    keep_errno(|| {
        // SAFETY: OSL-2; the caller ends its reservation and holds no pointer into it.
        unsafe { libc::munmap(start.as_ptr().cast(), bytes) };
    });
}

pub(crate) fn commit(start: NonNull<u8>, bytes: usize) -> bool {
    faults::permit()
        && keep_errno(|| {
            let access = libc::PROT_READ | libc::PROT_WRITE;
            // SAFETY: OSL-2; part of the caller's reservation.
            unsafe { libc::mprotect(start.as_ptr().cast(), bytes, access) == 0 }
        })
}

pub(crate) fn forbid(start: NonNull<u8>, bytes: usize) -> bool {
    keep_errno(|| {
        // SAFETY: OSL-2; part of the caller's reservation, which nobody is to touch.
        unsafe { libc::mprotect(start.as_ptr().cast(), bytes, libc::PROT_NONE) == 0 }
    })
}

pub(crate) fn purge(start: NonNull<u8>, bytes: usize) -> bool {
    keep_errno(|| {
        // SAFETY: OSL-2; part of the caller's reservation, in which no block is alive.
        unsafe { libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_DONTNEED) == 0 }
    })
}

pub(crate) fn advise_huge(start: NonNull<u8>, bytes: usize) {
    keep_errno(|| {
        // SAFETY: OSL-2; advice only, contents stay.
        unsafe { libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE) };
    });
}

fn clock(which: libc::clockid_t) -> libc::timespec {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: OSL-1; `time` is alive and writable.
    unsafe { libc::clock_gettime(which, &raw mut time) };
    time
}

pub(crate) fn now_ns() -> u64 {
    let time = clock(libc::CLOCK_MONOTONIC);
    (time.tv_sec as u64)
        .wrapping_mul(1_000_000_000)
        .wrapping_add(time.tv_nsec as u64)
}

pub(crate) fn now_coarse_ms() -> u64 {
    let time = clock(libc::CLOCK_MONOTONIC_COARSE);
    (time.tv_sec as u64)
        .wrapping_mul(1000)
        .wrapping_add(time.tv_nsec as u64 / 1_000_000)
}

pub(crate) fn wait(word: &AtomicU32, while_it_is: u32) {
    keep_errno(|| {
        let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
        let no_timeout = core::ptr::null::<libc::timespec>();
        // SAFETY: OSL-1; the word is borrowed for the whole call.
        unsafe {
            libc::syscall(
                libc::SYS_futex,
                word.as_ptr(),
                operation,
                while_it_is,
                no_timeout,
            );
        }
    });
}

pub(crate) fn wake_one(word: &AtomicU32) {
    keep_errno(|| {
        let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: OSL-1; the word is borrowed for the whole call.
        unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, 1) };
    });
}

pub(crate) fn processors() -> usize {
    keep_errno(|| {
        // SAFETY: OSL-1; a set of bits, for which all zeros is a value.
        let mut set: libc::cpu_set_t = unsafe { core::mem::zeroed() };
        let bytes = size_of::<libc::cpu_set_t>();
        // SAFETY: OSL-1; `set` is alive, writable and `bytes` long.
        let answer = unsafe { libc::sched_getaffinity(0, bytes, &raw mut set) };
        if answer != 0 {
            return 1;
        }
        // SAFETY: OSL-1; reads the set.
        let count = unsafe { libc::CPU_COUNT(&set) };
        usize::try_from(count).unwrap_or(1).max(1)
    })
}

pub(crate) fn thread_token() -> usize {
    // SAFETY: OSL-1; no arguments, cannot fail.
    unsafe { libc::pthread_self() as usize }
}

#[cfg(sydra_count)]
pub(crate) fn thread_number() -> usize {
    // SAFETY: OSL-1; no arguments, cannot fail.
    unsafe { libc::syscall(libc::SYS_gettid) as usize }
}

/// Runs `hook` when the calling thread ends, by a pthread key: after the destructors of
/// thread-locals, in the same round as other keys' destructors or in the next.
pub(crate) fn at_thread_exit(hook: unsafe extern "C" fn(*mut libc::c_void)) {
    /// The key plus one; 0 before it is made.
    static KEY: AtomicU32 = AtomicU32::new(0);
    keep_errno(|| {
        // ORDERING: Acquire pairs with the Release of the exchange below: who sees the key finds it
        // made.
        let mut key = KEY.load(Ordering::Acquire);
        if key == 0 {
            let mut made: libc::pthread_key_t = 0;
            // SAFETY: OSL-1; `made` is alive and writable.
            if unsafe { libc::pthread_key_create(&raw mut made, Some(hook)) } != 0 {
                return;
            }
            // ORDERING: Release pairs with the Acquire of the load above and of this exchange when
            // it loses.
            key = match KEY.compare_exchange(0, made + 1, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => made + 1,
                Err(other) => {
                    // SAFETY: OSL-1; our own key, which nobody has seen.
                    unsafe { libc::pthread_key_delete(made) };
                    other
                }
            };
        }
        // SAFETY: OSL-1; a key of ours; the value is never followed, it only must not be null.
        unsafe { libc::pthread_setspecific(key - 1, core::ptr::without_provenance(1)) };
    });
}

pub(crate) fn at_fork(hooks: ForkHooks) -> bool {
    // SAFETY: OSL-1; the three functions are plain and live for ever.
    unsafe {
        libc::pthread_atfork(
            Some(as_hook(hooks.prepare)),
            Some(as_hook(hooks.parent)),
            Some(as_hook(hooks.child)),
        ) == 0
    }
}

fn as_hook(hook: extern "C" fn()) -> unsafe extern "C" fn() {
    hook
}

/// `membarrier`'s command to register, and the one to use (linux/membarrier.h).
const MEMBARRIER_PRIVATE_EXPEDITED: libc::c_int = 1 << 3;
const MEMBARRIER_REGISTER_PRIVATE_EXPEDITED: libc::c_int = 1 << 4;

fn membarrier(command: libc::c_int) -> bool {
    // SAFETY: OSL-1; numbers only.
    keep_errno(|| unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 })
}

pub(crate) fn barriers_open() -> bool {
    membarrier(MEMBARRIER_REGISTER_PRIVATE_EXPEDITED)
}

pub(crate) fn barrier() -> bool {
    membarrier(MEMBARRIER_PRIVATE_EXPEDITED)
}

pub(crate) fn thread_label() -> ThreadLabel {
    let mut name = [0_u8; NAME_BYTES];
    let number = keep_errno(|| {
        // SAFETY: OSL-1; the name is alive, writable and as long as the kernel's.
        unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
        // SAFETY: OSL-1; no arguments.
        unsafe { libc::syscall(libc::SYS_gettid) }
    });
    ThreadLabel {
        number: number as u64,
        name,
    }
}

pub(crate) fn write_stderr(bytes: &[u8]) {
    // SAFETY: OSL-1; the slice is alive for the whole call. A short write loses the tail, no more.
    unsafe { libc::write(2, bytes.as_ptr().cast(), bytes.len()) };
}

pub(crate) fn abort() -> ! {
    // SAFETY: OSL-1; does not return.
    unsafe { libc::abort() }
}
